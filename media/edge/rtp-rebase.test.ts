import t from 'tap'
import { rtpPacket } from '../../test/doubles/rtp-party.ts'
import { markerOf, payloadTypeOf, sequenceOf, ssrcOf, timestampOf } from './rtp-packet.ts'
import { RtpRebase } from './rtp-rebase.ts'

const make = (firstSequence = 10) => new RtpRebase({ ssrc: 77, payloadType: 8, firstSequence, firstTimestamp: 1000 })

/** A source that sends 20 ms packets and can be bent in every way. */
class Source {
  sequence = 65_530
  timestamp = 4_294_967_000
  ssrc = 5
  nowMs = 0
  readonly rebase: RtpRebase
  readonly out: Buffer[] = []
  constructor(rebase: RtpRebase) {
    this.rebase = rebase
  }
  packet(): Buffer {
    return rtpPacket({ sequence: this.sequence & 0xffff, timestamp: this.timestamp >>> 0, ssrc: this.ssrc })
  }
  step(): void {
    this.sequence++
    this.timestamp += 160
    this.nowMs += 20
  }
  run(packets: number): void {
    for (let n = 0; n < packets; n++) {
      this.give(this.packet())
      this.step()
    }
  }
  give(packet: Buffer): void {
    const out = this.rebase.voice(packet, this.nowMs)
    if (out !== undefined) this.out.push(out)
  }
}

const sequences = (out: readonly Buffer[]) => out.map(sequenceOf)
const steps = (numbers: readonly number[], bits: 16 | 32) =>
  numbers.slice(1).map((n, i) => (bits === 16 ? (n - numbers[i]!) & 0xffff : (n - numbers[i]!) >>> 0))

t.test('[ME1] fixed SSRC and payload type, contiguous over both wrap-arounds, source buffer untouched', async t => {
  const source = new Source(make(65_500))
  const first = source.packet()
  const copy = Buffer.from(first)
  source.give(first)
  source.step()
  source.run(99)
  t.same(first, copy)
  t.ok(source.out.every(p => ssrcOf(p) === 77 && payloadTypeOf(p) === 8))
  t.ok(steps(sequences(source.out), 16).every(d => d === 1))
  t.ok(steps(source.out.map(timestampOf), 32).every(d => d === 160))
})

t.test('[ME2] a new SSRC continues sequence and timeline, after one packet of doubt', async t => {
  const source = new Source(make())
  source.run(10)
  source.ssrc = 6
  source.sequence = 40_000
  source.timestamp = 9
  source.run(10)
  t.equal(source.out.length, 19)
  t.same(
    sequences(source.out),
    Array.from({ length: 19 }, (_, n) => 10 + n),
  )
  t.same(steps(source.out.map(timestampOf), 32).slice(8, 11), [160, 320, 160], 'time passed over the lost packet')
  t.ok(markerOf(source.out[10]!))
})

t.test('[ME3] one packet of a stranger changes nothing', async t => {
  const source = new Source(make())
  source.run(5)
  source.give(rtpPacket({ sequence: 9, timestamp: 9, ssrc: 99 }))
  source.run(5)
  t.same(
    sequences(source.out),
    Array.from({ length: 10 }, (_, n) => 10 + n),
  )
  t.equal(source.rebase.stats.streams, 1)
})

for (const minutes of [1.7, 12, 25]) {
  t.test(
    `[ME4] after a hold of ${minutes} min the sequence goes on and the timestamp has moved in real time`,
    async t => {
      const source = new Source(make(33_000))
      source.run(40_000)
      const before = source.out.at(-1)!
      const packets = Math.round(minutes * 60 * 50)
      for (let n = 0; n < packets; n++) source.step()
      source.run(3)
      const after = source.out.slice(-3)
      t.same(
        sequences([before, ...after]).map(s => (s - sequenceOf(before)) & 0xffff),
        [0, 1, 2, 3],
      )
      t.equal((timestampOf(after[0]!) - timestampOf(before)) >>> 0, (packets + 1) * 160)
      t.equal(source.rebase.index, 33_000 + 40_000 + 3 - 1, 'the index counts what was sent')
    },
  )
}

t.test('[ME4] the same when the source stops its own clocks, and when VAD leaves a gap', async t => {
  const source = new Source(make())
  source.run(5)
  source.nowMs += 60_000
  source.run(1)
  t.equal((timestampOf(source.out[5]!) - timestampOf(source.out[4]!)) >>> 0, 60_020 * 8)
  source.timestamp += 100 * 160
  source.nowMs += 2000
  source.run(1)
  t.equal((timestampOf(source.out[6]!) - timestampOf(source.out[5]!)) >>> 0, 101 * 160)
  t.same(steps(sequences(source.out), 16), [1, 1, 1, 1, 1, 1])
})

for (const jump of [20_000, -20_000, 40_000, 300]) {
  t.test(`[ME5] a sequence jump of ${jump} in a running stream costs one packet and leaves no gap`, async t => {
    const source = new Source(make())
    source.run(10)
    source.sequence += jump
    source.run(10)
    t.equal(source.out.length, 19)
    t.ok(steps(sequences(source.out), 16).every(d => d === 1))
  })
}

