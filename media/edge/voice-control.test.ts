import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { decodeG711 } from '../../scripts/simulated-caller/g711.ts'
import { makeLeg, steps } from '../../test/doubles/edge-leg.ts'
import { RtpParty, rtpPacket } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { DtmfNotNegotiated, DtmfUnsent } from './dtmf-out.ts'
import { HoldMusicUnusable, loadHoldMusic } from './hold-music-file.ts'
import { SdpRefusal } from './remote-voice.ts'
import { markerOf, payloadTypeOf, sequenceOf, timestampOf } from './rtp-packet.ts'

const agentPacket = (n: number) => rtpPacket({ sequence: 7 + n, timestamp: 70_000 + n * 160, ssrc: 9 })
const isAgent = (p: Buffer) => p.subarray(12).every(octet => octet === 0x55)
const FFMPEG = process.env.FFMPEG_BIN ?? 'ffmpeg'

/** Strength of one pitch against everything, 0..1 (Goertzel). */
function share(samples: ArrayLike<number>, hertz: number): number {
  let re = 0
  let im = 0
  let power = 0
  for (let n = 0; n < samples.length; n++) {
    const s = samples[n]!
    re += s * Math.cos((2 * Math.PI * hertz * n) / 8000)
    im += s * Math.sin((2 * Math.PI * hertz * n) / 8000)
    power += s * s
  }
  return power === 0 ? 0 : (2 * (re * re + im * im)) / (samples.length * power)
}
const samplesOf = (packets: readonly Buffer[]) => decodeG711('PCMA', Buffer.concat(packets.map(p => p.subarray(12))))

t.test(
  '[ME87] while we hold, the caller hears the tone and not the agent; nothing of the caller goes on, all is tapped',
  async t => {
    const { edge, phone, voice, states, tapped } = await makeLeg(t)
    edge.startSilence()
    phone.speak(edge.rtpPort, 5)
    await until('voice', () => voice.length === 5)
    for (let n = 0; n < 5; n++) edge.sendVoice(agentPacket(n))
    await until('the agent', () => phone.received.filter(isAgent).length === 5)
    edge.holdByUs('sendonly')
    t.same(edge.held, { byPeer: false, byUs: true })
    t.match(edge.offer(), /a=sendonly/)
    edge.acceptAnswer(phone.sdp({ direction: 'recvonly' }))
    const from = phone.received.length
    for (let n = 5; n < 15; n++) edge.sendVoice(agentPacket(n))
    phone.speak(edge.rtpPort, 5)
    await until('tone', () => phone.received.length >= from + 15)
    const sent = phone.received.slice(from)
    t.notOk(sent.some(isAgent))
    t.ok(share(samplesOf(sent.slice(2, 12)), 425) > 0.9, 'a tone of 425 Hz')
    t.equal(voice.length, 5)
    t.equal(tapped.filter(x => x.direction === 'in' && x.kind === 'voice').length, 10)
    edge.holdByUs(undefined)
    t.match(edge.offer(), /a=sendrecv/)
    edge.acceptAnswer(phone.sdp())
    for (let n = 15; n < 20; n++) edge.sendVoice(agentPacket(n))
    phone.speak(edge.rtpPort, 5)
    await until('voice both ways', () => voice.length === 10 && phone.received.filter(isAgent).length === 10)
    t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
    t.ok(steps(phone.received, sequenceOf, 0xffff).every(d => d === 1))
    t.same(
      states.filter(s => s.kind === 'held' || s.kind === 'retrieved'),
      [
        { kind: 'held', by: 'us', direction: 'sendonly' },
        { kind: 'retrieved', by: 'us' },
      ],
    )
  },
)

