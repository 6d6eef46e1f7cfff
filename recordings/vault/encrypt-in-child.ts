import { fork } from 'node:child_process'
import { type EncryptedFolder, type EncryptOrder, NotAsSealed } from './encrypt-folder.ts'
import type { EncryptReply } from './encrypt-process.ts'

const PROCESS_FILE = new URL('./encrypt-process.ts', import.meta.url)

/** `encryptFolder` in a process of its own: hashing and encrypting an hour of picture must not delay anybody's voice. */
export function encryptInChild(order: EncryptOrder, signal: AbortSignal): Promise<EncryptedFolder> {
  return new Promise((resolve, reject) => {
    const child = fork(PROCESS_FILE, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] })
    let reply: EncryptReply | undefined
    const stop = () => child.kill('SIGKILL')
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    child.once('message', message => {
      reply = message as EncryptReply
    })
    const end = (why: string) => {
      signal.removeEventListener('abort', stop)
      if (reply?.ok === true) return resolve({ files: reply.files, manifest: reply.manifest })
      if (reply === undefined) return reject(new Error(why))
      if (reply.notAsSealed) return reject(new NotAsSealed(reply.message))
      return reject(Object.assign(new Error(reply.message), { code: reply.code }))
    }
    child.once('error', error => {
      if (child.pid === undefined) end(error.message)
    })
    child.once('close', (code, killed) => end(`the encrypting process ended with ${killed ?? code}`))
    // An error here is told by `close`.
    child.send(order, () => {})
  })
}
