import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { makeLeg, steps } from '../../test/doubles/edge-leg.ts'
import { dtmfPayload, rtpPacket } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { loadHoldMusic } from './hold-music-file.ts'
import { opusPacketsOf } from './ogg-packets.ts'
import { payloadTypeOf, sequenceOf, timestampOf } from './rtp-packet.ts'
import { DEFAULT_CODECS, ticksOf, type VoiceCodec } from './voice-codec.ts'
import { VoiceSdp } from './voice-sdp.ts'

const FFMPEG = process.env.FFMPEG_BIN ?? 'ffmpeg'
const ALL: VoiceCodec[] = ['PCMA', 'PCMU', 'G722', 'opus']
const OPUS = { payloadTypes: '96 97', extra: ['a=rtpmap:96 opus/48000/2', 'a=rtpmap:97 telephone-event/48000'] }
const agentPacket = (n: number, ticks: number, payload: Buffer) =>
  rtpPacket({ sequence: 7 + n, timestamp: 70_000 + n * ticks, ssrc: 9, payload })

t.test(
  '[CD10] which codec is chosen: the configured order, between the laws the peer’s; opus by any number',
  async t => {
    const choose = (codecs: VoiceCodec[] | undefined, payloads: string) => {
      const sdp = new VoiceSdp({ announcedAddress: '198.51.100.7', rtpPort: 20_000, ...(codecs && { codecs }) })
      const { remote } = sdp.answer(
        `v=0\r\no=- 1 1 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\nm=audio 4000 RTP/AVP ${payloads}\r\n` +
          'a=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\na=rtpmap:97 telephone-event/48000\r\n',
      )
      return [remote.codec, remote.eventPayloadType]
    }
    t.same(choose(ALL, '96 9 0 8 101 97'), ['PCMU', 101], 'G.711 before all, the peer’s law')
    t.same(choose(ALL, '96 9 101 97'), ['G722', 101])
    t.same(choose(ALL, '96 101 97'), ['opus', 97], 'keys on the clock of the voice')
    t.same(choose(['opus', 'PCMA', 'PCMU'], '0 8 96 97'), ['opus', 97], 'the operator’s order')
    t.same(choose(['PCMA', 'PCMU'], '9 8'), ['PCMA', undefined])
    t.throws(() => choose(undefined, '9 96'), 'without a configuration only G.711')
    t.same(DEFAULT_CODECS, ['PCMA', 'PCMU'])
  },
)

t.test('[CD11] how long an Opus packet lasts stands in its first byte (RFC 6716 3.1)', async t => {
  const ticks = (...octets: number[]) => ticksOf('opus', Buffer.from(octets))
  t.equal(ticks(0xf8), 960)
  t.equal(ticks(0xe0), 120)
  t.equal(ticks(0x00), 480)
  t.equal(ticks(0x18), 2880)
  t.equal(ticks(0x68), 960)
  t.equal(ticks(0xf9), 1920)
  t.equal(ticks(0xfb, 0x03), 2880)
  t.equal(ticks(), 0)
  t.equal(ticksOf('G722', Buffer.alloc(160)), 160)
})

const decode = (from: readonly string[], input: Buffer) => {
  const run = spawnSync(
    FFMPEG,
    ['-v', 'error', ...from, '-i', 'pipe:0', '-ac', '1', '-ar', '8000', '-f', 's16le', 'pipe:1'],
    { input },
  )
  if (run.status !== 0) throw new Error(run.stderr.toString())
  return run.stdout
}
/** Periods a second where it is loud. */
function pitch(pcm: Buffer): number {
  let first = -1
  let last = 0
  let periods = 0
  for (let n = 1; n < pcm.length / 2; n++) {
    const [a, b] = [pcm.readInt16LE(n * 2 - 2), pcm.readInt16LE(n * 2)]
    if (a >= 0 || b < 0 || b - a < 200) continue
    if (first < 0) first = n
    else periods++
    last = n
  }
  return (periods * 8000) / (last - first)
}

t.test('[CD12] a call in G.722: both ways untouched, silence and tone in G.722', async t => {
  const { edge, phone, voice } = await makeLeg(t, { answer: false, codecs: ALL })
  t.match(edge.answer(phone.sdp({ payloadTypes: '9 101' })), /RTP\/AVP 9 101\r\na=rtpmap:9 G722\/8000/)
  t.equal(edge.codec, 'G722')
  edge.holdTone(true)
  edge.startSilence()
  await until('beep and silence', () => phone.received.length >= 40, 4000)
  t.ok(phone.received.every(p => payloadTypeOf(p) === 9 && p.length === 172))
  const hertz = pitch(decode(['-f', 'g722'], Buffer.concat(phone.received.slice(0, 19).map(p => p.subarray(12)))))
  t.ok(Math.abs(hertz - 425) < 10, `${hertz} Hz`)
  const bytes = Buffer.from(Uint8Array.from({ length: 160 }, (_, n) => n))
  for (let n = 0; n < 10; n++)
    phone.send(rtpPacket({ sequence: n, timestamp: n * 160, payloadType: 9, payload: bytes }), edge.rtpPort)
  await until('voice', () => voice.length === 10)
  t.ok(voice.every(p => payloadTypeOf(p) === 9 && p.subarray(12).equals(bytes)))
  t.ok(steps(voice, timestampOf, 0xffff_ffff).every(d => d === 160))
  for (let n = 0; n < 10; n++) edge.sendVoice(agentPacket(n, 160, bytes))
  await until('the agent', () => phone.received.filter(p => p.subarray(12).equals(bytes)).length === 10)
  await edge.sendDtmf('5', 60)
  t.ok(phone.received.some(p => payloadTypeOf(p) === 101 && p.readUInt16BE(14) === 480))
  t.throws(() => edge.answer(phone.sdp()), 'no way from G.722 to G.711 without transcoding')
})

