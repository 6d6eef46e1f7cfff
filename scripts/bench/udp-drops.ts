import { readFile } from 'node:fs/promises'

/** Packets the kernel threw away because a UDP socket on this port was not read in time (proc_net_udp, last column). */
export async function udpDrops(isWanted: (port: number) => boolean): Promise<number> {
  const [, ...lines] = (await readFile('/proc/net/udp', 'utf8')).trim().split('\n')
  let drops = 0
  for (const line of lines) {
    const fields = line.trim().split(/\s+/)
    const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16)
    if (isWanted(port)) drops += Number(fields.at(-1))
  }
  return drops
}
