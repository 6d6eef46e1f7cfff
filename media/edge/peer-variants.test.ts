import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { makeLeg, steps } from '../../test/doubles/edge-leg.ts'
import { dtmfPayload, RtpParty, rtpPacket } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { readReport, writeReport } from './rtcp-packet.ts'
import { payloadTypeOf, sequenceOf, ssrcOf, timestampOf } from './rtp-packet.ts'
import type { VoiceCodec } from './voice-codec.ts'

const ALL: VoiceCodec[] = ['PCMA', 'PCMU', 'G722', 'opus']
const isAgent = (p: Buffer) => p.subarray(12).every(octet => octet === 0x55)
const contiguous = (packets: readonly Buffer[]) => steps(packets, sequenceOf, 0xffff).every(d => d === 1)

/** A packet with everything an RTP header can hold: CSRCs, an extension, padding. */
function dressed(packet: Buffer, o: { csrcs: number; words: number; padding: number; profile?: number }): Buffer {
  const head = Buffer.from(packet.subarray(0, 12))
  head[0] = 0x80 | o.csrcs | (o.words >= 0 ? 0x10 : 0) | (o.padding > 0 ? 0x20 : 0)
  const extension = Buffer.alloc(o.words < 0 ? 0 : 4 + o.words * 4, 0xee)
  if (o.words >= 0) {
    extension.writeUInt16BE(o.profile ?? 0xbede, 0)
    extension.writeUInt16BE(o.words, 2)
  }
  const padding = Buffer.alloc(o.padding, 0)
  if (o.padding > 0) padding[o.padding - 1] = o.padding
  return Buffer.concat([head, Buffer.alloc(o.csrcs * 4, 0xcc), extension, packet.subarray(12), padding])
}

t.test('[ME110] CSRCs, header extensions and padding of every size: the voice comes through, keys as well', async t => {
  const { edge, phone, voice, states } = await makeLeg(t)
  const shapes = [
    { csrcs: 15, words: 0, padding: 1 },
    { csrcs: 0, words: 3, padding: 0 },
    { csrcs: 1, words: -1, padding: 255 },
    { csrcs: 2, words: 8, padding: 4, profile: 0x1000 },
  ]
  for (const [n, shape] of shapes.entries()) {
    phone.send(dressed(rtpPacket({ sequence: 10 + n, timestamp: n * 160 }), shape), edge.rtpPort)
  }
  for (const [n, end] of [false, true].entries()) {
    const payload = dtmfPayload(5, { end, durationMs: 60 })
    const key = rtpPacket({ sequence: 14 + n, timestamp: 640, payloadType: 101, payload })
    phone.send(dressed(key, { csrcs: 1, words: 1, padding: 3 }), edge.rtpPort)
  }
  await until('voice and key', () => voice.length === 4 && states.some(s => s.kind === 'dtmf' && s.phase === 'end'))
  t.ok(voice.every(p => p.length === 172 && isAgent(p)))
  t.match(
    states.find(s => s.kind === 'dtmf' && s.phase === 'end'),
    { digit: '5', durationMs: 60 },
  )
})

t.test('[ME111] what is no RTP of this call does no harm and is counted', async t => {
  const { edge, phone, voice } = await makeLeg(t)
  edge.startSilence()
  phone.speak(edge.rtpPort, 3)
  const stun = Buffer.from('000100002112a442000102030405060708090a0b', 'hex')
  const dtls = Buffer.from([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 1, 0, 0, 32])
  const version = (v: number) => {
    const p = rtpPacket({ sequence: 999, timestamp: 1 })
    p[0] = v << 6
    return p
  }
  const padded = rtpPacket({ sequence: 999, timestamp: 1 })
  padded[0] = 0xa0
  padded[padded.length - 1] = 200
  const unpadded = Buffer.from(padded)
  unpadded[unpadded.length - 1] = 0
  const giant = rtpPacket({ sequence: 999, timestamp: 1, payload: Buffer.alloc(9000) })
  const junk = [Buffer.alloc(0), stun, dtls, version(0), version(1), version(3), padded, unpadded, giant]
  for (const packet of junk) phone.send(packet, edge.rtpPort)
  await until('counted', () => edge.stats().malformed === junk.length)
  // RTP, but of no payload type that was agreed on.
  for (const payloadType of [3, 18, 63, 127]) {
    phone.send(rtpPacket({ sequence: phone.sequence++, timestamp: phone.timestamp, payloadType }), edge.rtpPort)
  }
  for (const packet of junk) phone.sendRtcp(packet, edge.rtpPort + 1)
  phone.speak(edge.rtpPort, 3)
  await until('voice', () => voice.length === 6)
  t.equal(edge.stats().unknownIn, 4)
  t.ok(contiguous(voice))
})

