import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { makeLeg, steps } from '../../test/doubles/edge-leg.ts'
import { dtmfPayload, RtpParty, rtpPacket } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { frameTicker } from './frame-ticker.ts'
import { readReport, writeReport } from './rtcp-packet.ts'
import { payloadTypeOf, sequenceOf, ssrcOf, timestampOf } from './rtp-packet.ts'

const agentPacket = (n: number, ssrc = 9) => rtpPacket({ sequence: 7 + n, timestamp: 70_000 + n * 160, ssrc })

t.test('[ME40] silence flows from the answer on, paced by 20 ms, until the agent speaks', async t => {
  const { edge, phone, tapped } = await makeLeg(t)
  await delay(60)
  t.equal(phone.received.length, 0, 'nothing before the 200 OK')
  const startMs = performance.now()
  edge.startSilence()
  await until('first silence', () => phone.received.length > 0)
  t.ok(performance.now() - startMs < 200)
  await until('a second of silence', () => phone.received.length >= 25)
  const tookMs = performance.now() - startMs
  t.ok(tookMs > 430 && tookMs < 1500, `25 frames took ${tookMs} ms`)
  t.ok(phone.received.every(p => p.length === 172 && p.subarray(12).every(b => b === 0xd5)))
  t.equal(new Set(phone.received.map(ssrcOf)).size, 1)
  t.ok(tapped.every(x => x.kind === 'filler' && x.direction === 'out'))
})

t.test('[ME41] the agent replaces silence and silence the agent, on one timeline', async t => {
  const { edge, phone } = await makeLeg(t)
  edge.startSilence()
  await delay(105)
  const startMs = performance.now()
  for (let n = 0; n < 15; n++) {
    edge.sendVoice(agentPacket(n))
    await delay(Math.max(0, startMs + (n + 1) * 20 - performance.now()))
  }
  await delay(160)
  for (let n = 0; n < 5; n++) edge.sendVoice(agentPacket(n, 10)) // the agent is back with a new SSRC
  await until('the second voice', () => phone.received.filter(p => p[12] === 0x55).length === 20)
  const packets = phone.received
  const kinds = packets.map(p => (p[12] === 0x55 ? 'v' : 's')).join('')
  t.match(kinds, /^s{3,}v{15}s{3,}v{5}/, kinds)
  t.equal(new Set(packets.map(ssrcOf)).size, 1)
  t.ok(steps(packets, sequenceOf, 0xffff).every(d => d === 1))
  const times = steps(packets, timestampOf, 0xffff_ffff)
  t.ok(
    times.every(d => d >= 160 && d <= 160 * 10),
    `no overlap, no jump: ${times}`,
  )
  t.equal(times.filter(d => d !== 160).length <= 2, true, `${times}`)
})

t.test('[ME42] the hold tone is a 425 Hz beep in place of silence', async t => {
  const { edge, phone } = await makeLeg(t)
  edge.holdTone(true)
  edge.startSilence()
  await until('beep and pause', () => phone.received.length >= 26, 3000)
  const beep = phone.received.slice(0, 20)
  t.ok(beep.every(p => !p.subarray(12).every(b => b === 0xd5)))
  t.ok(phone.received.slice(20).every(p => p.subarray(12).every(b => b === 0xd5)))
  const samples = Buffer.concat(beep.slice(2, 18).map(p => p.subarray(12)))
  let crossings = 0
  for (let n = 1; n < samples.length; n++) if ((samples[n]! ^ samples[n - 1]!) & 0x80) crossings++
  const hertz = crossings / 2 / (samples.length / 8000)
  t.ok(Math.abs(hertz - 425) < 8, `${hertz} Hz`)
  edge.holdTone(false)
})

