import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { cp, mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { recoverOrphans } from '../archive/recover-orphans.ts'
import { quietLog, temporaryFolder } from '../fixture.ts'
import { readCallJournal } from '../journal/read-call-journal.ts'
import { verifyArchive } from '../seal/verify-archive.ts'
import { LocalFolder } from '../store/local-folder.ts'
import { readRtpJournal } from '../tracks/read-rtp-journal.ts'
import { NoSuchFile } from './call-files.ts'
import { finishConversions } from './conversion.ts'
import { NotAsSealed } from './encrypt-folder.ts'
import { encryptInChild } from './encrypt-in-child.ts'
import { AGENT_NAME, encryptedCall, NUMBER, sealedCall, vaultFor } from './fixture.ts'
import { KeyRing } from './key-ring.ts'
import { LocalKey } from './local-key.ts'
import { openCallFiles } from './open-call-files.ts'
import { PlainCallFiles } from './plain-call-files.ts'
import { shredCall } from './shred-call.ts'
import { Vault } from './vault.ts'
import { verifyRecord } from './verify-record.ts'
import { verifyVault } from './verify-vault.ts'

const STEPS = ['begun', 'encrypted', 'listed', 'checked', 'plain-aside', 'vault-in-place', 'plain-removed']

const bytesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => ({ name: entry.name, bytes: readFileSync(join(entry.parentPath, entry.name)) }))

t.test('[VT6] an encrypted call says nothing in plain, verifies without a key and reads back with it', async t => {
  const call = await sealedCall(t)
  const before = new Map<string, Buffer>()
  const plain = new PlainCallFiles(call.folder)
  for (const { path } of await plain.list()) before.set(path, await plain.read(path))
  const { vault } = await vaultFor(call, { encrypt: encryptInChild })
  await vault.encryptCall(call.folder)

  for (const { name, bytes } of bytesIn(call.folder)) {
    for (const secret of [NUMBER, AGENT_NAME, call.facts.to, 'caller-hung-up'])
      t.notOk(bytes.includes(secret), `${secret} does not stand in ${name}`)
  }
  t.same(readdirSync(dirname(call.folder)), [basename(call.folder)], 'nothing is left beside it')
  const stored = new LocalFolder(call.folder)
  t.match(await verifyVault(stored, { trustedKeys: call.trustedKeys, callId: call.callId }), {
    intact: true,
    form: 'encrypted',
    filesChecked: 7,
    problems: [],
  })
  const files = await vault.filesOf(stored)
  t.match(await verifyArchive(files, { trustedKeys: call.trustedKeys }), { intact: true, form: 'plain', problems: [] })
  t.same(
    (await files.list()).map(({ path, bytes }) => [path, bytes]),
    [...before].map(([path, bytes]) => [path, bytes.length]).sort(),
  )
  for (const [path, bytes] of before) t.ok((await files.read(path)).equals(bytes), path)
  t.equal((await readCallJournal(files)).head, call.manifest.journal.head)
  let packets = 0
  for await (const { kind } of await readRtpJournal(await files.open('tracks/caller-voice-1.rtpj')))
    if (kind === 'rtp') packets += 1
  t.equal(packets, 600)
  t.match(await recoverOrphans(join(call.root), call.key, quietLog), [], 'recovery leaves it alone')
  t.equal(statSync(join(call.folder, 'vault.json')).mode & 0o007, 0, 'and strangers to the machine’s users')
})

t.test('[VT7] cut at any step, the next start finds one whole form and nothing beside it', async t => {
  for (const step of STEPS) {
    const call = await sealedCall(t, 50)
    const program = new URL('./cut-conversion.ts', import.meta.url).pathname
    const { signal, stderr } = spawnSync(process.execPath, [program, call.folder, join(call.root, 'keys'), step])
    t.equal(signal, 'SIGKILL', `${step} ${stderr}`)
    await recoverOrphans(call.root, call.key, quietLog)
    await finishConversions(call.root)
    t.same(readdirSync(dirname(call.folder)), [call.callId], `${step}: one folder`)
    const encrypted = existsSync(join(call.folder, 'vault.json'))
    t.equal(encrypted, STEPS.indexOf(step) >= STEPS.indexOf('plain-aside'), `${step}: ${encrypted}`)
    const { vault } = await vaultFor(call)
    const options = { trustedKeys: call.trustedKeys, callId: call.callId }
    t.same((await verifyRecord(new LocalFolder(call.folder), options)).problems, [], `${step}: intact`)
    await vault.encryptCall(call.folder)
    const files = openCallFiles(await vault.refOf(call.folder))
    t.same((await verifyArchive(files, options)).problems, [], `${step}: and encrypted in the end`)
    t.equal((await files.read('derived/caller.ogg')).toString(), 'a sound file, or so')
  }
})