for (const ms of [10, 30, 40, 60]) {
  t.test(`[ME112] packets of ${ms} ms from a peer that says so: one timeline, no loss; ours stay at 20 ms`, async t => {
    const { edge, phone, voice, tapped } = await makeLeg(t, { answer: false })
    t.match(edge.answer(phone.sdp({ extra: [`a=ptime:${ms}`, `a=maxptime:${ms}`] })), 'a=ptime:20')
    edge.startSilence()
    const ticks = ms * 8
    const payload = Buffer.alloc(ticks, 0x55)
    const give = (n: number) => phone.send(rtpPacket({ sequence: 60 + n, timestamp: n * ticks, payload }), edge.rtpPort)
    for (let n = 0; n < 20; n++) {
      if (n !== 7) give(n)
      if (n === 9) give(7) // overtaken
    }
    await until('voice', () => voice.length === 20)
    const sorted = [...voice].sort((a, b) => (sequenceOf(a) - sequenceOf(b)) << 16)
    t.ok(contiguous(sorted))
    t.ok(steps(sorted, timestampOf, 0xffff_ffff).every(d => d === ticks))
    t.ok(voice.every(p => p.length === 12 + ticks))
    t.equal(edge.stats().lostIn, 0)
    await until('silence', () => phone.received.length > 3)
    t.ok(tapped.filter(x => x.direction === 'out').every(x => x.packet.length === 172))
  })
}

t.test(
  '[ME113] pauses of speech: with and without marker, with and without comfort noise, the clock running or not',
  async t => {
    const { edge, phone, voice, clock } = await makeLeg(t)
    edge.startSilence()
    let sequence = 65_530
    let timestamp = 4_294_960_000
    const send = (o: { marker?: boolean; payloadType?: number; payload?: Buffer } = {}) => {
      phone.send(rtpPacket({ sequence: sequence++ & 0xffff, timestamp: timestamp >>> 0, ...o }), edge.rtpPort)
      timestamp += 160
    }
    const pause = (ms: number, running: boolean) => {
      clock.skewMs += ms
      if (running) timestamp += ms * 8
    }
    for (const marker of [true, false]) {
      for (const running of [true, false]) {
        for (const noise of [true, false]) {
          for (let n = 0; n < 5; n++) send()
          if (noise) send({ payloadType: 13, payload: Buffer.from([60]) })
          const before = voice.length
          await until('the spurt', () => voice.length % 6 === 5 || voice.length === before + 5)
          await delay(5)
          pause(1500, running)
          send({ marker })
          await delay(5)
        }
      }
    }
    await until('all voice', () => voice.length === 48)
    t.ok(contiguous(voice))
    const times = steps(voice, timestampOf, 0xffff_ffff)
    t.ok(
      times.every(d => d >= 160 && d < 4000 * 8),
      `${times}`,
    )
    const pauses = times.filter((_, n) => n % 6 === 4)
    t.ok(
      [0, 1, 4, 5].every(n => pauses[n]! > 1400 * 8),
      `where the clock ran: ${pauses}`,
    )
    const spokenMs = times.reduce((sum, d) => sum + d, 0) / 8
    t.ok(clock.skewMs - spokenMs < 2100, `never far behind the clock: ${spokenMs} of ${clock.skewMs} ms`)
  },
)

for (const jump of [30_000, -30_000, 3000, -500, -30]) {
  t.test(
    `[ME114] sequence and timeline set ${jump > 0 ? 'forward' : 'back'} by ${Math.abs(jump)}, same SSRC: heard at once`,
    async t => {
      const { edge, phone, voice } = await makeLeg(t)
      phone.sequence = 40_000
      phone.timestamp = 9_000_000
      phone.speak(edge.rtpPort, 40)
      await until('voice', () => voice.length === 40)
      phone.sequence = (phone.sequence + jump) & 0xffff
      phone.timestamp = (phone.timestamp + jump * 160) >>> 0
      phone.speak(edge.rtpPort, 40)
      await delay(60)
      t.ok(voice.length >= 40 + 34, `${voice.length - 40} of 40 packets`)
      t.ok(contiguous(voice))
    },
  )
}