t.test('[ME43] caller’s voice: normalised for the room, raw in the tap, CN and DTMF kept out', async t => {
  const { edge, phone, voice, tapped, states } = await makeLeg(t)
  edge.startSilence()
  phone.speak(edge.rtpPort, 5)
  const digit = (end: boolean) =>
    rtpPacket({
      sequence: phone.sequence++,
      timestamp: phone.timestamp,
      ssrc: phone.ssrc,
      payloadType: 101,
      payload: dtmfPayload(7, { end, durationMs: 100 }),
    })
  for (const end of [false, false, true, true, true]) phone.send(digit(end), edge.rtpPort)
  const noise = { sequence: phone.sequence++, timestamp: phone.timestamp, ssrc: phone.ssrc, payloadType: 13 }
  phone.send(rtpPacket({ ...noise, payload: Buffer.from([60]) }), edge.rtpPort)
  phone.timestamp += 1600
  phone.speak(edge.rtpPort, 5)
  await until('all voice', () => voice.length === 10)
  t.ok(voice.every(p => ssrcOf(p) === edge.ssrc && payloadTypeOf(p) === 8))
  t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
  t.equal(steps(voice, timestampOf, 0xffff_ffff)[4], 160 + 1600)
  const raw = tapped.filter(x => x.direction === 'in' && x.kind === 'voice').map(x => x.packet)
  t.equal(raw.length, 16)
  t.ok(raw.every(p => ssrcOf(p) === phone.ssrc))
  t.same(
    states.filter(s => s.kind === 'dtmf'),
    [
      { kind: 'dtmf', digit: '7', phase: 'begin' },
      { kind: 'dtmf', digit: '7', phase: 'end', durationMs: 100 },
    ],
  )
  t.same(
    states.filter(s => s.kind === 'latched'),
    [{ kind: 'latched', rank: 'as-announced' }],
  )
})

t.test('[ME44] packets injected from another socket are refused and counted', async t => {
  const { edge, phone, ports, voice } = await makeLeg(t, { signalling: '127.0.0.2' })
  const stranger = await RtpParty.create({ address: '127.0.0.3', ssrc: 666 })
  t.teardown(() => stranger.close())
  edge.startSilence()
  phone.speak(edge.rtpPort, 5)
  await until('voice', () => voice.length === 5)
  stranger.speak(edge.rtpPort, 10)
  stranger.sendRtcp(
    writeReport({ ssrc: 666, cname: 'x', sender: undefined, block: undefined, bye: true }),
    edge.rtpPort + 1,
  )
  phone.speak(edge.rtpPort, 1)
  await until('refusals', () => edge.stats().refused === 11)
  t.equal(ports.refused.stranger, 11, 'for the metrics')
  await until('voice', () => voice.length === 6)
  t.equal(stranger.received.length, 0)
  edge.sendVoice(agentPacket(0))
  await until('agent at the phone', () => phone.received.some(p => p[12] === 0x55))
})

t.test('[ME45] a new port is ignored while locked and followed after a re-INVITE', async t => {
  const { edge, phone, voice, clock, states } = await makeLeg(t)
  const rebound = await RtpParty.create({ ssrc: phone.ssrc })
  t.teardown(() => rebound.close())
  edge.startSilence()
  phone.speak(edge.rtpPort, 5)
  await until('voice', () => voice.length === 5)
  clock.skewMs += 60_000
  rebound.sequence = phone.sequence
  rebound.timestamp = phone.timestamp + 480_000
  rebound.speak(edge.rtpPort, 5)
  await until('refused', () => edge.stats().refused === 5)
  edge.answer(phone.sdp()) // the SDP knows nothing of the NAT's new mind
  rebound.speak(edge.rtpPort, 5)
  await until('followed', () => voice.length >= 9)
  const before = rebound.received.length
  await until('silence goes there too', () => rebound.received.length > before)
  t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
  t.equal(states.filter(s => s.kind === 'latched').length, 2)
})