t.test('[VT8] whatever fails, the plain record stays whole', async t => {
  const call = await sealedCall(t, 50)
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
  const unwilling = {
    currentId: async () => 'x',
    knows: () => true,
    wrap: async () => ({ masterKeyId: 'x', wrapped: '' }),
  }
  const failures: [string, Vault][] = [
    ['disk full', (await vaultFor(call, { encrypt: () => Promise.reject(full) })).vault],
    [
      'a key service that does not open what it wrapped',
      (await vaultFor(call, { keys: new KeyRing({ ...unwilling, unwrap: async () => randomBytes(32) }) })).vault,
    ],
  ]
  for (const [what, vault] of failures) {
    await t.rejects(vault.encryptCall(call.folder), what)
    t.same(readdirSync(dirname(call.folder)), [call.callId], what)
    t.ok((await verifyArchive(new PlainCallFiles(call.folder), { trustedKeys: call.trustedKeys })).intact, what)
  }
})

t.test('[VT9] a folder written to while it is encrypted is not given up; a changed one is not buried', async t => {
  const call = await sealedCall(t, 50)
  const { vault } = await vaultFor(call, {
    onStep: step => {
      if (step === 'checked') writeFileSync(join(call.folder, 'derived/late.ogg'), 'late')
    },
  })
  await t.rejects(vault.encryptCall(call.folder), /written to/)
  t.ok(existsSync(join(call.folder, 'derived/late.ogg')))
  const picture = join(call.folder, 'pages/page_2.webp')
  writeFileSync(picture, Buffer.alloc(5000))
  const sound = await vaultFor(call)
  await t.rejects(sound.vault.encryptCall(call.folder), NotAsSealed)
  await t.rejects((await vaultFor(call, { encrypt: encryptInChild })).vault.encryptCall(call.folder), NotAsSealed)
  t.ok(existsSync(picture), 'stays as it was found')
})

t.test('[VT10] derivatives are written encrypted, read back, removed; evidence is never written', async t => {
  const call = await encryptedCall(t, 50)
  const files = await call.vault.filesOf(call.stored)
  const sound = randomBytes(200_000)
  const put = await files.put('derived/agent.ogg', [sound.subarray(0, 7), sound.subarray(7)])
  t.equal(put.bytes, sound.length)
  t.ok((await files.read('derived/agent.ogg')).equals(sound))
  const source = files.openSync('derived/agent.ogg')
  t.ok(source.readSync(100_000, 50).equals(sound.subarray(100_000, 100_050)))
  source.closeSync()
  const parts: Buffer[] = []
  for await (const part of await files.stream('derived/agent.ogg', { from: 65_530, to: 131_080 })) parts.push(part)
  t.ok(Buffer.concat(parts).equals(sound.subarray(65_530, 131_080)))
  t.notOk(
    bytesIn(call.folder).some(({ bytes }) => bytes.includes(sound.subarray(0, 32))),
    'not in plain',
  )
  t.ok(existsSync(join(call.folder, 'derived/stamp/2026-01-02.tsr')), 'stamps prove themselves and stay plain')
  t.ok((await verifyRecord(call.stored, { dataKey: call.dataKey })).intact)
  await files.remove('derived/agent.ogg')
  t.notOk(await files.has('derived/agent.ogg'))
  for (const path of ['journal.jsonl', 'manifest.json', 'vault.json', '../x', 'derived/../journal.jsonl'])
    await t.rejects(files.put(path, [sound]), path)
  for (const path of ['vault.json', 'key.json', '../vault.json', 'tracks/none.rtpj', 'journal.jsonl.tpv'])
    await t.rejects(files.open(path), NoSuchFile, path)
})