t.test('[CD13] a call in Opus: 48 kHz timeline, the peer’s number, keys on that clock both ways', async t => {
  const { edge, phone, voice, states } = await makeLeg(t, { answer: false, codecs: ALL })
  t.match(
    edge.answer(phone.sdp(OPUS)),
    /RTP\/AVP 96 97\r\na=rtpmap:96 opus\/48000\/2\r\na=rtpmap:97 telephone-event\/48000/,
  )
  edge.holdTone(true)
  edge.startSilence()
  await until('beep and silence', () => phone.received.length >= 40, 4000)
  t.ok(phone.received.every(p => payloadTypeOf(p) === 96))
  const times = steps(phone.received, timestampOf, 0xffff_ffff)
  t.ok(times.filter(d => d === 960).length > times.length * 0.9, `${times}`)
  t.ok(steps(phone.received, sequenceOf, 0xffff).every(d => d === 1))
  const payload = Buffer.concat([Buffer.of(0x78), Buffer.alloc(40, 7)])
  const at = (n: number) => ({ sequence: n, timestamp: (n * 960) >>> 0 })
  for (let n = 0; n < 10; n++) phone.send(rtpPacket({ ...at(n), payloadType: 96, payload }), edge.rtpPort)
  await until('voice', () => voice.length === 10)
  t.ok(voice.every(p => payloadTypeOf(p) === 111 && p.subarray(12).equals(payload)))
  t.ok(steps(voice, timestampOf, 0xffff_ffff).every(d => d === 960))
  for (const [n, end] of [false, true, true, true].entries()) {
    const key = dtmfPayload(8, { end, durationMs: 100 })
    key.writeUInt16BE(4800, 2)
    phone.send(rtpPacket({ sequence: 10 + n, timestamp: 9600, payloadType: 97, payload: key }), edge.rtpPort)
  }
  await until('their key', () => states.some(s => s.kind === 'dtmf' && s.phase === 'end' && s.durationMs === 100))
  await edge.sendDtmf('5', 60)
  t.ok(phone.received.some(p => payloadTypeOf(p) === 97 && p.readUInt16BE(14) === 2880))
  for (let n = 0; n < 10; n++) edge.sendVoice(agentPacket(n, 960, payload))
  await until('the agent', () => phone.received.filter(p => p.subarray(12).equals(payload)).length === 10)
  t.ok(steps(phone.received, sequenceOf, 0xffff).every(d => d === 1))
  await delay(10)
  t.equal(edge.stats().lostIn, 0)
})

t.test('[CD13] packets of a real Opus coder last what their first byte says', async t => {
  const run = spawnSync(FFMPEG, [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'sine=500:duration=1:sample_rate=48000', '-c:a', 'libopus'],
    ...['-frame_duration', '20', '-f', 'ogg', 'pipe:1'],
  ])
  const packets = opusPacketsOf(run.stdout)
  t.ok(packets.length >= 50 && packets.length <= 52)
  t.ok(packets.every(packet => ticksOf('opus', packet) === 960))
})

t.test('[ME94] the operator’s music in G.722 and Opus', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'music-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'music.wav')
  spawnSync(FFMPEG, ['-v', 'error', '-f', 'lavfi', '-i', 'sine=700:duration=2:sample_rate=48000', file])
  const holdMusic = await loadHoldMusic({ file, ffmpegBin: FFMPEG, codecs: ALL })
  t.ok(holdMusic.frames('opus')?.every(frame => ticksOf('opus', frame) === 960))
  const { edge, phone } = await makeLeg(t, { answer: false, codecs: ALL, holdMusic })
  edge.answer(phone.sdp({ payloadTypes: '9 101' }))
  edge.startSilence()
  edge.holdByUs('sendonly')
  await until('music', () => phone.received.length > 30)
  const hertz = pitch(decode(['-f', 'g722'], Buffer.concat(phone.received.slice(2, 28).map(p => p.subarray(12)))))
  t.ok(Math.abs(hertz - 700) < 15, `${hertz} Hz`)
})
