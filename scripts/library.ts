/**
 * The library of diagrams, from the command line: `npm run library -- <command>`. Reads the settings of the server (and
 * `.env`), so it works on the same data folder; the server may be running.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PictureIntake } from '../media/picture/intake.ts'
import { Library } from '../server/assist/library.ts'
import { addSamples } from '../server/assist/library-samples.ts'
import { decideConfig } from '../server/config.ts'
import { readEnv } from '../server/env.ts'
import { createLogger } from '../server/logger.ts'
import { openDatabase } from '../server/store/database.ts'
import { Diagrams } from '../server/store/diagrams.ts'
import type { Diagram } from '../signaling/protocol/diagram.ts'

const USAGE = `npm run library -- add <picture> --product <name> --fault <name> --title <words>
npm run library -- list [words]
npm run library -- remove <diagramId>
npm run library -- samples

The same product and fault again is a new version of the diagram. Removing hides it from agents; calls keep what they showed.`

/** @returns the exit code */
export async function runLibrary(
  args: readonly string[],
  o: { env: Record<string, string | undefined>; say: (line: string) => void },
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { product: { type: 'string' }, fault: { type: 'string' }, title: { type: 'string' } },
  })
  const [command, ...rest] = positionals
  if (command === undefined || !['add', 'list', 'remove', 'samples'].includes(command)) {
    o.say(USAGE)
    return 1
  }
  const config = decideConfig(readEnv(o.env), process.cwd())
  const intake = await PictureIntake.create({ logger: createLogger({ level: 'warn' }) })
  const db = await openDatabase(join(config.dataDir, 'index.sqlite'))
  try {
    const library = new Library({
      folder: join(config.dataDir, 'library'),
      diagrams: new Diagrams(db),
      take: bytes => intake.take(bytes),
    })
    switch (command) {
      case 'add': {
        const { product, fault, title } = values
        const [file] = rest
        if (!file || !product || !fault || !title) {
          o.say(USAGE)
          return 1
        }
        o.say(lineOf(await library.add(await readFile(file), { product, fault, title })))
        return 0
      }
      case 'list':
        for (const diagram of await library.search(rest.join(' '))) o.say(lineOf(diagram))
        return 0
      case 'remove':
        if (await library.remove(rest[0] ?? '')) return 0
        o.say('no such diagram; see: npm run library -- list')
        return 1
      default:
        for (const diagram of await addSamples(library)) o.say(lineOf(diagram))
        return 0
    }
  } finally {
    await intake.close()
    await db.close()
  }
}

function lineOf({ diagramId, version, product, fault, title, widthPx, heightPx }: Diagram): string {
  return [diagramId, `v${version}`, product, fault, title, `${widthPx}×${heightPx}`].join('\t')
}

if (import.meta.main) {
  try {
    process.loadEnvFile('.env')
  } catch {
    // There is none: the defaults hold.
  }
  try {
    process.exitCode = await runLibrary(process.argv.slice(2), {
      env: process.env,
      say: line => process.stdout.write(`${line}\n`),
    })
  } catch (error) {
    process.stderr.write(`library: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
