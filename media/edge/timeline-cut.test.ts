import t from 'tap'
import { TimelineCut } from './timeline-cut.ts'

function packet(timestamp: number, ssrc = 7): Buffer {
  const rtp = Buffer.alloc(172)
  rtp[0] = 0x80
  rtp.writeUInt32BE(timestamp >>> 0, 4)
  rtp.writeUInt32BE(ssrc, 8)
  return rtp
}
/** Spoken at `ms`, in a timeline that wraps soon. */
const spoken = (ms: number, ssrc?: number) => packet(0xffff_f000 + ms * 8, ssrc)
/** Comes in at `nowMs`. */
const stale = (cut: TimelineCut, rtp: Buffer, nowMs: number) => {
  cut.seen(rtp, nowMs)
  return cut.isStale(rtp, nowMs)
}

t.test(
  '[CS14] what was spoken before the cut is stale however late it comes; what was spoken after it is not',
  async t => {
    const cut = new TimelineCut(8000)
    for (let ms = 0; ms <= 5_000; ms += 20) cut.seen(spoken(ms), ms + 60 + ((ms / 20) % 3) * 15)
    cut.cut(5_100)
    t.ok(stale(cut, spoken(4_980), 5_150), 'in order')
    t.ok(stale(cut, spoken(5_000), 9_000), 'a retransmission, or a burst after a stall')
    t.notOk(stale(cut, spoken(5_060), 5_140))
    t.ok(stale(cut, spoken(0, 8), 5_140), 'of a new stream nobody knows when its first packets were spoken')
    t.notOk(stale(cut, spoken(500, 8), 5_640), 'half a second later they were spoken afterwards')
    t.ok(stale(cut, spoken(4_980), 5_650), 'what is late of the old stream is late also then')
  },
)

t.test('[CS14] of a young stream the packets after the cut tell which ones before them were late', async t => {
  const cut = new TimelineCut(8000)
  for (let ms = 5_000; ms < 5_100; ms += 20) cut.seen(spoken(ms), ms + 300)
  cut.cut(5_400)
  for (let ms = 5_500; ms < 5_900; ms += 20) cut.seen(spoken(ms), ms + 40)
  t.ok(stale(cut, spoken(5_300), 5_950))
  t.notOk(stale(cut, spoken(5_900), 5_950))
})

t.test('[CS14] a window of lag, or a slower way, does not make late packets look punctual', async t => {
  const cut = new TimelineCut(8000)
  for (let ms = 0; ms <= 5_000; ms += 20) cut.seen(spoken(ms), ms + (ms > 1_500 ? 340 : 40))
  cut.cut(5_400)
  t.ok(stale(cut, spoken(5_300), 5_640))
  t.notOk(stale(cut, spoken(5_380), 5_720))
})

t.test(
  '[CS14] a sender who sets its timeline back is not left out for ever; drift of an hour does not matter',
  async t => {
    const cut = new TimelineCut(8000)
    for (let ms = 0; ms <= 3_600_000; ms += 1_000) cut.seen(packet(Math.round(ms * 8 * 0.9999)), ms + 50)
    cut.cut(3_600_050)
    t.notOk(stale(cut, packet(Math.round(3_600_020 * 8 * 0.9999)), 3_600_070))
    t.ok(stale(cut, packet(0), 3_601_000))
    t.notOk(stale(cut, packet(0), 3_616_000))
  },
)
