import t from 'tap'
import { answeredCall, rtpPacket } from '../fixture.ts'
import { PlainCallFiles } from '../vault/plain-call-files.ts'
import { FFMPEG, ffmpeg, play } from './fixture.ts'
import { readOggOpus } from './ogg-packets.ts'
import { indexTrack } from './packet-runs.ts'
import { drawVoiceLine } from './voice-line.ts'

const SINE = ['-f', 'lavfi', '-i', 'sine=1000:duration=3:sample_rate=48000']

/** Strength of one pitch against everything, 0..1. */
function share(samples: Int16Array, hertz: number): number {
  let [re, im, power] = [0, 0, 0]
  for (const [n, s] of samples.entries()) {
    re += s * Math.cos((2 * Math.PI * hertz * n) / 8000)
    im += s * Math.sin((2 * Math.PI * hertz * n) / 8000)
    power += s * s
  }
  return power === 0 ? 0 : (2 * (re * re + im * im)) / (samples.length * power)
}

for (const codec of ['G722', 'opus'] as const) {
  t.test(`[CD14] a track in ${codec}: the tone where it was, silence where packets are missing`, async t => {
    const payloads =
      codec === 'G722'
        ? (bytes => Array.from({ length: 150 }, (_, n) => bytes.subarray(n * 160, (n + 1) * 160)))(
            ffmpeg([...SINE, '-ar', '16000', '-c:a', 'g722', '-f', 'g722', 'pipe:1']),
          )
        : readOggOpus(ffmpeg([...SINE, '-c:a', 'libopus', '-frame_duration', '20', '-f', 'ogg', 'pipe:1']))
            .packets.slice(0, 150)
            .map(packet => Buffer.from(packet))
    const [payloadType, ticks, clockRate] = codec === 'G722' ? [9, 160, 8000] : [96, 960, 48_000]
    const call = await answeredCall(t)
    call.answer()
    const track = call.archive.openTrack({ track: 'caller-voice', codec, payloadType, clockRate })
    await play(
      call.clock,
      payloads.flatMap((payload, n) =>
        n >= 60 && n < 80
          ? []
          : [
              {
                atMs: 1000 + n * 20 + 20,
                deliver: () => track.rtp(rtpPacket({ sequence: n, timestamp: n * ticks, payload, payloadType })),
                queuedBytes: () => 0,
              },
            ],
      ),
    )
    await call.archive.closeTracks()
    const files = new PlainCallFiles(call.archive.folder)
    const index = await indexTrack(files, 'tracks/caller-voice-1.rtpj', { heads: false })
    const line = drawVoiceLine(files, [index], 4000, FFMPEG)
    t.equal(line.packets, 130)
    t.equal(line.otherPackets, 0)
    const at = (fromMs: number, toMs: number) => line.pcm.subarray(fromMs * 8, toMs * 8)
    t.ok(share(at(1200, 2150), 1000) > 0.98, `${share(at(1200, 2150), 1000)}`)
    t.ok(share(at(2700, 3900), 1000) > 0.98)
    t.ok(
      at(2240, 2580).every(sample => sample === 0),
      'the gap is silence',
    )
    t.ok(at(0, 950).every(sample => sample === 0))
  })
}