t.test('[ME88] an inactive hold sends nothing and the watchdog rests; a refused one is taken back', async t => {
  const { edge, phone, voice, clock, states } = await makeLeg(t, { inactivityMs: 3000 })
  edge.startSilence()
  edge.holdByUs('inactive')
  t.match(edge.offer(), /a=inactive/)
  edge.acceptAnswer(phone.sdp({ direction: 'inactive' }))
  await delay(50)
  const sent = phone.received.length
  clock.skewMs += 60_000
  await delay(550)
  t.equal(phone.received.length, sent)
  edge.holdByUs(undefined)
  edge.offer()
  edge.acceptAnswer(phone.sdp())
  await until('silence again', () => phone.received.length > sent)
  edge.holdByUs('sendonly')
  edge.offer()
  edge.abandonOffer() // 488, or nobody answered
  t.same(edge.held, { byPeer: false, byUs: false })
  phone.speak(edge.rtpPort, 3)
  await until('voice', () => voice.length === 3)
  t.same(
    states.filter(s => s.kind !== 'latched').map(s => s.kind),
    ['held', 'retrieved', 'held', 'retrieved'],
  )
})

t.test('[ME89] both hold: each hold ends by itself, and only then voice flows', async t => {
  const { edge, phone, voice, states } = await makeLeg(t)
  edge.startSilence()
  t.match(edge.answer(phone.sdp({ direction: 'sendonly' })), /a=recvonly/)
  edge.holdByUs('sendonly')
  t.match(edge.offer(), /a=sendonly/)
  edge.acceptAnswer(phone.sdp({ direction: 'inactive' }))
  t.same(edge.held, { byPeer: true, byUs: true })
  t.match(edge.answer(phone.sdp()), /a=sendonly/, 'the peer comes back while we still hold')
  t.same(edge.held, { byPeer: false, byUs: true })
  phone.speak(edge.rtpPort, 3)
  edge.holdByUs(undefined)
  t.match(edge.offer(), /a=sendrecv/)
  edge.acceptAnswer(phone.sdp({ direction: 'sendonly' }))
  t.same(edge.held, { byPeer: true, byUs: false }, 'the peer holds again in the answer to our retrieve')
  t.match(edge.answer(phone.sdp()), /a=sendrecv/)
  phone.speak(edge.rtpPort, 3)
  await until('voice', () => voice.length >= 3)
  t.same(
    states.flatMap(s => (s.kind === 'held' || s.kind === 'retrieved' ? [`${s.kind} by ${s.by}`] : [])),
    ['held by peer', 'held by us', 'retrieved by peer', 'retrieved by us', 'held by peer', 'retrieved by peer'],
  )
})

for (const how of ['same', 'new'] as const) {
  t.test(`[ME90] their hold by c=0.0.0.0 and back at the ${how} address`, async t => {
    const { edge, phone, voice } = await makeLeg(t)
    const other = await RtpParty.create()
    t.teardown(() => other.close())
    edge.startSilence()
    phone.speak(edge.rtpPort, 5)
    await until('voice', () => voice.length === 5)
    t.match(edge.answer(phone.sdp({ address: '0.0.0.0' })), /a=recvonly/)
    await delay(50)
    const sent = phone.received.length
    await delay(80)
    t.equal(phone.received.length, sent, 'nothing is sent to nowhere')
    const back = how === 'same' ? phone : other
    t.match(edge.answer(back.sdp()), /a=sendrecv/)
    const before = back.received.length
    back.speak(edge.rtpPort, 5)
    await until('voice both ways', () => voice.length >= 9 && back.received.length > before + 3)
    t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
  })
}

