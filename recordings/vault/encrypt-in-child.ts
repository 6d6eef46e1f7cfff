import { childJob } from '../child-job.ts'
import { type EncryptedFolder, type EncryptOrder, NotAsSealed } from './encrypt-folder.ts'
import type { EncryptReply } from './encrypt-process.ts'

const PROCESS_FILE = new URL('./encrypt-process.ts', import.meta.url)

/** `encryptFolder` in a process of its own: hashing and encrypting an hour of picture must not delay anybody's voice. */
export async function encryptInChild(order: EncryptOrder, signal: AbortSignal): Promise<EncryptedFolder> {
  let reply: EncryptReply | undefined
  const { how } = await childJob<EncryptReply>({
    script: PROCESS_FILE,
    order,
    signal,
    onMessage: message => {
      reply = message
    },
  })
  if (reply === undefined) throw new Error(`the encrypting process ${how}`)
  if (reply.ok) return { files: reply.files, manifest: reply.manifest }
  if (reply.notAsSealed) throw new NotAsSealed(reply.message)
  throw Object.assign(new Error(reply.message), { code: reply.code })
}
