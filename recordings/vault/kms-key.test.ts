import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { verifyArchive } from '../seal/verify-archive.ts'
import { LocalFolder } from '../store/local-folder.ts'
import { sealedCall, vaultFor } from './fixture.ts'
import { KeyRing } from './key-ring.ts'
import { KmsKey } from './kms-key.ts'
import { startSimulatedKms } from './simulated-kms.ts'

const TOKEN = 'a-token-of-some-length'

t.test(
  '[VT14] a call is encrypted and opened with a key service; asked once for many reads; rotation within it',
  async t => {
    const kms = await startSimulatedKms(TOKEN)
    t.teardown(() => kms.close())
    const call = await sealedCall(t, 50)
    const keys = new KeyRing(new KmsKey({ url: `${kms.url}/`, token: TOKEN }))
    const { vault } = await vaultFor(call, { keys })
    await vault.encryptCall(call.folder)
    const stored = new LocalFolder(call.folder)
    t.ok((await verifyArchive(await vault.filesOf(stored), { trustedKeys: call.trustedKeys })).intact)
    const { asked } = kms.state
    for (let i = 0; i < 5; i++) await vault.filesOf(stored)
    t.equal(kms.state.asked, asked, 'an unwrapped key is remembered')
    kms.addKey('key-2')
    t.equal(await vault.rewrap(stored), 'rewrapped')
    t.equal(await vault.rewrap(stored), 'current')
    t.ok((await verifyArchive(await vault.filesOf(stored))).intact)
  },
)

t.test(
  '[VT14] a key service that is away, silent, broken, talks nonsense or refuses is a typed error; nothing is lost',
  async t => {
    const kms = await startSimulatedKms(TOKEN)
    t.teardown(() => kms.close())
    const call = await sealedCall(t, 50)
    const key = new KmsKey({ url: kms.url, token: TOKEN, timeoutMs: 200 })
    const { vault } = await vaultFor(call, { keys: new KeyRing(key) })
    for (const mode of ['silent', 'broken', 'nonsense'] as const) {
      kms.state.mode = mode
      await t.rejects(vault.encryptCall(call.folder), { name: 'VaultKeyError', code: 'unavailable' }, mode)
      t.same(readdirSync(dirname(call.folder)), [call.callId], `${mode}: nothing half-made`)
      t.ok(existsSync(join(call.folder, 'manifest.json')), `${mode}: still plain`)
    }
    kms.state.mode = 'good'
    await t.rejects(
      new KmsKey({ url: kms.url, token: 'another' }).currentId(),
      { code: 'unavailable' },
      'a false token',
    )
    await t.rejects(
      new KmsKey({ url: 'http://127.0.0.1:9', token: TOKEN }).currentId(),
      { code: 'unavailable' },
      'nobody there',
    )
    const wrapped = await key.wrap(Buffer.alloc(32, 1), 'one call')
    await t.rejects(key.unwrap(wrapped, 'another call'), { code: 'wrong-key' })
    await t.rejects(key.unwrap({ ...wrapped, masterKeyId: 'kms:key-9' }, 'one call'), { code: 'wrong-key' })
    await vault.encryptCall(call.folder)
    t.ok(existsSync(join(call.folder, 'vault.json')), 'and when it is back, the call is encrypted')
  },
)