t.test(
  '[ME96] the SBC fails over by re-INVITE: its other address is followed, the first one is a stranger',
  async t => {
    const { edge, phone, voice } = await makeLeg(t)
    const other = await RtpParty.create({ address: '127.0.0.2', ssrc: 0x9999 })
    t.teardown(() => other.close())
    edge.startSilence()
    phone.speak(edge.rtpPort, 5)
    await until('voice', () => voice.length === 5)
    edge.answer(other.sdp())
    const before = other.received.length
    other.speak(edge.rtpPort, 10)
    await until('voice from there', () => voice.length >= 14)
    await until('silence goes there', () => other.received.length > before + 3)
    const refused = edge.stats().refused
    const at = phone.received.length
    phone.speak(edge.rtpPort, 10)
    await until('the first is refused', () => edge.stats().refused === refused + 10)
    t.ok(phone.received.length <= at + 1, 'and gets nothing')
    t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
  },
)

t.test('[ME46] an SSRC change in mid-call goes unnoticed by the room', async t => {
  const { edge, phone, voice } = await makeLeg(t)
  phone.speak(edge.rtpPort, 5)
  await until('voice', () => voice.length === 5)
  for (let n = 0; n < 6; n++)
    phone.send(rtpPacket({ sequence: 9000 + n, timestamp: n * 160, ssrc: 4242 }), edge.rtpPort)
  await until('voice of the new source', () => voice.length >= 10)
  t.ok(voice.every(p => ssrcOf(p) === edge.ssrc))
  t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
})

for (const minutes of [12, 25]) {
  t.test(`[ME47] a hold of ${minutes} min: no sending, no watchdog, one sequence afterwards`, async t => {
    const { edge, phone, voice, clock, states } = await makeLeg(t, { inactivityMs: 5000 })
    edge.startSilence()
    phone.speak(edge.rtpPort, 5)
    await until('voice', () => voice.length === 5)
    t.match(edge.answer(phone.sdp({ direction: 'sendonly' })), /a=recvonly/)
    await delay(30)
    const sentBeforeHold = phone.received.length
    clock.skewMs += minutes * 60_000
    phone.sequence = (phone.sequence + minutes * 3000) & 0xffff
    phone.timestamp += minutes * 60_000 * 8
    await delay(600) // housekeeping looks at the watchdog at least once
    t.equal(phone.received.length, sentBeforeHold, 'a held caller gets no voice')
    t.match(edge.answer(phone.sdp()), /a=sendrecv/)
    phone.speak(edge.rtpPort, 5)
    await until('voice again', () => voice.length === 10)
    await until('silence again', () => phone.received.length > sentBeforeHold + 2)
    t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
    const gapMs = steps(voice, timestampOf, 0xffff_ffff)[4]! / 8
    t.ok(Math.abs(gapMs - minutes * 60_000) < 2000, `${gapMs} ms`)
    t.ok(steps(phone.received, sequenceOf, 0xffff).every(d => d === 1))
    t.same(
      states.filter(s => s.kind !== 'latched'),
      [
        { kind: 'held', by: 'peer', direction: 'sendonly' },
        { kind: 'retrieved', by: 'peer' },
      ],
    )
  })
}

t.test('[ME48] the watchdog tells once when media is missing, and once when it is back', async t => {
  const { edge, phone, clock, states } = await makeLeg(t, { inactivityMs: 3000 })
  edge.startSilence()
  phone.speak(edge.rtpPort, 3)
  await until('voice', () => edge.stats().packetsIn === 3)
  clock.skewMs += 3100
  await until('lost', () => states.some(s => s.kind === 'lost'))
  await delay(520)
  phone.speak(edge.rtpPort, 1)
  await until('found', () => states.some(s => s.kind === 'found'))
  const told = states.filter(s => s.kind === 'lost' || s.kind === 'found')
  t.match(told, [{ kind: 'lost', silentForMs: Number }, { kind: 'found' }])
  t.equal(told.length, 2)
})

