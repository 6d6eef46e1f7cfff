import type { NaptrRecord, SrvRecord } from 'node:dns'
import type { TransportProtocol } from './transport-protocol.ts'

/** One host and port of a domain, as its SRV records name them. */
export type ServiceRecord = { readonly protocol: TransportProtocol; readonly name: string; readonly port: number }

const services: Readonly<Record<string, TransportProtocol>> = {
  'SIP+D2U': 'udp',
  'SIP+D2T': 'tcp',
  'SIPS+D2T': 'tls',
  'SIP+D2W': 'ws',
  'SIPS+D2W': 'wss',
}

/** The SRV names that NAPTR records point to, the domain's favourite first (RFC 3263 4.1). */
export function byPreference(
  records: readonly NaptrRecord[],
): readonly { readonly protocol: TransportProtocol; readonly name: string }[] {
  return [...records]
    .sort((a, b) => a.order - b.order || a.preference - b.preference)
    .flatMap(({ service, flags, replacement }) => {
      const protocol = services[service.toUpperCase()]
      return protocol === undefined || flags.toLowerCase() !== 's' ? [] : [{ protocol, name: replacement }]
    })
}

/** RFC 2782: by priority; among equals at random in proportion to weight. `.` as a target means that there is no such service. */
export function orderServices(
  records: readonly SrvRecord[],
  protocol: TransportProtocol,
  random: () => number = Math.random,
): readonly ServiceRecord[] {
  const waiting = records.filter(({ name }) => name !== '' && name !== '.')
  const ordered: ServiceRecord[] = []
  while (waiting.length > 0) {
    const best = Math.min(...waiting.map(record => record.priority))
    const equals = waiting.filter(record => record.priority === best)
    let left = random() * equals.reduce((sum, record) => sum + record.weight + 1, 0)
    const chosen =
      equals.find(record => {
        left -= record.weight + 1
        return left <= 0
      }) ?? equals[0]
    if (chosen === undefined) break
    waiting.splice(waiting.indexOf(chosen), 1)
    ordered.push({ protocol, name: chosen.name, port: chosen.port })
  }
  return ordered
}