t.test('[ME115] another SSRC that goes on with the same numbers, and one that is ours', async t => {
  const { edge, phone, voice, clock } = await makeLeg(t)
  edge.startSilence()
  await until('silence', () => phone.received.length > 0)
  const ours = ssrcOf(phone.received[0]!)
  let n = 0
  for (const ssrc of [1, 2, ours, 3]) {
    for (let k = 0; k < 10; k++, n++) phone.send(rtpPacket({ sequence: n, timestamp: n * 160, ssrc }), edge.rtpPort)
    await delay(5)
  }
  await until('voice', () => voice.length >= 37)
  t.ok(contiguous(voice))
  t.ok(voice.every(p => ssrcOf(p) === edge.ssrc))
  // A peer that sends everything back to us, reports too, as an echo service does.
  for (const packet of phone.received.slice(0, 5)) phone.send(packet, edge.rtpPort)
  clock.skewMs += 8000
  await until('our report', () => phone.receivedRtcp.length > 0)
  phone.sendRtcp(phone.receivedRtcp[0]!, edge.rtpPort + 1)
  await until('taken', () => edge.stats().rtcpIn === 1)
  t.equal(edge.stats().peer, undefined, 'our own report says nothing of how we are heard')
  const before = phone.received.length
  await until('we go on', () => phone.received.length > before + 3)
})

t.test('[ME116] every packet twice, order upset by 20 packets, two seconds in one burst', async t => {
  const { edge, phone, voice, clock } = await makeLeg(t)
  const at = (n: number) => rtpPacket({ sequence: n, timestamp: n * 160 })
  for (let n = 0; n < 40; n++) for (let k = 0; k < 2; k++) phone.send(at(n), edge.rtpPort)
  await until('each once', () => voice.length === 40)
  t.equal(edge.stats().incoming.duplicates, 40)
  t.equal(edge.stats().lostIn, -40)
  const before = voice.length
  for (let n = 60; n > 40; n--) phone.send(at(n), edge.rtpPort)
  await delay(30)
  const upset = voice.slice(before)
  t.equal(new Set(voice.map(sequenceOf)).size, voice.length, 'no place is used twice')
  t.ok(upset.length >= 10, `those less than 200 ms late are heard: ${upset.length}`)
  clock.skewMs += 2000
  const from = voice.length
  for (let n = 61; n < 161; n++) phone.send(at(n), edge.rtpPort)
  await until('the burst', () => voice.length === from + 100)
  const times = steps(voice.slice(from), timestampOf, 0xffff_ffff)
  t.ok(times.every(d => d === 160))
})

t.test(
  '[ME117] keys while the stream changes: the first packets of the new SSRC are a key, its timeline lies before',
  async t => {
    const { edge, phone, voice, states } = await makeLeg(t)
    phone.timestamp = 3_000_000
    phone.speak(edge.rtpPort, 5)
    phone.key(edge.rtpPort, 1)
    const other = { ssrc: 0x7777, timestamp: 1000, sequence: 5 }
    const key = (event: number, end: boolean) =>
      rtpPacket({
        ...other,
        sequence: other.sequence++,
        payloadType: 101,
        payload: dtmfPayload(event, { end, durationMs: 80 }),
      })
    for (const end of [false, false, true, true, true]) phone.send(key(2, end), edge.rtpPort)
    other.timestamp += 800
    for (const end of [false, true]) phone.send(key(2, end), edge.rtpPort)
    for (let n = 0; n < 5; n++) {
      other.timestamp += 160
      phone.send(rtpPacket({ ...other, sequence: other.sequence++ }), edge.rtpPort)
    }
    await until('voice', () => voice.length >= 9)
    t.same(
      states.flatMap(s => (s.kind === 'dtmf' ? [`${s.digit} ${s.phase}`] : [])),
      ['1 begin', '1 end', '2 begin', '2 end', '2 begin', '2 end'],
    )
  },
)

