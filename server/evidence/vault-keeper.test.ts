import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { quietLog } from '../../recordings/fixture.ts'
import { verifyArchive } from '../../recordings/seal/verify-archive.ts'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { encryptFolder } from '../../recordings/vault/encrypt-folder.ts'
import { sealedCall, vaultFor } from '../../recordings/vault/fixture.ts'
import { KeyRing } from '../../recordings/vault/key-ring.ts'
import { KmsKey } from '../../recordings/vault/kms-key.ts'
import { openCallFiles } from '../../recordings/vault/open-call-files.ts'
import { startSimulatedKms } from '../../recordings/vault/simulated-kms.ts'
import { until } from '../../test/harness/until.ts'
import { Events } from '../events.ts'
import { VaultKeeper } from './vault-keeper.ts'

async function keeperFor(
  t: { teardown(fn: () => unknown): void },
  call: Awaited<ReturnType<typeof sealedCall>>,
  encrypt = encryptFolder,
  more: { encrypting?: boolean; retryMs?: number } = {},
) {
  const { vault, keys } = await vaultFor(call, { encrypt })
  const events = new Events(quietLog as never)
  const options = { vault, keys, recordingsDir: call.root, events, encrypting: true, ...more }
  const keeper = await VaultKeeper.open(options)
  t.teardown(() => keeper.close())
  const counted = async (result: string) =>
    (await events.registry.getSingleMetric('tongping_vault_total')?.get())?.values.find(v => v.labels.result === result)
      ?.value ?? 0
  return { keeper, counted, options }
}
const isEncrypted = (folder: string) => existsSync(join(folder, 'vault.json'))

t.test(
  '[VT15] what a start finds plain is encrypted, what fails is tried again and alarmed, and can be read meanwhile',
  async t => {
    const call = await sealedCall(t, 50)
    let tries = 0
    const { keeper, counted } = await keeperFor(
      t,
      call,
      async order => {
        tries += 1
        if (tries < 3) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
        return encryptFolder(order)
      },
      { retryMs: 30 },
    )
    await until('the first failure', async () => (await counted('disk-full')) > 0 || undefined)
    const plain = openCallFiles(await keeper.refOf(call.folder))
    t.ok((await verifyArchive(plain)).intact, 'readable all the time')
    await until('the encryption', () => isEncrypted(call.folder) || undefined)
    await keeper.settled(call.folder)
    await until('the count', async () => (await counted('encrypted')) === 1 || undefined)
    t.equal(await counted('disk-full'), 2)
    t.equal(keeper.waiting, 0)
    t.ok((await verifyArchive(openCallFiles(await keeper.refOf(call.folder)))).intact)
  },
)

t.test('[VT15] a sealed call is encrypted at once; whoever opens it in that moment gets it whole', async t => {
  const call = await sealedCall(t, 50)
  const aside = join(call.root, 'aside')
  renameSync(call.folder, aside)
  const { keeper } = await keeperFor(t, call)
  mkdirSync(join(call.folder, '..'), { recursive: true })
  renameSync(aside, call.folder)
  keeper.sealed(call.folder)
  for (let i = 0; i < 20; i++) {
    const files = openCallFiles(await keeper.refOf(call.folder))
    t.ok((await files.read('manifest.json')).length > 100)
    await new Promise(resolve => setTimeout(resolve, 3))
  }
  await until('the encryption', () => isEncrypted(call.folder) || undefined)
})

t.test(
  '[VT15] switched off, nothing is encrypted; an unknown master key is told at the start and refused when opened',
  async t => {
    const call = await sealedCall(t, 50)
    const off = await keeperFor(t, call, encryptFolder, { encrypting: false })
    off.keeper.sealed(call.folder)
    await new Promise(resolve => setTimeout(resolve, 50))
    t.notOk(isEncrypted(call.folder))
    const { vault } = await vaultFor(call)
    await vault.encryptCall(call.folder)
    t.equal(
      openCallFiles(await off.keeper.refOf(call.folder)).constructor.name,
      'VaultCallFiles',
      'but what is, is read',
    )
    const other = await sealedCall(t, 10)
    const strange = await vaultFor(other)
    const events = new Events(quietLog as never)
    const keys = new KeyRing(strange.masterKey)
    const keeper = await VaultKeeper.open({
      vault: strange.vault,
      keys,
      recordingsDir: call.root,
      events,
      encrypting: true,
    })
    t.teardown(() => keeper.close())
    const values = (await events.registry.getSingleMetric('tongping_vault_total')?.get())?.values
    t.match(values, [{ labels: { result: 'locked' }, value: 1 }])
    await t.rejects(keeper.refOf(call.folder), { code: 'unavailable' })
    t.equal(await keeper.dataKeyOf(new LocalFolder(call.folder)), undefined)
    t.equal(basename(call.folder), call.callId)
  },
)

t.test('[VT17] with the key service away a record says that it is not encrypted and why, until it is', async t => {
  const call = await sealedCall(t, 50)
  const kms = await startSimulatedKms('secret')
  t.teardown(() => kms.close())
  const wrapper = new KmsKey({ url: kms.url, token: 'secret', timeoutMs: 500 })
  const marks: [string, string | undefined][] = []
  kms.state.mode = 'broken'
  const { vault, keys } = await vaultFor(call, { keys: new KeyRing(wrapper) })
  const keeper = await VaultKeeper.open({
    ...{ vault, keys, recordingsDir: call.root, encrypting: true, retryMs: 100 },
    events: new Events(quietLog as never),
    onState: async (callId, failure) => void marks.push([callId, failure]),
  })
  t.teardown(() => keeper.close())
  await until('the mark', () => marks.length > 0 || undefined)
  t.same(marks[0], [call.manifest.callId, 'no-master-key'])
  t.same(keeper.plainBecause(call.folder), { state: 'failed', reason: 'no-master-key' })
  t.ok((await verifyArchive(openCallFiles(await keeper.refOf(call.folder)))).intact, 'readable meanwhile')
  kms.state.mode = 'good'
  await until('the encryption', () => marks.at(-1)?.[1] === undefined || undefined)
  t.ok(isEncrypted(call.folder))
  t.same(keeper.plainBecause(call.folder), { state: 'off' }, 'nothing is remembered')
})
