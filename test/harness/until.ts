import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks again and again until the answer is neither undefined nor false. The error names what was waited for, so a
 * failed test says more than "timeout".
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  o: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const timeoutMs = o.timeoutMs ?? 10_000
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${timeoutMs} ms`)
    await sleep(o.everyMs ?? 50)
  }
}

/** Rejects with a name when the promise takes too long. */
export async function within<T>(what: string, timeoutMs: number, promise: Promise<T>): Promise<T> {
  const late = new AbortController()
  const timeout = sleep(timeoutMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${what}: not within ${timeoutMs} ms`)
  })
  timeout.catch(() => {})
  return Promise.race([promise, timeout]).finally(() => late.abort())
}
