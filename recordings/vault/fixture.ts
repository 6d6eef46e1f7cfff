import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { answeredCall, talk } from '../fixture.ts'
import { LocalFolder } from '../store/local-folder.ts'
import { encryptFolder } from './encrypt-folder.ts'
import { KeyRing } from './key-ring.ts'
import { LocalKey } from './local-key.ts'
import { Vault, type VaultOptions } from './vault.ts'

export const NUMBER = '13900139000'
export const AGENT_NAME = 'Lin Xiaoyu'

/** A sealed call with two voices, three pictures (one of several chunks) and something in `derived/`. */
export async function sealedCall(t: { teardown(fn: () => unknown): void }, packets = 600) {
  const call = await answeredCall(t)
  const facts = { ...call.facts, from: NUMBER, agent: { ...call.facts.agent, name: AGENT_NAME } }
  call.answer()
  talk(call, packets)
  await call.archive.addFile('pages/page_1.webp', randomBytes(200_000))
  await call.archive.addFile('pages/page_2.webp', randomBytes(5000))
  await call.archive.addFile('pages/page_3.webp', Buffer.alloc(0))
  const manifest = await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts, key: call.key })
  const { folder } = call.archive
  await new LocalFolder(folder).put('derived/caller.ogg', [Buffer.from('a sound file, or so')])
  await new LocalFolder(folder).put('derived/stamp/2026-01-02.tsr', [Buffer.from('a stamp, or so')])
  return { ...call, folder, manifest, trustedKeys: [call.key.publicKeyPem] }
}

export async function vaultFor(
  call: Pick<Awaited<ReturnType<typeof sealedCall>>, 'root' | 'key'>,
  options: Partial<VaultOptions> = {},
) {
  const { key } = await LocalKey.loadOrCreate(join(call.root, 'keys/vault-master.key'))
  const keys = options.keys ?? new KeyRing(key)
  return { keys, masterKey: key, vault: new Vault({ keys, sealKey: call.key, encrypt: encryptFolder, ...options }) }
}

export async function encryptedCall(t: { teardown(fn: () => unknown): void }, packets?: number) {
  const call = await sealedCall(t, packets)
  const vaulted = await vaultFor(call)
  await vaulted.vault.encryptCall(call.folder)
  const stored = new LocalFolder(call.folder)
  const { dataKey } = await vaulted.vault.dataKeyOf(stored)
  return { ...call, ...vaulted, stored, dataKey }
}
