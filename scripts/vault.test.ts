import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { verifyArchive } from '../recordings/seal/verify-archive.ts'
import { encryptedCall } from '../recordings/vault/fixture.ts'
import { PlainCallFiles } from '../recordings/vault/plain-call-files.ts'
import { runVault } from './vault.ts'

t.test('[VT16] the command line shows who opens what, rotates (again does nothing), and decrypts one call', async t => {
  const call = await encryptedCall(t, 50)
  const data = join(call.root, 'data')
  const folder = join(data, 'recordings/2026-01-02', basename(call.folder))
  cpSync(call.folder, folder, { recursive: true })
  const run = async (env: Record<string, string>, ...args: string[]) => {
    const said: string[] = []
    const code = await runVault(args, { env: { TONGPING_DATA_DIR: data, ...env }, say: line => said.push(line) })
    return { code, said: said.join('\n') }
  }
  const old = readFileSync(join(call.root, 'keys/vault-master.key'), 'utf8').trim()
  const next = randomBytes(32).toString('base64')
  t.match(await run({ TONGPING_VAULT_KEY: old }, 'status'), { code: 0, said: /local:\w{16}\t1 calls\tcurrent/ })
  t.match(await run({ TONGPING_VAULT_KEY: next }, 'status'), { code: 0, said: /NOT CONFIGURED HERE/ })
  t.match(await run({ TONGPING_VAULT_KEY: next }, 'rotate'), { code: 1, said: /failed: unknown-master-key\t1 calls/ })
  const both = { TONGPING_VAULT_KEY: next, TONGPING_VAULT_OLD_KEYS: old }
  t.match(await run(both, 'rotate'), { code: 0, said: /rewrapped\t1 calls\nlocal:\w{16}\t1 calls\tcurrent/ })
  t.match(await run(both, 'rotate'), { code: 0, said: /current\t1 calls/ })
  const out = join(call.root, 'out', call.callId)
  t.match(await run({ TONGPING_VAULT_KEY: next }, 'decrypt', folder, out), { code: 0 })
  t.ok((await verifyArchive(new PlainCallFiles(out), { trustedKeys: call.trustedKeys })).intact)
  t.match(await run({ TONGPING_VAULT_KEY: next }, 'decrypt', folder, out), { code: 1, said: /is there already/ })
  t.match(await run({}, 'nonsense'), { code: 1, said: /npm run vault/ })
  rmSync(data, { recursive: true })
  t.notOk(existsSync(data))
})
