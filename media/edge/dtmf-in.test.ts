import t from 'tap'
import { dtmfPayload, rtpPacket } from '../../test/doubles/rtp-party.ts'
import { DtmfIn } from './dtmf-in.ts'

let sequence = 0
const packet = (timestamp: number, event: number, o: { end?: boolean; durationMs?: number } = {}) =>
  rtpPacket({
    sequence: sequence++,
    timestamp,
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
    packet(1000, 1, { end: true, durationMs: 80 }), // late
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
