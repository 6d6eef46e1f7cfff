import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { TsaClient } from '../recordings/anchor/tsa-client.ts'
import { encryptedCall, sealedCall } from '../recordings/vault/fixture.ts'
import { OpensslTsa } from '../test/harness/openssl-tsa.ts'
import { buildVerifier } from './build-verifier.mjs'

t.test('[VF5] one small file verifies both forms in an empty folder, with an empty environment', async t => {
  const [plain, encrypted] = [await sealedCall(t, 100), await encryptedCall(t, 100)]
  const empty = join(plain.root, 'empty')
  await mkdir(empty)
  const file = join(empty, 'verify-archive.mjs')
  const bytes = await buildVerifier()
  t.ok(bytes.length < 600_000, `${bytes.length} bytes`)
  writeFileSync(file, bytes)
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
      cwd: empty,
      env: {},
      encoding: 'utf8',
    })
    return { status, said: stdout + stderr }
  }
  const keyOf = (call: { root: string }) => join(call.root, 'keys/seal-key.pub.pem')
  t.match(run(plain.folder, '--key', keyOf(plain)), { status: 0, said: /^INTACT[\s\S]*plain content/ })
  t.match(run(encrypted.folder, '--key', keyOf(encrypted)), { status: 0, said: /^INTACT[\s\S]*encrypted form/ })
  const dataKey = encrypted.dataKey.toString('base64')
  const opened = run(encrypted.folder, '--key', keyOf(encrypted), '--data-key', dataKey)
  t.match(opened, { status: 0, said: /^INTACT[\s\S]*plain content/ })
  const masterKey = join(encrypted.root, 'keys/vault-master.key')
  t.match(run(encrypted.folder, '--master-key', masterKey), { status: 0, said: /plain content/ })
  const wrong = Buffer.alloc(32, 1).toString('base64')
  t.match(run(encrypted.folder, '--data-key', wrong), { status: 1, said: /the key does not belong to this call/ })

  const track = join(encrypted.folder, 'tracks/caller-voice-1.rtpj.tpv')
  const good = readFileSync(track)
  writeFileSync(track, good.subarray(0, good.length - 1000))
  const cut = run(encrypted.folder)
  t.match(cut, { status: 1, said: /tracks\/caller-voice-1\.rtpj: the end was cut off/ })
  t.match(run(), { status: 2, said: /usage/ })
})

t.test('[AN26] the time stamps of an encrypted call are checked without its key, by the single file too', async t => {
  const tsa = await OpensslTsa.start('good')
  t.teardown(() => tsa.close())
  const call = await encryptedCall(t, 100)
  const stamp = async (bytes: Buffer) =>
    (await new TsaClient({ urls: [tsa.url], authorities: [tsa.caPem] }).stamp(bytes)).response
  const files = await call.vault.filesOf(call.stored)
  await files.put('derived/stamp/manifest-1.tsr', [await stamp(await files.read('manifest.json'))])
  const file = join(call.root, 'verify-archive.mjs')
  writeFileSync(file, await buildVerifier())
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, call.folder, ...args], {
      env: {},
      encoding: 'utf8',
    })
    return { status, said: stdout + stderr }
  }
  const stamped = /stamped {3}\d{4}-.*Z by Test TSA, Tongping tests\n/
  t.match(run('--ca', tsa.caFile), { status: 0, said: stamped })
  t.match(run('--ca', tsa.caFile), { said: /encrypted form \(no key needed or used\)/ })
  t.match(run('--ca', tsa.caFile, '--data-key', call.dataKey.toString('base64')), { status: 0, said: stamped })
  t.match(run(), { status: 0, said: /not checked who that is/ })
  await files.put('derived/stamp/manifest-1.tsr', [await stamp(Buffer.from('another manifest'))])
  t.match(run('--ca', tsa.caFile), { status: 1, said: /time stamp does not hold \(imprint-wrong\)/ })
})