t.test('[ME91] keys go out as RFC 4733 on the voice’s own stream, and the voice waits', async t => {
  const { edge, phone, tapped } = await makeLeg(t)
  edge.startSilence()
  t.equal(edge.canSendDtmf, true)
  let n = 0
  const talking = setInterval(() => edge.sendVoice(agentPacket(n++)), 20)
  t.teardown(() => clearInterval(talking))
  await until('the agent', () => phone.received.some(isAgent))
  await Promise.all([edge.sendDtmf('4', 100), edge.sendDtmf('#', 60)])
  await delay(150)
  clearInterval(talking)
  const events = phone.received.filter(p => payloadTypeOf(p) === 101)
  t.same(
    events.map(p => [p[12], p[13]! >> 7, p.readUInt16BE(14)]),
    [
      ...[160, 320, 480, 640].map(d => [4, 0, d]),
      ...[800, 800, 800].map(d => [4, 1, d]),
      ...[160, 320].map(d => [11, 0, d]),
      ...[480, 480, 480].map(d => [11, 1, d]),
    ],
  )
  t.same(
    events.map(markerOf),
    events.map((_, i) => i === 0 || i === 7),
  )
  t.equal(new Set(events.slice(0, 7).map(timestampOf)).size, 1)
  t.ok(steps(phone.received, sequenceOf, 0xffff).every(d => d === 1))
  const first = phone.received.indexOf(events[0]!)
  t.ok(
    phone.received.slice(first, first + 7).every(p => payloadTypeOf(p) === 101),
    'no voice while a key is down',
  )
  const after = phone.received[phone.received.indexOf(events[6]!) + 1]!
  const passed = (timestampOf(after) - timestampOf(events[0]!)) >>> 0
  t.ok(passed >= 7 * 160 && passed <= 12 * 160, `what follows begins after the key: ${passed}`)
  const times = steps(
    phone.received.filter(p => payloadTypeOf(p) === 8),
    timestampOf,
    0xffff_ffff,
  )
  t.ok(times.every(d => d >= 160 && d < 160 * 30))
  t.equal(tapped.filter(x => x.direction === 'out' && payloadTypeOf(x.packet) === 101).length, 12)
})

t.test('[ME92] without telephone-event, on hold and after the end keys are refused by name', async t => {
  const { edge, phone } = await makeLeg(t, { answer: false })
  t.equal(edge.canSendDtmf, false)
  edge.answer(phone.sdp({ payloadTypes: '8' }))
  edge.startSilence()
  t.equal(edge.canSendDtmf, false)
  await t.rejects(edge.sendDtmf('1'), DtmfNotNegotiated)
  edge.answer(phone.sdp())
  const cut = edge.sendDtmf('1', 400)
  edge.answer(phone.sdp({ direction: 'sendonly' }))
  await t.rejects(cut, DtmfUnsent)
  await t.rejects(edge.sendDtmf('1'), DtmfUnsent)
  edge.answer(phone.sdp())
  const last = edge.sendDtmf('1', 400)
  const ended = t.rejects(last, DtmfUnsent)
  await edge.close()
  await ended
})

t.test('[ME93] another number for telephone-event in mid-call holds for both ways', async t => {
  const { edge, phone, states } = await makeLeg(t)
  edge.startSilence()
  const renumbered = phone.sdp({ payloadTypes: '8 96', extra: ['a=rtpmap:96 telephone-event/8000'] })
  t.match(edge.answer(renumbered), /m=audio \d+ RTP\/AVP 8 96\r\na=rtpmap:8 PCMA\/8000\r\na=rtpmap:96 telephone-event/)
  await edge.sendDtmf('9', 60)
  t.ok(phone.received.some(p => payloadTypeOf(p) === 96 && p[12] === 9))
  t.notOk(phone.received.some(p => payloadTypeOf(p) === 101))
  phone.key(edge.rtpPort, 3, { payloadType: 96 })
  await until('their key', () => states.some(s => s.kind === 'dtmf' && s.phase === 'end'))
})

