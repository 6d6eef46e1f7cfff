import { setTimeout as delay } from 'node:timers/promises'

/** Waits for something that real sockets make true; fails loudly instead of hanging. */
export async function until(what: string, isTrue: () => boolean, timeoutMs = 2000): Promise<void> {
  const endMs = performance.now() + timeoutMs
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`)
    await delay(2)
  }
}
