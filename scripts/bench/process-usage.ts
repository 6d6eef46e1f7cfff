import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'

/** CPU time used so far (user and system, all threads) and memory now, of one process. */
export type Usage = {
  readonly pid: number
  readonly name: string
  readonly cpuMs: number
  readonly rssBytes: number
  /** Like RSS, but pages shared with other processes count by their share. */
  readonly pssBytes: number
}

/** Linux counts process times in ticks of 10 ms on every architecture that matters here (USER_HZ). */
const TICK_MS = 10

/** Undefined when the process has ended. */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  try {
    const [stat, memory, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ])
    // The name in brackets may hold anything; the numbers come after it. proc(5): utime is field 14, stime 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? Number.NaN)
    return {
      pid,
      name: command
        .split('\0')
        .slice(0, 2)
        .map(part => basename(part))
        .join(' '),
      cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
      rssBytes: kilobytes('Rss') * 1024,
      pssBytes: kilobytes('Pss') * 1024,
    }
  } catch {
    return undefined
  }
}

/** The process and all its living descendants, itself first. */
export async function usageOfTree(pid: number): Promise<Usage[]> {
  const own = await usageOf(pid)
  if (!own) return []
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    threads.map(thread => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  )
  const children = lists.flatMap(list => list.trim().split(/\s+/)).filter(child => child !== '')
  return [own, ...(await Promise.all(children.map(child => usageOfTree(Number(child))))).flat()]
}