t.test('[ME94] the operator’s music is what a held caller hears, from its beginning each time', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'music-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'music.wav')
  execFileSync(FFMPEG, ['-v', 'error', '-f', 'lavfi', '-i', 'sine=700:duration=2:sample_rate=44100', '-ac', '2', file])
  const holdMusic = await loadHoldMusic({ file, ffmpegBin: FFMPEG })
  const { edge, phone } = await makeLeg(t, { holdMusic })
  edge.startSilence()
  for (let round = 0; round < 2; round++) {
    edge.holdByUs('sendonly')
    const from = phone.received.length
    await until('music', () => phone.received.length > from + 20)
    t.ok(share(samplesOf(phone.received.slice(from + 2, from + 20)), 700) > 0.9)
    edge.holdByUs(undefined)
    await delay(60)
  }
  const text = join(folder, 'no-music.wav')
  writeFileSync(text, 'hello')
  await t.rejects(loadHoldMusic({ file: text, ffmpegBin: FFMPEG }), HoldMusicUnusable)
  await t.rejects(loadHoldMusic({ file: join(folder, 'none.wav'), ffmpegBin: FFMPEG }), HoldMusicUnusable)
})

t.test('[CD1] the other law by re-INVITE: both hear each other, the tap keeps what stood on the wire', async t => {
  const { edge, phone, voice, tapped } = await makeLeg(t)
  edge.startSilence()
  phone.speak(edge.rtpPort, 3)
  await until('A-law', () => voice.length === 3)
  t.match(edge.answer(phone.sdp({ payloadTypes: '0 101' })), /RTP\/AVP 0 101/)
  t.equal(edge.codec, 'PCMA', 'the browser goes on as it was')
  t.same(edge.wireFormats, [{ codec: 'PCMU', payloadType: 0 }])
  // 1000 Hz in µ-law on the wire, in A-law for the browser; and back.
  phone.tone(edge.rtpPort, { law: 'PCMU', packets: 10 })
  await until('converted', () => voice.length === 13)
  t.ok(voice.every(p => payloadTypeOf(p) === 8))
  t.ok(share(samplesOf(voice.slice(3)), 1000) > 0.99)
  t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
  const raw = tapped.filter(x => x.direction === 'in' && x.kind === 'voice').slice(3)
  t.ok(raw.every(x => payloadTypeOf(x.packet) === 0))
  const sound = voice.slice(3).map((p, n) => Buffer.concat([agentPacket(n).subarray(0, 12), p.subarray(12)]))
  for (const packet of sound) edge.sendVoice(packet)
  await until('µ-law back', () => phone.received.filter(p => payloadTypeOf(p) === 0 && p[12] !== 0xff).length >= 9)
  const heard = phone.received.filter(p => payloadTypeOf(p) === 0 && p[12] !== 0xff)
  const linear = decodeG711('PCMU', Buffer.concat(heard.map(p => p.subarray(12))))
  t.ok(share(linear, 1000) > 0.98)
  t.match(edge.answer(phone.sdp()), /RTP\/AVP 8 101/)
  phone.speak(edge.rtpPort, 3)
  await until('A-law again', () => voice.length === 16)
})

t.test('[CD2] any other codec by re-INVITE is refused with 488 and the call goes on as it was', async t => {
  const { edge, phone, voice } = await makeLeg(t)
  edge.startSilence()
  const before = edge.answer(phone.sdp())
  for (const payloadTypes of ['9', '18', '3 101']) {
    t.throws(() => edge.answer(phone.sdp({ payloadTypes })), SdpRefusal)
  }
  phone.speak(edge.rtpPort, 3)
  await until('voice', () => voice.length === 3)
  t.equal(edge.answer(phone.sdp()), before)
})

t.test('[CD3] a late offer holds both laws; an answer with the browser’s other law is converted', async t => {
  const { edge, phone, voice } = await makeLeg(t, { answer: false })
  t.match(edge.answer(undefined), /RTP\/AVP 8 0 101/)
  edge.startSilence()
  edge.acceptAnswer(phone.sdp({ payloadTypes: '0 101' }))
  t.equal(edge.codec, 'PCMA')
  phone.tone(edge.rtpPort, { law: 'PCMU', packets: 10 })
  await until('converted', () => voice.length === 10)
  t.ok(share(samplesOf(voice), 1000) > 0.99)
  await until('silence in µ-law', () => phone.received.some(p => payloadTypeOf(p) === 0 && p[12] === 0xff))
})