t.test('[ME118] numbers that clash: the peer’s answer gives our numbers another meaning', async t => {
  const { edge, phone, voice, states } = await makeLeg(t, { answer: false, codecs: ['opus'] })
  t.match(edge.offer(), 'm=audio')
  edge.acceptAnswer(
    phone.sdp({ payloadTypes: '110 111', extra: ['a=rtpmap:110 opus/48000/2', 'a=rtpmap:111 telephone-event/48000'] }),
  )
  edge.startSilence()
  await until('ours in its numbers', () => phone.received.length > 2)
  t.ok(phone.received.every(p => payloadTypeOf(p) === 110))
  // What it sends is numbered as we offered (RFC 3264 section 5.1).
  const payload = Buffer.concat([Buffer.of(0x78), Buffer.alloc(40, 7)])
  for (let n = 0; n < 5; n++)
    phone.send(rtpPacket({ sequence: n, timestamp: n * 960, payloadType: 111, payload }), edge.rtpPort)
  await until('voice', () => voice.length === 5)
  const event = dtmfPayload(3, { end: true, durationMs: 60 })
  phone.send(rtpPacket({ sequence: 5, timestamp: 4800, payloadType: 110, payload: event }), edge.rtpPort)
  await until('key', () => states.some(s => s.kind === 'dtmf' && s.phase === 'end'))
})

t.test('[ME118] telephone-event on the number that we use for Opus, Opus on that of our events', async t => {
  const { edge, phone, voice, states } = await makeLeg(t, { answer: false, codecs: ALL })
  const offer = phone.sdp({
    payloadTypes: '101 111',
    extra: ['a=rtpmap:111 telephone-event/48000', 'a=fmtp:111 0-16'],
  })
  const answer = edge.answer(offer.replace('a=rtpmap:101 telephone-event/8000', 'a=rtpmap:101 opus/48000/2'))
  t.match(answer, /RTP\/AVP 101 111\r\na=rtpmap:101 opus\/48000\/2\r\na=rtpmap:111 telephone-event\/48000/)
  edge.startSilence()
  const payload = Buffer.concat([Buffer.of(0x78), Buffer.alloc(40, 7)])
  phone.send(rtpPacket({ sequence: 1, timestamp: 960, payloadType: 101, payload }), edge.rtpPort)
  const event = dtmfPayload(3, { end: true, durationMs: 60 })
  phone.send(rtpPacket({ sequence: 2, timestamp: 1920, payloadType: 111, payload: event }), edge.rtpPort)
  await until('both', () => voice.length === 1 && states.some(s => s.kind === 'dtmf' && s.phase === 'end'))
  // The numbers swap by re-INVITE.
  const swapped = offer
    .replace('a=rtpmap:101 telephone-event/8000', 'a=rtpmap:111 opus/48000/2')
    .replace('a=rtpmap:111 telephone-event/48000', 'a=rtpmap:101 telephone-event/48000')
    .replace('RTP/AVP 101 111', 'RTP/AVP 111 101')
  t.match(edge.answer(swapped), /RTP\/AVP 111 101/)
  phone.send(rtpPacket({ sequence: 3, timestamp: 2880, payloadType: 111, payload }), edge.rtpPort)
  await until('voice by its new number', () => voice.length === 2)
  await edge.sendDtmf('5', 60)
  await until('our key by its new number', () => phone.received.some(p => payloadTypeOf(p) === 101 && p[12] === 5))
})