t.test('[VT11] a master key: private file, given text, never another one’s or another call’s data key', async t => {
  const root = await temporaryFolder(t)
  const path = join(root, 'secrets/vault-master.key')
  const { key, made } = await LocalKey.loadOrCreate(path)
  t.ok(made)
  t.equal(statSync(path).mode & 0o777, 0o600)
  const again = await LocalKey.loadOrCreate(path)
  t.match(again, { made: false, key: { id: key.id } })
  t.equal(LocalKey.fromText(readFileSync(path, 'utf8')).id, key.id)
  for (const text of ['', 'short', Buffer.alloc(31).toString('base64'), `${Buffer.alloc(32).toString('base64')}x`])
    t.throws(() => LocalKey.fromText(text), /base64 of 32 bytes/)
  const dataKey = randomBytes(32)
  const wrapped = await key.wrap(dataKey, 'one call')
  t.notOk(Buffer.from(wrapped.wrapped, 'base64').includes(dataKey))
  t.ok((await key.unwrap(wrapped, 'one call')).equals(dataKey))
  await t.rejects(key.unwrap(wrapped, 'another call'), { code: 'wrong-key' })
  const other = LocalKey.fromText(randomBytes(32).toString('base64'))
  await t.rejects(other.unwrap(wrapped, 'one call'), { code: 'wrong-key' })
  writeFileSync(path, readFileSync(path), { mode: 0o644 })
  await cp(path, `${path}2`)
  ;(await import('node:fs')).chmodSync(`${path}2`, 0o644)
  await t.rejects(LocalKey.loadOrCreate(`${path}2`), /chmod 600/)
})

t.test('[VT12] rotation re-wraps the key and touches nothing else; the old master key is then not needed', async t => {
  const call = await encryptedCall(t, 50)
  const next = LocalKey.fromText(randomBytes(32).toString('base64'))
  const without = new Vault({ keys: new KeyRing(next), sealKey: call.key })
  await t.rejects(without.filesOf(call.stored), { code: 'unknown-master-key' })
  const both = new Vault({ keys: new KeyRing(next, [call.masterKey]), sealKey: call.key })
  t.ok((await verifyArchive(await both.filesOf(call.stored))).intact, 'both keys open it')
  const before = bytesIn(call.folder).filter(({ name }) => name !== 'key.json')
  t.equal(await both.rewrap(call.stored), 'rewrapped')
  t.equal(await both.rewrap(call.stored), 'current', 'again is nothing to do')
  t.same(
    bytesIn(call.folder).filter(({ name }) => name !== 'key.json'),
    before,
  )
  t.ok((await verifyArchive(await without.filesOf(call.stored))).intact, 'the new key alone opens it')
  await t.rejects(call.vault.rewrap(call.stored), { code: 'unknown-master-key' })
  t.same((await verifyVault(call.stored, { trustedKeys: call.trustedKeys })).problems, [], 'the seal still holds')
})

t.test('[VT13] shredding destroys the key first; nothing of the call can be opened then', async t => {
  const call = await encryptedCall(t, 50)
  const copy = new LocalFolder(join(call.root, 'copy', call.callId))
  await cp(call.folder, copy.path, { recursive: true })
  t.ok((await shredCall(call.stored)) > 5)
  t.notOk(existsSync(call.folder))
  t.equal(await shredCall(call.stored), 0, 'again is nothing to do')
  await call.stored.put('x', ['x'].map(Buffer.from))
  // A copy without its key, as it may lie in some backup of the files.
  await shredKeyOnly(copy)
  await t.rejects(call.vault.filesOf(copy), { code: 'no-key' }, 'although it was open a moment ago')
  t.match(await verifyVault(copy), { intact: false, problems: [{ kind: 'key-missing' }] })
  // A crash in the middle of it leaves a folder that nobody takes for a call.
  const gone = join(dirname(call.folder), `.${call.callId}.gone`)
  await mkdir(dirname(gone), { recursive: true })
  await rename(copy.path, gone)
  t.same(await recoverOrphans(call.root, call.key, quietLog).then(found => found.map(one => one.outcome)), [
    'discarded',
  ])
  await finishConversions(call.root)
  t.notOk(existsSync(gone))
})

async function shredKeyOnly(folder: LocalFolder): Promise<void> {
  await folder.remove('key.json')
}
