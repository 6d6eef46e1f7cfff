import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { answeredCall, talk } from '../../../recordings/fixture.ts'
import { LocalFolder } from '../../../recordings/store/local-folder.ts'
import { encryptFolder } from '../../../recordings/vault/encrypt-folder.ts'
import { KeyRing } from '../../../recordings/vault/key-ring.ts'
import { LocalKey } from '../../../recordings/vault/local-key.ts'
import { readAll } from '../../../recordings/vault/read-source.ts'
import { Vault } from '../../../recordings/vault/vault.ts'

/** Both forms of one real call, in memory. */
export type Specimen = {
  readonly callId: string
  readonly trustedKeys: readonly string[]
  readonly plain: ReadonlyMap<string, Buffer>
  readonly encrypted: ReadonlyMap<string, Buffer>
}

/** Records, seals and encrypts two calls with the real recorder, and takes them into memory. */
export async function specimens(): Promise<readonly [Specimen, Specimen]> {
  return [await record(), await record()]
}

async function record(): Promise<Specimen> {
  const endings: (() => unknown)[] = []
  const call = await answeredCall({ teardown: fn => endings.push(fn) })
  try {
    call.answer()
    talk(call, 200)
    for (let i = 0; i < 6; i++) call.archive.journal.append({ type: 'voice.found' })
    await call.archive.addFile('pages/page_1.webp', randomBytes(230_000))
    await call.archive.addFile('pages/page_2.webp', randomBytes(9000))
    await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
    const { folder } = call.archive
    const plain = await takeIn(folder)
    const keys = new KeyRing(LocalKey.fromText(randomBytes(32).toString('base64')))
    await new Vault({ keys, sealKey: call.key, encrypt: encryptFolder }).encryptCall(folder)
    return { callId: call.callId, trustedKeys: [call.key.publicKeyPem], plain, encrypted: await takeIn(folder) }
  } finally {
    for (const end of endings) await end()
    await rm(call.root, { recursive: true, force: true })
  }
}

async function takeIn(folder: string): Promise<Map<string, Buffer>> {
  const stored = new LocalFolder(folder)
  const files = new Map<string, Buffer>()
  for (const { name } of await stored.list()) files.set(name, await readAll(await stored.open(name)))
  return files
}
