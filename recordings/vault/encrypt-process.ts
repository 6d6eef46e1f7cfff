/** Child process of the vault: encrypts one call at low priority, behind live calls; order and answer go over IPC. */
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { type EncryptedFolder, type EncryptOrder, encryptFolder, NotAsSealed } from './encrypt-folder.ts'

const NICE = 15
setPriority(0, NICE)
process.umask(0o027)
// The server is gone: what was begun is undone at the next start.
process.once('disconnect', () => process.exit(1))

export type EncryptReply =
  | ({ readonly ok: true } & EncryptedFolder)
  | { readonly ok: false; readonly notAsSealed: boolean; readonly code: string | undefined; readonly message: string }

const [order] = (await once(process, 'message')) as [EncryptOrder]
let reply: EncryptReply
try {
  reply = { ok: true, ...(await encryptFolder(order)) }
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  reply = { ok: false, notAsSealed: error instanceof NotAsSealed, code, message }
}
process.send?.(reply, () => process.exit(0))