t.test('[ME6] loss stays a gap of its size, a late packet fills it, a repeated one is dropped', async t => {
  const source = new Source(make())
  source.run(3)
  const late = source.packet()
  source.step()
  source.step() // this one never comes
  source.run(2)
  t.same(sequences(source.out), [10, 11, 12, 15, 16])
  source.give(late)
  t.equal(sequenceOf(source.out.at(-1)!), 13)
  t.equal((timestampOf(source.out.at(-1)!) - timestampOf(source.out[2]!)) >>> 0, 160)
  source.give(late)
  t.equal(source.out.length, 6)
  t.same({ ...source.rebase.stats }, { forwarded: 6, lost: 1, late: 0, duplicates: 1, streams: 1 })
})

t.test('[ME7] a packet more than 200 ms late is dropped', async t => {
  const source = new Source(make())
  source.run(3)
  const late = source.packet()
  source.step()
  source.run(12)
  source.give(late)
  t.equal(source.out.length, 15)
  t.equal(source.rebase.stats.late, 1)
})

t.test('[ME8] comfort noise and DTMF leave no hole in the sequence but keep their time', async t => {
  const source = new Source(make())
  source.run(3)
  for (let n = 0; n < 10; n++) {
    source.rebase.skip(source.packet(), source.nowMs)
    source.step()
  }
  source.run(2)
  t.same(sequences(source.out), [10, 11, 12, 13, 14])
  t.equal((timestampOf(source.out[3]!) - timestampOf(source.out[2]!)) >>> 0, 11 * 160)
})

t.test('[ME9] own frames and voice share one timeline without overlap or jump', async t => {
  const source = new Source(make())
  const frame = Buffer.alloc(160, 0xd5)
  for (let n = 0; n < 10; n++) {
    source.out.push(source.rebase.frame(frame, source.nowMs))
    source.nowMs += 20
  }
  source.nowMs -= 13 // voice comes 7 ms after the last silent frame
  source.run(10)
  source.nowMs += 45
  for (let n = 0; n < 10; n++) {
    source.out.push(source.rebase.frame(frame, source.nowMs))
    source.nowMs += 20
  }
  t.ok(steps(sequences(source.out), 16).every(d => d === 1))
  const times = steps(source.out.map(timestampOf), 32)
  t.same(times.slice(0, 19), Array(19).fill(160))
  t.ok(times[19]! >= 160 && times[19]! <= 90 * 8, `the change back takes real time (${times[19]})`)
  t.same(times.slice(20), Array(9).fill(160))
})

t.test('[ME9] a thousand changes between voice and silence never let the timeline run ahead of the clock', async t => {
  const source = new Source(make())
  const frame = Buffer.alloc(160, 0xd5)
  for (let round = 0; round < 1000; round++) {
    for (let n = 0; n < 3; n++) {
      source.out.push(source.rebase.frame(frame, source.nowMs))
      source.nowMs += 20
    }
    source.nowMs -= 19
    source.run(3)
    source.nowMs += 41
  }
  const first = timestampOf(source.out[0]!)
  const ahead = ((timestampOf(source.out.at(-1)!) - first) >>> 0) / 8 - source.nowMs
  t.ok(Math.abs(ahead) < 150, `${ahead} ms`)
  t.ok(steps(source.out.map(timestampOf), 32).every(d => d >= 160 && d < 16_000))
})

t.test('[ME10] whatever a source does, the outgoing sequence only has the gaps of real loss', async t => {
  let seed = 42
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
  for (let round = 0; round < 50; round++) {
    const source = new Source(make(Math.floor(random() * 65_536)))
    for (let n = 0; n < 400; n++) {
      const dice = random()
      if (dice < 0.01) source.ssrc = Math.floor(random() * 1e9)
      else if (dice < 0.02) source.sequence = Math.floor(random() * 65_536)
      else if (dice < 0.03) source.timestamp = Math.floor(random() * 2 ** 32)
      else if (dice < 0.04) source.nowMs += random() * 1e6
      else if (dice < 0.07) source.rebase.skip(source.packet(), source.nowMs)
      else if (dice < 0.1) source.step()
      else if (dice < 0.12) source.rebase.restart()
      else if (dice < 0.15) source.out.push(source.rebase.frame(Buffer.alloc(160), source.nowMs))
      else if (dice < 0.18) source.give(source.packet())
      source.run(1)
    }
    const { stats } = source.rebase
    const index = new Set<number>()
    let unwrapped = sequenceOf(source.out[0]!)
    for (const packet of source.out) {
      unwrapped += ((sequenceOf(packet) - unwrapped) << 16) >> 16
      index.add(unwrapped)
    }
    const span = Math.max(...index) - Math.min(...index) + 1
    t.equal(span - index.size, stats.lost, 'every hole is one packet that the source lost')
    t.equal(index.size, source.out.length, 'no place is used twice')
  }
})

t.test('[ME11] CSRCs, header extension and padding are taken off', async t => {
  const plain = rtpPacket({ sequence: 1, timestamp: 1, payload: Buffer.from('voice') })
  const csrcs = Buffer.alloc(8, 1)
  const extension = Buffer.from([0xbe, 0xde, 0, 1, 1, 2, 3, 4])
  const dressed = Buffer.concat([plain.subarray(0, 12), csrcs, extension, plain.subarray(12), Buffer.from([0, 0, 3])])
  dressed[0] = 0x80 | 0x20 | 0x10 | 2
  t.equal(make().voice(dressed, 0)!.subarray(12).toString(), 'voice')
})
