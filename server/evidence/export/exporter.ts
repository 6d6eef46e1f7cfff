import { type ChildProcess, fork } from 'node:child_process'
import type { SealKey } from '../../../recordings/seal/seal-key.ts'
import type { ExportFailure, ExportOrder, ExportReply, ExportResult, SignedText } from './export-order.ts'

const PROCESS_FILE = new URL('./export-process.ts', import.meta.url)
const KILL_AFTER_MS = 2000
/** A long call on a slow disk takes minutes; a hung process would take for ever. */
const TIMEOUT_MS = 60 * 60_000

export class ExportError extends Error {
  override name = 'ExportError'
  readonly code: ExportFailure
  constructor(code: ExportFailure, message: string) {
    super(message)
    this.code = code
  }
}

/** Makes one export in a low-priority process of its own. The private key does not leave this process. @throws ExportError */
export function exportInChild(
  order: ExportOrder,
  o: { readonly sealKey: SealKey; readonly onProgress: (progress: number) => void; readonly signal: AbortSignal },
): Promise<ExportResult> {
  if (o.signal.aborted) return Promise.reject(new ExportError('failed', 'stopped'))
  const child = fork(PROCESS_FILE, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
  let reply: ExportReply | undefined
  let said = ''
  let late = false
  const timer = setTimeout(() => {
    late = true
    stopChild(child)
  }, TIMEOUT_MS)
  const stop = () => stopChild(child)
  o.signal.addEventListener('abort', stop, { once: true })
  child.on('message', message => {
    const heard = message as ExportReply
    if (heard.say === 'progress') o.onProgress(heard.progress)
    else if (heard.say === 'sign')
      child.send({ say: 'signed', signature: o.sealKey.sign(heard.text) } satisfies SignedText, () => undefined)
    else reply = heard
  })
  child.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-600)
  })
  // A child that dies at once takes its order with it; 'close' says so.
  child.send(order, () => undefined)
  return new Promise((resolve, reject) => {
    const finish = (cause: string) => {
      clearTimeout(timer)
      o.signal.removeEventListener('abort', stop)
      if (reply?.say === 'done') resolve({ bytes: reply.bytes, sha256: reply.sha256 })
      else if (late) reject(new ExportError('timeout', 'the export took too long'))
      else if (reply?.say === 'failed') reject(new ExportError(reply.code, reply.message))
      else reject(new ExportError('failed', `${cause} ${said}`.trim()))
    }
    child.once('error', error => {
      said = error.message
      if (child.pid === undefined) finish('cannot start')
    })
    child.once('close', (code, signal) => finish(`ended with ${signal ?? code}`))
  })
}

function stopChild(child: ChildProcess): void {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
  child.once('close', () => clearTimeout(timer))
}
