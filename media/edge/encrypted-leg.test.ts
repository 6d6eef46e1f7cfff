import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { decodeG711 } from '../../scripts/simulated-caller/g711.ts'
import { makeLeg, steps } from '../../test/doubles/edge-leg.ts'
import { RtpParty, rtpPacket } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { SdpRefusal } from './remote-voice.ts'
import { writeReport } from './rtcp-packet.ts'
import { payloadTypeOf, sequenceOf } from './rtp-packet.ts'
import { MasterKey } from './srtp/master-key.ts'
import { SrtpCipher } from './srtp/srtp-cipher.ts'
import { SrtpReceiver } from './srtp/srtp-receiver.ts'
import { SrtpSender } from './srtp/srtp-sender.ts'
import { isSuite, type SuiteName } from './srtp/suite.ts'
import { VoiceSdp } from './voice-sdp.ts'

const FFMPEG = process.env.FFMPEG_BIN ?? 'ffmpeg'
const SDES: SuiteName[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM']
const line = (tag: number, key: MasterKey) => `a=crypto:${tag} ${key.suite} inline:${key.toBase64()}`

/** The description of a party as an encrypted one. */
const secure = (sdp: string, lines: readonly string[], proto = 'RTP/SAVP') =>
  sdp.replace(/(m=audio \d+ )RTP\/AVP( [^\r]*\r\n)/, `$1${proto}$2${lines.map(l => `${l}\r\n`).join('')}`)

function keyIn(sdp: string): { tag: number; key: MasterKey } {
  const [, tag, suite, text] = /^a=crypto:(\d+) (\S+) inline:(\S+)\r$/m.exec(sdp) ?? []
  if (tag === undefined || suite === undefined || !isSuite(suite) || text === undefined) throw new Error('no key')
  const key = MasterKey.fromBase64(suite, text)
  if (key === undefined) throw new Error('not a key')
  return { tag: Number(tag), key }
}

const cryptoLines = (sdp: string) => sdp.split('\r\n').filter(l => l.startsWith('a=crypto'))
const make = (srtp: 'off' | 'optional' | 'required') =>
  new VoiceSdp({ announcedAddress: '198.51.100.7', rtpPort: 20_000, srtp })
const plainOffer =
  'v=0\r\no=- 1 1 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n'

t.test('[SR20] the offer’s first suite that we know is answered under its tag, with a key of our own', async t => {
  const key = MasterKey.random('AES_CM_128_HMAC_SHA1_32')
  const lines = [
    'a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA',
    line(7, key),
    line(8, MasterKey.random('AEAD_AES_128_GCM')),
  ]
  for (const proto of ['RTP/SAVP', 'RTP/SAVPF']) {
    const { sdp, remote } = make('optional').answer(secure(plainOffer, lines, proto))
    t.match(sdp, `m=audio 20000 ${proto} 8\r\n`)
    t.equal(cryptoLines(sdp).length, 1)
    t.match(keyIn(sdp), { tag: 7, key: { suite: 'AES_CM_128_HMAC_SHA1_32' } })
    t.notOk(keyIn(sdp).key.equals(key))
    t.ok(remote.crypto?.key.equals(key))
  }
})

t.test('[SR21] off, optional, required: what is answered, what is refused with 488', async t => {
  const encrypted = secure(plainOffer, [line(1, MasterKey.random('AEAD_AES_128_GCM'))])
  t.throws(() => make('off').answer(encrypted), SdpRefusal)
  t.throws(() => make('required').answer(plainOffer), SdpRefusal)
  t.equal(cryptoLines(make('optional').answer(plainOffer).sdp).length, 0)
  t.throws(() => make('optional').answer(secure(plainOffer, [])), SdpRefusal, 'SAVP without a key (DTLS) is not ours')
  const both = `${encrypted}m=audio 4002 RTP/AVP 8\r\n`
  t.match(make('optional').answer(both).sdp, /m=audio 20000 RTP\/SAVP 8[\s\S]*m=audio 0 RTP\/AVP 8/)
  t.match(make('off').answer(both).sdp, /m=audio 0 RTP\/SAVP 8[\s\S]*m=audio 20000 RTP\/AVP 8/)
  t.match(make('optional').offer(), 'RTP/AVP')
  const offer = make('required').offer()
  t.match(offer, 'RTP/SAVP')
  t.equal(new Set(cryptoLines(offer).map(l => l.split('inline:')[1])).size, 3, 'three suites, each with its own key')
})

t.test('[SR22] our offer’s answer: its tag picks our key; a wrong tag, suite or a plain answer is refused', async t => {
  const sdp = make('required')
  const offered = cryptoLines(sdp.offer())
  t.throws(() => sdp.accept(plainOffer), SdpRefusal)
  t.throws(() => sdp.accept(secure(plainOffer, [line(9, MasterKey.random('AEAD_AES_128_GCM'))])), SdpRefusal)
  t.throws(() => sdp.accept(secure(plainOffer, [line(1, MasterKey.random('AEAD_AES_128_GCM'))])), SdpRefusal)
  sdp.accept(secure(plainOffer, [line(2, MasterKey.random('AEAD_AES_128_GCM'))]))
  t.same(cryptoLines(sdp.offer()), [offered[1]], 'a hold keeps the key')
})

t.test('[SR23] a refresh has the very same text, key included; a new key of theirs leaves ours', async t => {
  const sdp = make('required')
  const first = sdp.answer(secure(plainOffer, [line(1, MasterKey.random('AEAD_AES_128_GCM'))])).sdp
  t.equal(sdp.answer(secure(plainOffer, [line(1, MasterKey.random('AEAD_AES_128_GCM'))])).sdp, first)
  const other = sdp.answer(secure(plainOffer, [line(1, MasterKey.random('AES_CM_128_HMAC_SHA1_80'))])).sdp
  t.notOk(keyIn(other).key.equals(keyIn(first).key))
})

for (const suite of SDES) {
  t.test(`[SR24] ${suite} on the wire both ways, reports too; the tap keeps the plain packets`, async t => {
    const { edge, phone, voice, tapped, clock } = await makeLeg(t, { answer: false, srtp: 'required' })
    const theirs = MasterKey.random(suite)
    const ours = keyIn(edge.answer(secure(phone.sdp(), [line(1, theirs)]))).key
    t.equal(edge.encrypted, true)
    const [sender, receiver] = [new SrtpSender(theirs), new SrtpReceiver(ours)]
    edge.startSilence()
    for (let n = 0; n < 5; n++)
      phone.send(
        sender.rtp(rtpPacket({ sequence: 65_533 + n - (n > 2 ? 65_536 : 0), timestamp: n * 160 })),
        edge.rtpPort,
      )
    await until('voice', () => voice.length === 5)
    t.ok(voice.every(p => p.subarray(12).every(b => b === 0x55)))
    await until('silence', () => phone.received.length >= 3)
    for (const p of phone.received) {
      t.notOk(p.subarray(12, 60).every(b => b === 0xd5))
      const plain = receiver.rtp(p, 0)
      t.ok(Buffer.isBuffer(plain) && plain.subarray(12).every(b => b === 0xd5))
    }
    const report = { ssrc: 0x1234, cname: 'x', sender: undefined, block: undefined, bye: false }
    phone.sendRtcp(sender.rtcp(writeReport(report)), edge.rtpPort + 1)
    await until('their report', () => edge.stats().rtcpIn === 1)
    clock.skewMs += 8000
    await until('our report', () => phone.receivedRtcp.length === 1)
    const opened = receiver.rtcp(phone.receivedRtcp[0]!, 0)
    t.ok(Buffer.isBuffer(opened) && opened[1] === 200)
    t.ok(tapped.filter(x => x.kind === 'voice').every(x => x.packet.subarray(12).every(b => b === 0x55)))
    t.ok(tapped.filter(x => x.kind === 'filler').every(x => x.packet.subarray(12).every(b => b === 0xd5)))
  })
}

t.test('[SR25] whoever has no key is not listened to, not latched, not answered, and counted', async t => {
  // A private SDP address: without encryption the first stranger inside the window would be learned.
  const { edge, phone, ports, voice, states } = await makeLeg(t, { answer: false, srtp: 'optional' })
  const stranger = await RtpParty.create({ address: '127.0.0.3', ssrc: 666 })
  t.teardown(() => stranger.close())
  const theirs = MasterKey.random('AES_CM_128_HMAC_SHA1_80')
  edge.answer(secure(phone.sdp({ port: 9 }), [line(1, theirs)]))
  edge.startSilence()
  stranger.speak(edge.rtpPort, 10)
  const wrong = new SrtpSender(MasterKey.random('AES_CM_128_HMAC_SHA1_80'))
  for (let n = 0; n < 10; n++)
    stranger.send(wrong.rtp(rtpPacket({ sequence: n, timestamp: n * 160, ssrc: 666 })), edge.rtpPort)
  await until('counted', () => edge.stats().unauthentic === 20)
  const sender = new SrtpSender(theirs)
  const sealed = [1, 2, 3, 4].map(n => sender.rtp(rtpPacket({ sequence: n, timestamp: n * 160 })))
  for (const p of sealed) phone.send(p, edge.rtpPort)
  await until('the peer is learned', () => voice.length >= 3)
  for (const p of sealed) stranger.send(p, edge.rtpPort)
  await until('replays', () => edge.stats().replayed === 4)
  t.same(
    ports.refused,
    { stranger: 1, malformed: 0, unauthentic: 20, replayed: 4 },
    'one packet alone is not learned yet',
  )
  await until('silence for the peer', () => phone.received.length > 1)
  t.equal(stranger.received.length, 0)
  t.equal(states.filter(s => s.kind === 'latched').length, 1)
})

t.test('[SR26] re-INVITE with a new key: no packet is lost, also not of the old key', async t => {
  const { edge, phone, voice } = await makeLeg(t, { answer: false, srtp: 'required' })
  const keys = [MasterKey.random('AES_CM_128_HMAC_SHA1_80'), MasterKey.random('AES_CM_128_HMAC_SHA1_80')] as const
  edge.answer(secure(phone.sdp(), [line(1, keys[0])]))
  edge.startSilence()
  const old = new SrtpSender(keys[0])
  const at = (n: number) => rtpPacket({ sequence: n, timestamp: n * 160 })
  for (let n = 0; n < 10; n++) phone.send(old.rtp(at(n)), edge.rtpPort)
  await until('voice', () => voice.length === 10)
  edge.answer(secure(phone.sdp(), [line(1, keys[1])]))
  for (let n = 10; n < 15; n++) phone.send(old.rtp(at(n)), edge.rtpPort)
  const young = new SrtpSender(keys[1])
  for (let n = 15; n < 30; n++) phone.send(young.rtp(at(n)), edge.rtpPort)
  await until('all voice', () => voice.length === 30)
  t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
  t.equal(edge.stats().unauthentic, 0)
})

t.test('[SR31] keys in a plain line (RFC 8643): encrypted all the same, also where that is required', async t => {
  const key = MasterKey.random('AES_CM_128_HMAC_SHA1_80')
  const offer = secure(plainOffer, [line(3, key)], 'RTP/AVP')
  for (const mode of ['optional', 'required'] as const) {
    const sdp = make(mode)
    const { sdp: answer, remote } = sdp.answer(offer)
    t.match(answer, /m=audio 20000 RTP\/AVP 8\r\n/)
    t.equal(keyIn(answer).tag, 3)
    t.ok(remote.crypto?.key.equals(key))
    t.equal(sdp.answer(offer).sdp, answer, 'a refresh')
    t.match(sdp.offer(), /RTP\/AVP 8\r\n[\s\S]*a=crypto:3 /, 'in kind')
    t.ok(sdp.accept(offer).crypto?.key.equals(key))
    sdp.offer()
    if (mode === 'required') t.throws(() => sdp.accept(plainOffer), SdpRefusal)
    else t.equal(sdp.accept(plainOffer).crypto, undefined, 'they leave it out from now on')
  }
  t.notMatch(make('off').answer(offer).sdp, 'a=crypto')
  t.equal(make('off').answer(offer).remote.crypto, undefined)
  const unusable = secure(plainOffer, ['a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA'], 'RTP/AVP')
  t.notMatch(make('optional').answer(unusable).sdp, 'a=crypto')
  t.throws(() => make('required').answer(unusable), SdpRefusal)
  const plain = make('optional')
  plain.offer()
  t.equal(plain.accept(offer).crypto, undefined, 'an answer cannot bring keys that were not offered')
})

t.test('[SR32] several a=crypto lines: the first usable one, with all that stands in it', async t => {
  const [a, b] = [MasterKey.random('AES_CM_128_HMAC_SHA1_80'), MasterKey.random('AES_CM_128_HMAC_SHA1_80')]
  const chosen = (...lines: string[]) => make('optional').answer(secure(plainOffer, lines)).remote.crypto
  t.match(chosen(`${line(5, a)}|2^31`, line(6, b)), { tag: 5, mki: undefined })
  t.match(chosen(`${line(5, a)}|2^20|1:32`, line(6, b)), { tag: 5, mki: { length: 32 } })
  t.match(chosen(`${line(5, a)} WSH=128 UNENCRYPTED_SRTP`, line(6, b)), { tag: 6 })
  t.match(chosen(`${line(5, a)} KDR=1`, `${line(9, b)}|2^48 WSH=128 `), { tag: 9 })
  t.match(chosen(line(5, MasterKey.random('AEAD_AES_128_GCM')), line(2, a)), { tag: 5 })
  t.throws(() => chosen(`${line(5, a)} UNAUTHENTICATED_SRTP`), SdpRefusal)
  const sdp = make('optional')
  const first = sdp.answer(secure(plainOffer, [line(1, a)])).sdp
  t.throws(() => sdp.answer(secure(plainOffer, [])), SdpRefusal, 'keys left out of a re-INVITE')
  t.equal(
    sdp.answer(secure(plainOffer, [line(1, b)])).sdp,
    first,
    'the call goes on, and a new key of theirs leaves ours',
  )
  t.equal(keyIn(sdp.answer(secure(plainOffer, [line(4, b)])).sdp).tag, 4)
})

t.test(
  '[SR34] branches of a forked call with keys and suites of their own, each under the key of ours it chose',
  async t => {
    const sdp = make('required')
    const offered = cryptoLines(sdp.offer({ late: true }))
    const branches = ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'] as const
    for (const suite of branches) {
      const tag = Number(/^a=crypto:(\d+)/.exec(offered.find(l => l.includes(suite)) ?? '')?.[1])
      const theirs = MasterKey.random(suite)
      t.ok(sdp.acceptOfBranch(secure(plainOffer, [line(tag, theirs)])).crypto?.key.equals(theirs))
      const ours = sdp.agreed?.local.crypto[0]
      t.ok(
        ours !== undefined && offered.includes(line(ours.tag, ours.key)),
        `${suite} under a key that stood in the offer`,
      )
    }
    t.throws(() => sdp.acceptOfBranch(plainOffer), SdpRefusal)
  },
)

t.test('[SR31] in a plain line, on the wire', async t => {
  const { edge, phone, voice } = await makeLeg(t, { answer: false, srtp: 'optional' })
  const theirs = MasterKey.random('AEAD_AES_128_GCM')
  const ours = keyIn(edge.answer(secure(phone.sdp(), [line(1, theirs)], 'RTP/AVP'))).key
  const [sender, receiver] = [new SrtpSender(theirs), new SrtpReceiver(ours)]
  edge.startSilence()
  t.ok(edge.encrypted)
  for (let n = 0; n < 5; n++) phone.send(sender.rtp(rtpPacket({ sequence: n, timestamp: n * 160 })), edge.rtpPort)
  await until('voice', () => voice.length === 5)
  await until('silence', () => phone.received.length >= 3)
  t.ok(phone.received.every(p => Buffer.isBuffer(receiver.rtp(p, 0))))
})

t.test(
  '[SR33] long calls: whoever gets our voice at another place or key counts no rounds, and needs none',
  async t => {
    const { edge, phone, voice, clock } = await makeLeg(t, { answer: false, srtp: 'required' })
    const other = await RtpParty.create({ ssrc: 0x8888 })
    t.teardown(() => other.close())
    const theirs = MasterKey.random('AES_CM_128_HMAC_SHA1_80')
    const first = keyIn(edge.answer(secure(phone.sdp(), [line(1, theirs)]))).key
    edge.startSilence()
    const heardBy = (party: RtpParty, receiver: SrtpReceiver) => {
      let heard = 0
      return () => {
        for (const p of party.received.splice(0)) heard += Buffer.isBuffer(receiver.rtp(p, 0)) ? 1 : -100_000
        return heard
      }
    }
    const heard = heardBy(phone, new SrtpReceiver(first))
    // Half an hour of the agent's voice, of which every 50th packet arrives, until its numbers have gone round.
    for (let n = 0; n < 1400; n++) {
      edge.sendVoice(rtpPacket({ sequence: (n * 50) & 0xffff, timestamp: n * 50 * 160, ssrc: 9 }))
      clock.skewMs += 1000
      if (n % 20 === 0) await delay(1)
    }
    await until('all of it', () => heard() >= 1400)
    const before = heard()
    t.equal(keyIn(edge.answer(secure(phone.sdp(), [line(1, theirs)]))).key.equals(first), true)
    await until('a refresh changes nothing', () => heard() > before + 3)
    // A transfer behind the SBC: another place, another key of theirs; ours stays.
    const next = MasterKey.random('AES_CM_128_HMAC_SHA1_80')
    t.ok(keyIn(edge.answer(secure(other.sdp(), [line(1, next)]))).key.equals(first))
    const heardThere = heardBy(other, new SrtpReceiver(first))
    other.received.splice(0)
    await until('something', () => other.received.length > 3)
    const strict = SrtpCipher.of(first)
    t.ok(
      other.received.every(p => strict.openRtp(p, 12, p.readUInt16BE(2)) !== undefined),
      'in round 0',
    )
    t.ok(
      other.received.every(p => p.readUInt16BE(2) < 0x8000),
      'its numbers begin anew',
    )
    await until('heard by one that knows no rounds', () => heardThere() > 3)
    const sender = new SrtpSender(next)
    for (let n = 0; n < 5; n++)
      other.send(sender.rtp(rtpPacket({ sequence: n, timestamp: n * 160, ssrc: other.ssrc })), edge.rtpPort)
    await until('and hears it', () => voice.length >= 4)
  },
)

// An independent implementation on the other end: ffmpeg's (it does not speak GCM).
for (const suite of SDES.slice(0, 2)) {
  t.test(`[SR27] ffmpeg sends ${suite} and is understood`, async t => {
    const { edge, phone, voice } = await makeLeg(t, { answer: false, srtp: 'required' })
    const theirs = MasterKey.random(suite)
    edge.answer(secure(phone.sdp(), [line(1, theirs)]))
    edge.startSilence()
    const child = spawn(
      FFMPEG,
      [
        ...['-nostdin', '-v', 'error', '-re', '-f', 'lavfi', '-i', 'sine=1000:duration=2:sample_rate=8000', '-ac', '1'],
        ...['-c:a', 'pcm_alaw', '-f', 'rtp', '-srtp_out_suite', suite, '-srtp_out_params', theirs.toBase64()],
        `srtp://127.0.0.1:${edge.rtpPort}?pkt_size=200`,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    await once(child, 'close')
    await until('voice', () => voice.length > 60)
    // With the short tag ffmpeg shortens that of its reports too, against RFC 4568 section 6.2.2: those few are refused.
    t.ok(edge.stats().unauthentic <= (suite === 'AES_CM_128_HMAC_SHA1_32' ? 3 : 0), `${edge.stats().unauthentic}`)
    const samples = decodeG711('PCMA', Buffer.concat(voice.map(p => p.subarray(12))))
    let crossings = 0
    for (let n = 1; n < samples.length; n++) if (samples[n]! >= 0 !== samples[n - 1]! >= 0) crossings++
    const hertz = (crossings / 2 / samples.length) * 8000
    t.ok(Math.abs(hertz - 1000) < 20, `${hertz} Hz`)
  })

  t.test(`[SR28] ffmpeg receives ${suite} of ours and hears the tone`, async t => {
    const folder = mkdtempSync(join(tmpdir(), 'srtp-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const { edge, phone } = await makeLeg(t, { answer: false, srtp: 'required' })
    const spare = createSocket('udp4').bind(0, '127.0.0.1')
    await once(spare, 'listening')
    const port = (spare.address().port & ~1) === spare.address().port ? spare.address().port : spare.address().port + 1
    spare.close()
    await once(spare, 'close')
    const ours = keyIn(edge.answer(secure(phone.sdp({ port }), [line(1, MasterKey.random(suite))]))).key
    const sdp = join(folder, 'leg.sdp')
    writeFileSync(
      sdp,
      secure(`v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\n`, [
        line(1, ours),
      ]),
    )
    const child = spawn(
      FFMPEG,
      [
        ...['-nostdin', '-v', 'error', '-protocol_whitelist', 'file,udp,rtp,srtp', '-i', sdp, '-t', '1.5'],
        ...['-ac', '1', '-ar', '8000', '-f', 's16le', 'pipe:1'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const out: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    const ended = once(child, 'close')
    edge.startSilence()
    const tone = rtpPacket({ sequence: 0, timestamp: 0, ssrc: 9 })
    let n = 0
    const talking = setInterval(() => {
      for (let k = 0; k < 160; k++) tone[12 + k] = [0xd5, 0x9f, 0x95, 0x9f, 0xd5, 0x1f, 0x15, 0x1f][k % 8]!
      tone.writeUInt16BE(n & 0xffff, 2)
      tone.writeUInt32BE(n * 160, 4)
      edge.sendVoice(tone)
      n++
    }, 20)
    t.teardown(() => clearInterval(talking))
    await ended
    const pcm = Buffer.concat(out)
    t.ok(pcm.length > 16_000, `${pcm.length} bytes`)
    let crossings = 0
    let last = 0
    for (let at = pcm.length - 8000; at < pcm.length; at += 2) {
      const sample = pcm.readInt16LE(at)
      if (sample > 100 && last < 0) crossings++
      if (Math.abs(sample) > 100) last = Math.sign(sample)
    }
    // A loaded machine may leave gaps of silence between the packets.
    t.ok(crossings > 250 && crossings < 510, `${crossings} periods of 1000 Hz in half a second`)
    t.ok(payloadTypeOf(tone) === 8)
  })
}
