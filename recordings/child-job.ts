import { type ChildProcess, fork } from 'node:child_process'

const KILL_AFTER_MS = 2000
const KEPT_OUTPUT = 600

export type ChildEnd = {
  /** Exit code or signal, and the last that the process wrote to stderr. */
  readonly how: string
  /** It was ended because it took too long. */
  readonly late: boolean
}

/**
 * One job in a process of its own, so that hashing, encrypting and drawing delay nobody's voice. Resolves when the process
 * has gone, whatever became of it: what became of the job, its messages have told before.
 */
export function childJob<Message>(o: {
  readonly script: URL
  readonly order: object
  /** @param send an answer to what the process asks for */
  readonly onMessage: (message: Message, send: (answer: object) => void) => void
  /** Ends the process. */
  readonly signal: AbortSignal
  readonly timeoutMs?: number
}): Promise<ChildEnd> {
  const child = fork(o.script, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
  let said = ''
  let late = false
  const stop = () => stopChild(child)
  const timer =
    o.timeoutMs !== undefined &&
    setTimeout(() => {
      late = true
      stop()
    }, o.timeoutMs)
  o.signal.addEventListener('abort', stop, { once: true })
  if (o.signal.aborted) stop()
  // A child that dies at once takes what is sent to it along; 'close' says so.
  const send = (message: object) => void child.send(message, () => undefined)
  child.on('message', message => o.onMessage(message as Message, send))
  child.stderr?.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-KEPT_OUTPUT)
  })
  send(o.order)
  return new Promise(resolve => {
    const finish = (cause: string) => {
      if (timer) clearTimeout(timer)
      o.signal.removeEventListener('abort', stop)
      resolve({ how: `${cause} ${said}`.trim(), late })
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
