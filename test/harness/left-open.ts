import { readdir, readFile } from 'node:fs/promises'

/** Process ids whose parent is this process. */
export async function childrenOfThis(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async pid => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state !== 'Z' && Number(parent) === process.pid ? [Number(pid)] : []
    }),
  )
  return found.flat()
}
/** Things that keep Node alive and that a server opens; the test runner's own pipes are not among them. */
export const openHandles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter(name =>
      /^(UDPWrap|UDPSendWrap|TCP|TLS|Timeout|Immediate|ProcessWrap|FSEvent|HTTP|Worker|MessagePort)/.test(name),
    )
    .sort()
