import { readdir, readFile } from 'node:fs/promises'

/** Media workers that are children of this process: another test's are not ours to kill. */
export async function workerPids(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const ours: number[] = []
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(parent) === process.pid && stat.includes('(mediasoup-worke') && state !== 'Z') ours.push(Number(pid))
  }
  return ours
}
