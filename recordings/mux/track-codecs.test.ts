import t from 'tap'
import { answeredCall, rtpPacket } from '../fixture.ts'
import { PlainCallFiles } from '../vault/plain-call-files.ts'
import { FFMPEG, muLaw, play } from './fixture.ts'
import { PCMA_TO_LINEAR } from './g711.ts'
import { indexTrack } from './packet-runs.ts'
import { codecsOf } from './track-codecs.ts'
import { drawVoiceLine } from './voice-line.ts'

const nearest = (table: Int16Array, sample: number) => {
  let best = 0
  for (let n = 1; n < 256; n++) {
    if (Math.abs((table[n] ?? 0) - sample) < Math.abs((table[best] ?? 0) - sample)) best = n
  }
  return best
}

t.test('[CD4] laws and numbers that change in the middle of a track: the sound goes on', async t => {
  const call = await answeredCall(t)
  call.answer()
  const track = call.archive.openTrack({ track: 'caller-voice', codec: 'PCMU', payloadType: 97, clockRate: 8000 })
  const code = { PCMU: muLaw, PCMA: (sample: number) => nearest(PCMA_TO_LINEAR, sample) }
  const stretch = (from: number, law: 'PCMU' | 'PCMA', payloadType: number) =>
    Array.from({ length: 50 }, (_, n) => {
      const at = (from + n) * 160
      const payload = Buffer.from(
        Uint8Array.from({ length: 160 }, (_, k) => code[law](Math.round(8000 * Math.sin((at + k) / 4)))),
      )
      const packet = rtpPacket({ sequence: from + n, timestamp: at, payload, payloadType })
      return { atMs: (from + n) * 20 + 20, deliver: () => track.rtp(packet), queuedBytes: () => 0 }
    })
  const formats = (atMs: number, list: unknown) => ({
    atMs,
    deliver: () => track.event({ type: 'formats', formats: list }),
    queuedBytes: () => 0,
  })
  await play(call.clock, [
    ...stretch(0, 'PCMU', 97), // a mapped number, known from the header
    formats(1019.5, [{ codec: 'PCMA', payloadType: 8 }]),
    ...stretch(50, 'PCMA', 8),
    formats(2019.5, [{ codec: 'PCMA', payloadType: 97 }]), // the number of before means the other law now
    ...stretch(100, 'PCMA', 97),
    ...stretch(150, 'PCMU', 0), // static, whatever was said
  ])
  await call.archive.closeTracks()
  const files = new PlainCallFiles(call.archive.folder)
  const index = await indexTrack(files, 'tracks/caller-voice-1.rtpj', { heads: false })
  const line = drawVoiceLine(files, [index], 4000, FFMPEG)
  t.equal(line.otherPackets, 0)
  t.equal(line.packets, 200)
  const worst = (shift: number, from: number, to: number) => {
    let most = 0
    for (let n = from; n < to; n++)
      most = Math.max(most, Math.abs((line.pcm[n] ?? 0) - 8000 * Math.sin((n - shift) / 4)))
    return most
  }
  // Where the track begins on the clock is the placing's business; from there on no sample may be elsewhere or in another law.
  const shifts = Array.from({ length: 400 }, (_, n) => n - 200)
  const shift = shifts.reduce((best, one) => (worst(one, 400, 600) < worst(best, 400, 600) ? one : best))
  t.ok(worst(shift, 400, 31_500) < 300, `shift ${shift}, ${worst(shift, 400, 31_500)}`)
  t.equal(codecsOf(index)({ payloadType: 101, arrivalMs: 5 }), undefined)
})