t.test('[ME49] sender reports: numbers of what was sent and received, CNAME, BYE at the end', async t => {
  const { edge, phone, clock, voice } = await makeLeg(t)
  edge.startSilence()
  for (const lost of [false, false, true, false, false]) {
    if (lost) {
      phone.sequence++
      phone.timestamp += 160
    } else phone.speak(edge.rtpPort, 1)
  }
  await until('voice', () => voice.length === 4)
  phone.sendRtcp(
    writeReport({
      ssrc: phone.ssrc,
      cname: 'phone',
      sender: { wallClockMs: Date.now(), rtpTimestamp: 1, packets: 1, octets: 1 },
      block: undefined,
      bye: false,
    }),
    edge.rtpPort + 1,
  )
  await until('report read', () => edge.stats().rtcpIn === 1)
  clock.skewMs += 8000
  await until('a report', () => phone.receivedRtcp.length === 1)
  const report = phone.receivedRtcp[0]!
  t.equal(report[1], 200)
  t.equal(report.readUInt32BE(4), ssrcOf(phone.received[0]!))
  const packets = report.readUInt32BE(20)
  t.ok(packets > 0 && packets <= phone.received.length)
  t.equal(report.readUInt32BE(24), packets * 160)
  const block = readReport(report).blocks[0]!
  t.match(block, { ssrc: phone.ssrc, cumulativeLost: 1, fractionLost: 51, highestSequence: 104 })
  t.not(block.lastSenderReport, 0)
  t.ok(block.delaySinceLast > 7.5 * 65_536 && block.delaySinceLast < 10 * 65_536)
  const reportedMs = (report.readUInt32BE(8) - 2_208_988_800) * 1000 + (report.readUInt32BE(12) / 2 ** 32) * 1000
  t.ok(Math.abs(reportedMs - Date.now()) < 2000)
  const ahead = (report.readUInt32BE(16) - timestampOf(phone.received.at(-1)!)) | 0
  t.ok(Math.abs(ahead) < 8000 * 9, 'the RTP time of the report is on our timeline')
  const description = report.subarray((report.readUInt16BE(2) + 1) * 4)
  t.equal(description[1], 202)
  t.equal(description[8], 1)
  phone.sendRtcp(
    writeReport({
      ssrc: phone.ssrc,
      cname: 'phone',
      sender: undefined,
      block: {
        ssrc: report.readUInt32BE(4),
        fractionLost: 64,
        cumulativeLost: 3,
        highestSequence: 9,
        jitter: 80,
        lastSenderReport: report.readUInt32BE(10),
        delaySinceLast: 0,
      },
      bye: false,
    }),
    edge.rtpPort + 1,
  )
  await until('peer report', () => edge.stats().peer !== undefined)
  t.match(edge.stats().peer, { fractionLost: 0.25, cumulativeLost: 3, jitterMs: 10 })
  t.ok(edge.stats().peer!.rttMs! < 1000)
  await edge.close()
  await until('bye', () => phone.receivedRtcp.some(p => readReport(p).bye))
})

t.test('[ME50] rtcp-mux: reports travel on the voice port', async t => {
  const { edge, phone, clock, voice } = await makeLeg(t, { answer: false })
  edge.answer(phone.sdp({ extra: ['a=rtcp-mux'] }))
  edge.startSilence()
  phone.speak(edge.rtpPort, 2)
  phone.send(writeReport({ ssrc: 1, cname: 'p', sender: undefined, block: undefined, bye: false }), edge.rtpPort)
  await until('both', () => voice.length === 2 && edge.stats().rtcpIn === 1)
  clock.skewMs += 8000
  await until('our report', () => phone.received.some(p => p[1] === 200))
  t.same([...phone.heardPorts], [edge.rtpPort], 'from the voice port as well')
  t.equal(phone.receivedRtcp.length, 0)
})

