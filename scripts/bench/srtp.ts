import { MasterKey } from '../../media/edge/srtp/master-key.ts'
import { SrtpReceiver } from '../../media/edge/srtp/srtp-receiver.ts'
import { SrtpSender } from '../../media/edge/srtp/srtp-sender.ts'
import { OFFERED_SUITES, type SuiteName } from '../../media/edge/srtp/suite.ts'
import { rtpPacket } from '../../test/doubles/rtp-party.ts'
import { printTable, type Row, round, spreadOf, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

/**
 * What SRTP costs: voice packets of 20 ms of G.711 protected and unprotected, one after the other, on one core.
 * `node scripts/bench/srtp.ts [packets=4000] [rounds=6]`
 */
const [packets = 4000, rounds = 6] = process.argv.slice(2).map(Number)
/** Packets of one direction a second; a call has them both ways. */
const PACKETS_PER_SECOND = 50
const LIMIT_MS = 120_000

const finished = endAfter(LIMIT_MS)
const before = surroundings()
const rows: Row[] = []

/** µs a packet of one round each. */
type Costs = { readonly protect: number[]; readonly unprotect: number[] }

function measure(suite: SuiteName): { protect: number; unprotect: number } {
  const key = MasterKey.random(suite)
  const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)]
  const plain = Array.from({ length: packets }, (_, n) =>
    rtpPacket({ sequence: n & 0xffff, timestamp: n * 160, ssrc: 4711 }),
  )
  const startMs = performance.now()
  const sealed = plain.map(packet => sender.rtp(packet))
  const sealedMs = performance.now()
  let opened = 0
  for (const packet of sealed) if (Buffer.isBuffer(receiver.rtp(packet, sealedMs))) opened++
  const openedMs = performance.now()
  if (opened !== packets) throw new Error(`${suite}: ${packets - opened} packets were not understood`)
  return {
    protect: ((sealedMs - startMs) * 1000) / packets,
    unprotect: ((openedMs - sealedMs) * 1000) / packets,
  }
}

const costs = new Map<SuiteName, Costs>(OFFERED_SUITES.map(suite => [suite, { protect: [], unprotect: [] }]))
// The first round is for the compiler; the suites take turns, so that whatever else the machine does hits all alike.
for (let round = 0; round <= rounds; round++) {
  for (const [suite, spent] of costs) {
    const { protect, unprotect } = measure(suite)
    if (round === 0) continue
    spent.protect.push(protect)
    spent.unprotect.push(unprotect)
  }
}

for (const [suite, spent] of costs) {
  for (const way of ['protect', 'unprotect'] as const) {
    const { p50, max } = spreadOf(spent[way])
    rows.push({
      suite,
      way,
      'µs a packet, p50': round(p50, 1),
      'slowest round': round(max, 1),
      'packets a second': Math.round(1e6 / p50),
      '% of a core for 100 calls': round((p50 * PACKETS_PER_SECOND * 100) / 1e4),
    })
  }
}
printTable('SRTP by suite, packets of 160 bytes', rows)
await writeReport('srtp', { surroundings: before, packets, rounds, rows })
finished()
