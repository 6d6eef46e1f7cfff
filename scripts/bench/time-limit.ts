import { usageOfTree } from './process-usage.ts'

/**
 * Ends this process with an error when a benchmark hangs or somebody stops it, and the processes it started with it. Returns
 * the function that calls it off.
 */
export function endAfter(limitMs: number): () => void {
  const end = async (why: string) => {
    console.error(why)
    const [, ...started] = await usageOfTree(process.pid)
    for (const { pid } of started) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended in this moment.
      }
    }
    process.exit(1)
  }
  const stopped = () => void end('stopped')
  const timer = setTimeout(() => void end(`not finished within ${limitMs / 1000} s`), limitMs)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stopped)
  return () => {
    clearTimeout(timer)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stopped)
  }
}