t.test(
  '[ME119] RTCP of every kind: BYE, APP, XR, reduced size, wrong SSRC, no time, torn: the call goes on',
  async t => {
    const { edge, phone, voice, clock } = await makeLeg(t)
    edge.startSilence()
    phone.speak(edge.rtpPort, 3)
    await until('voice', () => voice.length === 3)
    const ours = ssrcOf(phone.received[0] ?? Buffer.alloc(12))
    const sender = { wallClockMs: Date.now(), rtpTimestamp: 1, packets: 1, octets: 1 }
    const block = { fractionLost: 255, cumulativeLost: 99, highestSequence: 1, jitter: 8000, delaySinceLast: 0 }
    const report = (o: Partial<Parameters<typeof writeReport>[0]>) =>
      writeReport({ ssrc: phone.ssrc, cname: 'p', sender: undefined, block: undefined, bye: false, ...o })
    const kinds = [
      report({ bye: true }),
      Buffer.from('80cc000312345678414243440000000000', 'hex').subarray(0, 16), // APP
      Buffer.from('80cf000512345678040000020011223344556677', 'hex').subarray(0, 20), // XR
      Buffer.from('81cd000212345678deadbeef', 'hex'), // a NACK alone (RFC 5506)
      report({ block: { ...block, ssrc: 0xdeadbeef, lastSenderReport: 1 } }),
      report({ sender: { ...sender, wallClockMs: -2_208_988_800_000 } }),
      report({ ssrc: 0xbad, sender }),
      report({ sender }).subarray(0, 10),
      Buffer.concat([report({ sender }).subarray(0, 28), Buffer.alloc(60, 0xff)]),
    ]
    for (const packet of kinds) phone.sendRtcp(packet, edge.rtpPort + 1)
    await until('read', () => edge.stats().rtcpIn === kinds.length)
    t.equal(edge.stats().peer, undefined, 'nobody has told how we are heard')
    phone.sendRtcp(report({ block: { ...block, ssrc: ours, lastSenderReport: 0x12345678 } }), edge.rtpPort + 1)
    await until('now somebody has', () => edge.stats().peer !== undefined)
    t.match(edge.stats().peer, { cumulativeLost: 99, jitterMs: 1000, rttMs: undefined }, 'of no report of ours')
    phone.speak(edge.rtpPort, 3)
    await until('voice goes on', () => voice.length === 6)
    clock.skewMs += 8000
    await until('reports go on', () => phone.receivedRtcp.some(p => readReport(p).blocks[0]?.ssrc === phone.ssrc))
  },
)

t.test('[ME120] RTCP from an odd port of its own, announced or not; our reports go there', async t => {
  for (const announced of [true, false]) {
    const { edge, phone, voice, clock } = await makeLeg(t, { answer: false })
    const aside = await RtpParty.create()
    t.teardown(() => aside.close())
    edge.answer(phone.sdp({ extra: announced ? [`a=rtcp:${aside.port}`] : [] }))
    edge.startSilence()
    phone.speak(edge.rtpPort, 3)
    await until('voice', () => voice.length === 3)
    if (!announced) {
      const report = { ssrc: phone.ssrc, cname: 'p', sender: undefined, block: undefined, bye: false }
      aside.send(writeReport(report), edge.rtpPort + 1)
      await until('taken', () => edge.stats().rtcpIn === 1)
    }
    clock.skewMs += 8000
    await until('our report', () => aside.received.some(p => p[1] === 200))
    await edge.close()
  }
})

t.test('[ME121] sockets of both IP versions: an IPv4 peer hears and is heard', async t => {
  const { edge, phone, voice } = await makeLeg(t, { listen: '::' })
  edge.startSilence()
  phone.speak(edge.rtpPort, 5)
  await until('voice both ways', () => voice.length === 5 && phone.received.length > 3)
  t.equal(edge.stats().latched, 'as-announced')
})

t.test('[ME122] a peer that moves by re-INVITE moves its reports as well', async t => {
  const { edge, phone, voice, clock } = await makeLeg(t)
  const rebound = await RtpParty.create({ ssrc: phone.ssrc })
  t.teardown(() => rebound.close())
  edge.startSilence()
  phone.speak(edge.rtpPort, 3)
  await until('voice', () => voice.length === 3)
  const report = (ssrc: number) => writeReport({ ssrc, cname: 'p', sender: undefined, block: undefined, bye: false })
  phone.sendRtcp(report(1), edge.rtpPort + 1)
  await until('its report', () => edge.stats().rtcpIn === 1)
  clock.skewMs += 8000
  await until('ours', () => phone.receivedRtcp.length === 1)
  edge.answer(phone.sdp())
  rebound.sequence = phone.sequence
  rebound.speak(edge.rtpPort, 5)
  await until('followed', () => voice.length >= 7)
  clock.skewMs += 8000
  await until('ours at its new place', () => rebound.receivedRtcp.length === 1)
})

t.test(
  '[ME123] an SDP with an address of the IP version that we do not have: the peer is found by its source',
  async t => {
    const { edge, phone, voice } = await makeLeg(t, { answer: false })
    edge.answer(phone.sdp().replaceAll('IN IP4 127.0.0.1', 'IN IP6 2001:db8::5'))
    edge.startSilence()
    phone.speak(edge.rtpPort, 5)
    await until('voice both ways', () => voice.length >= 4 && phone.received.length > 3)
    t.equal(edge.stats().latched, 'signalling-address')
  },
)
