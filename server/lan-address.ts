import { networkInterfaces } from 'node:os'

/** Interfaces of containers and virtual machines: reachable from this host only. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|tun|tap|lo)/

/** The IPv4 address under which phones on the same network most likely reach this machine. */
export function lanAddress(): string {
  const found = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(a => a.family === 'IPv4' && !a.internal).map(a => ({ name, address: a.address })),
  )
  return (found.find(one => !VIRTUAL.test(one.name)) ?? found[0])?.address ?? '127.0.0.1'
}
