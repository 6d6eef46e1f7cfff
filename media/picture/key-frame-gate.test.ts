import t from 'tap'
import { KeyFrameGate } from './key-frame-gate.ts'

function rtp(timestamp: number, payload: number[], ssrc = 5): Buffer {
  const header = Buffer.alloc(12)
  header[0] = 0x80
  header.writeUInt32BE(timestamp, 4)
  header.writeUInt32BE(ssrc, 8)
  return Buffer.concat([header, Buffer.from(payload)])
}
const KEY = [0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a]
const OTHER = [0x10, 0x11, 0, 0]
const CONTINUED = [0x00, 1, 2, 3]

t.test(
  '[CS15] nothing passes before the first packet of a key frame, and nothing older than it afterwards',
  async t => {
    const gate = new KeyFrameGate('VP8')
    t.notOk(gate.passes(rtp(3000, OTHER)))
    t.notOk(gate.passes(rtp(6000, CONTINUED)), 'the rest of a key frame whose first packet is missing')
    t.ok(gate.passes(rtp(9000, KEY)))
    t.ok(gate.passes(rtp(9000, CONTINUED)))
    t.notOk(gate.passes(rtp(6000, CONTINUED)), 'a retransmission of what came before')
    t.ok(gate.passes(rtp(12_000, OTHER)))
    t.notOk(gate.passes(rtp(15_000, OTHER, 6)), 'another stream begins with a key frame too')
    t.ok(gate.passes(rtp(15_000, KEY, 6)))
    t.notOk(gate.passes(Buffer.from([1, 2])))
  },
)

t.test('[CS15] H.264 begins at its parameter set', async t => {
  const gate = new KeyFrameGate('H264')
  t.notOk(gate.passes(rtp(1000, [0x41, 1, 2])))
  t.notOk(gate.passes(rtp(2000, [0x65, 1, 2])), 'an IDR slice whose parameter set is missing')
  t.ok(gate.passes(rtp(3000, [0x67, 1, 2])))
  t.ok(gate.passes(rtp(3000, [0x65, 1, 2])))
})
