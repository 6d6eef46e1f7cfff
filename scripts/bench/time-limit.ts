import { usageOfTree } from './process-usage.ts'

/**
 * Ends this process with an error when a benchmark hangs, and the processes it started with it. Returns the function that
 * calls it off.
 */
export function endAfter(limitMs: number): () => void {
  const timer = setTimeout(async () => {
    console.error(`not finished within ${limitMs / 1000} s`)
    const [, ...started] = await usageOfTree(process.pid)
    for (const { pid } of started) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended in this moment.
      }
    }
    process.exit(1)
  }, limitMs)
  return () => clearTimeout(timer)
}
