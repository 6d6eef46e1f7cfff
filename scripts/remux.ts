/**
 * Makes a call's derivatives once more and says whether they are what `derived/manifest.json` says. Changes nothing.
 *
 *   node scripts/remux.ts <folder> [--data data]
 *
 * Encrypted records are read with the settings of the server (`--data` is its data folder). Exit code 0: the same bytes.
 * 1: something differs. 2: wrong usage, or nothing was made of this call yet. Other versions of ffmpeg or of the muxer may give
 * other bytes; the versions are printed.
 */
import { parseArgs } from 'node:util'
import { checkRemux } from '../recordings/mux/check-remux.ts'
import { WorkFolder } from '../recordings/vault/work-folder.ts'
import { decideConfig } from '../server/config.ts'
import { readEnv } from '../server/env.ts'
import { openVaultReader } from '../server/evidence/open-vault-reader.ts'

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { data: { type: 'string', default: 'data' } },
  })
  const [folder] = positionals
  if (folder === undefined || positionals.length !== 1) {
    console.error('usage: node scripts/remux.ts <folder> [--data data]')
    return 2
  }
  const config = decideConfig(readEnv({ ...process.env, TONGPING_DATA_DIR: values.data }), process.cwd())
  const filesIn = await openVaultReader(values.data, process.env)
  const work = await WorkFolder.open(config.workDir)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  try {
    const { ffmpegBin } = config
    const files = await filesIn(folder)
    const verdict = await work.with(workFolder =>
      checkRemux(files, { ffmpegBin, workFolder, signal: stop.signal, onProgress: () => undefined }),
    )
    if (verdict === undefined) {
      console.error('nothing was made of this call yet')
      return 2
    }
    for (const { path, kind } of verdict.findings) console.log(`${kind.padEnd(10)}${path}`)
    const { now, before } = verdict.tools
    console.log(`made by   ${before.muxer}, ${before.ffmpeg}`)
    console.log(`now       ${now.muxer}, ${now.ffmpeg}`)
    console.log(verdict.same ? 'THE SAME BYTES' : 'DIFFERENT')
    return verdict.same ? 0 : 1
  } finally {
    await work.close()
  }
}

process.exitCode = await main()
