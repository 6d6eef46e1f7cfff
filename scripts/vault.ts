/**
 * The vault, from the command line: `npm run vault -- <command>`. Reads the settings of the server (and `.env`); the server may
 * be running.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SealKey } from '../recordings/seal/seal-key.ts'
import { LocalFolder } from '../recordings/store/local-folder.ts'
import { readKeyRecord } from '../recordings/vault/key-record.ts'
import { VaultKeyError } from '../recordings/vault/key-wrapper.ts'
import { Vault } from '../recordings/vault/vault.ts'
import { KEY_FILE, VAULT_FILE } from '../recordings/vault/vault-names.ts'
import { decideConfig } from '../server/config.ts'
import { readEnv } from '../server/env.ts'
import { openKeyRing } from '../server/evidence/open-key-ring.ts'
import { createLogger } from '../server/logger.ts'

const USAGE = `npm run vault -- status                  calls by the master key that opens them
npm run vault -- rotate                  wraps every call's key with the current master key; again goes on where it stopped
npm run vault -- decrypt <folder> <out>  writes the plain files of one call into a new folder`

/** @returns the exit code */
export async function runVault(
  args: readonly string[],
  o: { env: Record<string, string | undefined>; say: (line: string) => void },
): Promise<number> {
  const [command, folder, out] = args
  if (command !== 'status' && command !== 'rotate' && !(command === 'decrypt' && folder && out)) {
    o.say(USAGE)
    return 1
  }
  const config = decideConfig(readEnv(o.env), process.cwd())
  const keys = await openKeyRing(config.vault, createLogger({ level: 'warn' }))
  const sealKey = await SealKey.loadOrCreate(join(config.dataDir, 'secrets'))
  const vault = new Vault({ keys, sealKey })
  if (command === 'decrypt' && folder && out) return decrypt(vault, folder, out, o.say)

  const current = await keys.currentId()
  const found = new Map<string, { calls: number; opens: boolean }>()
  const results = new Map<string, number>()
  const count = (what: string) => results.set(what, (results.get(what) ?? 0) + 1)
  for (const call of await callFolders(join(config.dataDir, 'recordings'))) {
    const stored = new LocalFolder(call)
    if (command === 'rotate' && existsSync(join(call, KEY_FILE))) {
      try {
        count(await vault.rewrap(stored))
      } catch (error) {
        if (!(error instanceof VaultKeyError)) throw error
        count(`failed: ${error.code}`)
        o.say(`${basename(call)}\t${error.message}`)
      }
    }
    const id = await masterKeyOf(stored)
    const row = found.get(id) ?? { calls: 0, opens: keys.knows(id) }
    found.set(id, { ...row, calls: row.calls + 1 })
  }
  for (const [what, calls] of results) o.say(`${what}\t${calls} calls`)
  for (const [id, { calls, opens }] of [...found].sort())
    o.say(
      `${id}\t${calls} calls\t${id === current ? 'current' : opens ? 'old, still configured' : 'NOT CONFIGURED HERE'}`,
    )
  return [...results.keys()].some(what => what.startsWith('failed')) ? 1 : 0
}

/** Also of a call whose other files are in a cold store: the key stays here. */
async function masterKeyOf(stored: LocalFolder): Promise<string> {
  if (!(await stored.has(VAULT_FILE)) && !(await stored.has(KEY_FILE))) return '(plain)'
  try {
    return (await readKeyRecord(stored)).masterKeyId
  } catch (error) {
    if (error instanceof VaultKeyError) return `(${error.code})`
    throw error
  }
}

async function callFolders(root: string): Promise<string[]> {
  const folders: string[] = []
  for (const day of (await readdir(root).catch(() => [])).filter(name => /^\d{4}-\d\d-\d\d$/.test(name)).sort())
    for (const call of (await readdir(join(root, day))).filter(name => /^call_[0-9a-z]{20}$/.test(name)).sort())
      folders.push(join(root, day, call))
  return folders
}

async function decrypt(vault: Vault, folder: string, out: string, say: (line: string) => void): Promise<number> {
  if (existsSync(out)) {
    say(`${out} is there already`)
    return 1
  }
  const files = await vault.filesOf(new LocalFolder(folder))
  for (const { path } of await files.list()) {
    await mkdir(dirname(join(out, path)), { recursive: true, mode: 0o700 })
    await writeFile(join(out, path), await files.stream(path), { mode: 0o600, flag: 'wx' })
    say(path)
  }
  return 0
}

if (import.meta.main) {
  try {
    process.loadEnvFile('.env')
  } catch {
    // There is none: the defaults hold.
  }
  try {
    process.exitCode = await runVault(process.argv.slice(2), {
      env: process.env,
      say: line => process.stdout.write(`${line}\n`),
    })
  } catch (error) {
    process.stderr.write(`vault: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
