import t from 'tap'
import { dtmfPayload, rtpPacket } from '../../test/doubles/rtp-party.ts'
import { DtmfIn } from './dtmf-in.ts'

let sequence = 0
const packet = (
  timestamp: number,
  event: number,
  o: { end?: boolean; durationMs?: number; sequence?: number; ssrc?: number } = {},
) =>
  rtpPacket({
    sequence: o.sequence ?? sequence++ & 0xffff,
    timestamp: timestamp >>> 0,
    ssrc: o.ssrc ?? 5,
    payloadType: 101,
    payload: dtmfPayload(event, { end: o.end ?? false, durationMs: o.durationMs ?? 20 }),
  })

t.test('[ME65] one digit is one begin and one end, without marker bits and with repeated ends', async t => {
  const dtmf = new DtmfIn()
  const events = [
    packet(1000, 11),
    packet(1000, 11, { durationMs: 40 }),
    packet(1000, 11, { end: true, durationMs: 60 }),
    packet(1000, 11, { end: true, durationMs: 60 }),
    packet(1000, 11, { end: true, durationMs: 60 }),
  ].flatMap(p => dtmf.read(p))
  t.same(events, [
    { digit: '#', phase: 'begin' },
    { digit: '#', phase: 'end', durationMs: 60 },
  ])
})

t.test('[ME66] lost ends, lost begins, the same digit twice, late packets of the digit before', async t => {
  const dtmf = new DtmfIn()
  const events = [
    packet(1000, 1, { durationMs: 40 }), // its ends are lost
    packet(4000, 1, { end: true, durationMs: 80 }), // its begin is lost
    packet(1000, 1, { end: true, durationMs: 80, sequence: sequence - 2 }), // late
    packet(7000, 15, { end: true, durationMs: 50 }),
  ].flatMap(p => dtmf.read(p))
  t.same(
    events.map(e => `${e.digit} ${e.phase}`),
    ['1 begin', '1 end', '1 begin', '1 end', 'D begin', 'D end'],
  )
})

t.test('[ME67] events that are no digits, and short payloads, are nothing', async t => {
  const dtmf = new DtmfIn()
  t.same(dtmf.read(packet(1, 16)), [])
  t.same(dtmf.read(rtpPacket({ sequence: 1, timestamp: 2, payload: Buffer.from([1, 2]) })), [])
})

const told = (packets: readonly Buffer[], ticksPerMs = 8) => {
  const dtmf = new DtmfIn()
  dtmf.ticksPerMs = ticksPerMs
  return packets
    .flatMap(p => dtmf.read(p))
    .map(e => (e.phase === 'begin' ? `${e.digit} begin` : `${e.digit} end ${Math.round(e.durationMs)}`))
}
/** A key as it is sent: so many packets, then the end three times. */
const key = (timestamp: number, event: number, o: { packets: number; ends?: number; ssrc?: number }) => [
  ...Array.from({ length: o.packets }, (_, n) => packet(timestamp, event, { ...o, durationMs: (n + 1) * 20 })),
  ...Array.from({ length: o.ends ?? 3 }, () =>
    packet(timestamp, event, { ...o, end: true, durationMs: o.packets * 20 }),
  ),
]

t.test('[ME68] a key held past 16 bits of ticks is one key, its segments added up', async t => {
  for (const ticksPerMs of [8, 48]) {
    // Segments as RFC 4733 section 2.5.1.3 has them: each begins where the one before it was full.
    const frame = 20 * ticksPerMs
    const segments = [0, 0xffff, 2 * 0xffff].flatMap((from, segment) =>
      Array.from({ length: segment === 2 ? 3 : Math.ceil(0xffff / frame) }, (_, n) => {
        const p = packet(4_294_900_000 + from, 7, { end: segment === 2 && n === 2 })
        p.writeUInt16BE(Math.min(0xffff, (n + 1) * frame), 14)
        return p
      }),
    )
    const whole = Math.round((2 * 0xffff + 3 * frame) / ticksPerMs)
    t.same(told(segments, ticksPerMs), ['7 begin', `7 end ${whole}`])
    // The last packets of the first segment are lost.
    const full = Math.ceil(0xffff / frame)
    t.same(
      told(
        segments.filter((_, n) => n < full - 4 || n >= full),
        ticksPerMs,
      ),
      ['7 begin', `7 end ${whole}`],
    )
  }
  const twice = [...key(0, 7, { packets: 5, ends: 0 }), ...key(0xffff, 7, { packets: 5 })]
  t.same(told(twice), ['7 begin', '7 end 100', '7 begin', '7 end 100'], 'the same key pressed again is another one')
})

t.test(
  '[ME69] a new stream, a timeline set back, a timestamp that never moves: no key is lost or told twice',
  async t => {
    t.same(
      told([...key(900_000, 1, { packets: 3, ends: 0 }), ...key(5, 2, { packets: 3, ssrc: 6 })]),
      ['1 begin', '1 end 60', '2 begin', '2 end 60'],
      'another SSRC with a timeline before the first',
    )
    t.same(told([...key(900_000, 1, { packets: 3 }), ...key(5, 2, { packets: 3 })]).length, 4, 'set back')
    t.same(told([...key(7, 1, { packets: 3 }), ...key(7, 2, { packets: 3 }), ...key(7, 2, { packets: 3 })]), [
      ...['1 begin', '1 end 60', '2 begin', '2 end 60', '2 begin', '2 end 60'],
    ])
    const once = key(100, 4, { packets: 4 })
    t.same(told([...once, ...once]), ['4 begin', '4 end 80'], 'every packet twice')
    const [a, b, c, d, e] = once as [Buffer, Buffer, Buffer, Buffer, Buffer]
    t.same(told([a, c, e, b, d]), ['4 begin', '4 end 80'], 'overtaken by the end')
    const quick = [...key(0, 1, { packets: 2 }), ...key(400, 1, { packets: 2 }), ...key(800, 1, { packets: 2 })]
    t.equal(told(quick).length, 6, 'the same key in quick succession')
    t.equal(told(quick.filter((_, n) => n % 5 < 2)).length, 5, 'with all ends lost: the last is still down')
  },
)