t.test('[ME51] broken datagrams and throwing listeners do no harm', async t => {
  const { edge, phone, voice } = await makeLeg(t)
  edge.onTap({
    rtp() {
      throw new Error('disk full')
    },
    rtcp() {},
    event() {
      throw new Error('disk full')
    },
  })
  edge.startSilence()
  for (const junk of ['', 'x', '\x80\x08', 'INVITE sip:a SIP/2.0\r\n'])
    phone.send(Buffer.from(junk, 'latin1'), edge.rtpPort)
  const bad = rtpPacket({ sequence: 1, timestamp: 1 })
  bad[0] = 0x9f // 15 CSRCs and a header extension that are not there
  phone.send(bad.subarray(0, 40), edge.rtpPort)
  phone.speak(edge.rtpPort, 3)
  await until('voice', () => voice.length === 3)
  t.equal(edge.stats().malformed, 5)
  t.ok(edge.stats().listenerErrors > 0)
  await until('silence all the same', () => phone.received.length > 3)
})

t.test('[ME52] late offer: our offer, the answer in the ACK, then voice both ways', async t => {
  const { edge, phone, voice } = await makeLeg(t, { answer: false })
  t.match(edge.answer(undefined), /m=audio \d+ RTP\/AVP 8 0 101/)
  edge.startSilence()
  t.equal(edge.codec, 'PCMA')
  edge.acceptAnswer(phone.sdp())
  phone.speak(edge.rtpPort)
  await until('voice', () => voice.length === 1)
  await until('silence', () => phone.received.some(p => payloadTypeOf(p) === 8 && p[12] === 0xd5))
})

t.test('[ME54] a µ-law call: µ-law silence, and a mapped payload number in both directions', async t => {
  const { edge, phone, voice } = await makeLeg(t, { answer: false })
  edge.answer(phone.sdp({ payloadTypes: '97 101', extra: ['a=rtpmap:97 PCMU/8000'] }))
  t.equal(edge.codec, 'PCMU')
  edge.startSilence()
  phone.send(rtpPacket({ sequence: 1, timestamp: 1, payloadType: 97 }), edge.rtpPort)
  await until('voice as 0', () => voice.length === 1 && payloadTypeOf(voice[0]!) === 0)
  await until('silence as 97', () => phone.received.some(p => payloadTypeOf(p) === 97 && p[12] === 0xff))
})

t.test('[ME55] what the agent said to a phone on hold is no loss afterwards', async t => {
  const { edge, phone } = await makeLeg(t)
  edge.startSilence()
  for (let n = 0; n < 5; n++) edge.sendVoice(agentPacket(n))
  edge.answer(phone.sdp({ direction: 'inactive' }))
  for (let n = 5; n < 15; n++) edge.sendVoice(agentPacket(n))
  edge.answer(phone.sdp())
  for (let n = 15; n < 20; n++) edge.sendVoice(agentPacket(n))
  await until('voice after the hold', () => phone.received.filter(p => p[12] === 0x55).length === 10)
  t.ok(steps(phone.received, sequenceOf, 0xffff).every(d => d === 1))
})

t.test(
  '[ME53] close is idempotent, ends the heartbeat and leaves ports to be drained; the pool closes them',
  async t => {
    const { edge, phone, ports, voice } = await makeLeg(t)
    edge.startSilence()
    t.equal(frameTicker.listeners, 1)
    await edge.close()
    await edge.close()
    t.equal(frameTicker.listeners, 0)
    t.same(ports.stats(), { pairs: 2000, used: 0, draining: 1 })
    phone.speak(edge.rtpPort, 3)
    edge.sendVoice(agentPacket(0))
    const received = phone.received.length
    await delay(60)
    t.equal(voice.length, 0)
    t.ok(phone.received.length <= received + 1)
    ports.close()
    t.equal(ports.stats().draining, 0)
    await until('nothing open', () => !process.getActiveResourcesInfo().includes('Timeout'))
  },
)
