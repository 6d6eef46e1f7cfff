import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { makeLeg, steps } from '../../../test/doubles/edge-leg.ts'
import { LibsrtpBench, LibsrtpPeer } from '../../../test/doubles/libsrtp-peer.ts'
import { RtpParty, rtpPacket } from '../../../test/doubles/rtp-party.ts'
import { until } from '../../../test/doubles/until.ts'
import { writeReport } from '../rtcp-packet.ts'
import { payloadEnd, payloadStart, sequenceOf, ssrcOf } from '../rtp-packet.ts'
import { MasterKey } from './master-key.ts'
import { SrtpReceiver } from './srtp-receiver.ts'
import { SrtpSender } from './srtp-sender.ts'
import type { SuiteName } from './suite.ts'

t.setTimeout(60_000)
const SUITES: SuiteName[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM']
const bench = await LibsrtpBench.open()
t.teardown(() => bench.close())

const keyOf = (suite: SuiteName, peer: LibsrtpPeer): MasterKey => {
  const key = MasterKey.fromBase64(suite, peer.keyBase64)
  if (key === undefined) throw new Error('not a key')
  return key
}
const payloadOf = (n: number) => Buffer.alloc(160, n & 0xff)
/** Its packets carry header extensions. */
const bodyOf = (p: Buffer) => p.subarray(payloadStart(p), payloadEnd(p))
const isWhole = (p: Buffer) => bodyOf(p).equals(payloadOf(bodyOf(p)[0]!))
const packet = (index: number, ssrc: number) =>
  rtpPacket({ sequence: index & 0xffff, timestamp: (index * 160) >>> 0, ssrc, payload: payloadOf(index) })
const crypto = (key: MasterKey, tag = 1) => `a=crypto:${tag} ${key.suite} inline:${key.toBase64()}`
const offerOf = (peer: LibsrtpPeer, key: MasterKey) =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${peer.port} RTP/SAVP 8`,
    `a=rtcp:${peer.rtcpPort}`,
    crypto(key),
    '',
  ].join('\r\n')
const ourKey = (sdp: string): MasterKey => {
  const [, suite, text] = /^a=crypto:\d+ (\S+) inline:(\S+)\r$/m.exec(sdp) ?? []
  const key = MasterKey.fromBase64(suite as SuiteName, text ?? '')
  if (key === undefined) throw new Error('no key in our answer')
  return key
}

for (const suite of SUITES) {
  t.test(`[SR12] libsrtp opens ${suite} of ours and we open its, over two rollovers, reports too`, async t => {
    const us = await RtpParty.create()
    t.teardown(() => us.close())
    const peer = await LibsrtpPeer.create(bench, suite)
    const key = MasterKey.random(suite)
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(keyOf(suite, peer))]
    await peer.connect({ port: us.port, rtcpPort: us.port + 1, key })
    await peer.listen(77)
    await peer.speak(88)
    // Both streams go through two rounds; in steps as large as a receiver's guess allows (RFC 3711 section 3.3.1).
    const starts = [65_000, 85_000, 105_000, 125_000, 130_900]
    let sent = 0
    for (const start of starts) {
      for (let n = start; n < start + 300; n++) {
        us.send(sender.rtp(packet(n, 77)), peer.port)
        peer.say(packet(n, 88))
        sent++
        if (n % 20 === 0) await delay(1)
      }
      await until('all of them so far', () => us.received.length >= sent - starts.length * 2, 5000)
    }
    await until('ours', () => peer.received.length >= sent - starts.length * 2, 5000)
    const heard = new Set(peer.received.map(p => bodyOf(p)[0]))
    t.equal(heard.size, 256, 'payloads of every kind')
    t.ok(peer.received.every(isWhole))
    const opened = us.received.map(p => receiver.rtp(p, 0))
    const plain = opened.filter(Buffer.isBuffer)
    t.equal(plain.length, us.received.length, 'none refused')
    t.ok(plain.every(isWhole))
    const wraps = steps(plain, sequenceOf, 0xffff).filter((_, n) => sequenceOf(plain[n + 1]!) < sequenceOf(plain[n]!))
    t.ok(wraps.length >= 1, 'its sequence went round')
    const report = (packets: number) =>
      writeReport({
        ssrc: 77,
        cname: 'us',
        sender: { wallClockMs: Date.now(), rtpTimestamp: 1, packets, octets: 1 },
        block: undefined,
        bye: false,
      })
    for (let n = 0; n < 3; n++) us.sendRtcp(sender.rtcp(report(n)), peer.rtcpPort)
    await until('our reports', () => peer.senderReports === 3, 5000)
    await until('its report', () => us.receivedRtcp.length > 0, 12_000)
    for (const sealed of us.receivedRtcp) {
      const report = receiver.rtcp(sealed, 0)
      t.ok(Buffer.isBuffer(report) && (report[1] === 200 || report[1] === 201))
    }
  })

  t.test(
    `[SR13] a call with libsrtp in ${suite}: both ways, and after a re-INVITE with new keys and ports`,
    async t => {
      const { edge, voice, tapped } = await makeLeg(t, { answer: false, srtp: 'required' })
      const rounds = [suite, suite, suite === 'AEAD_AES_128_GCM' ? SUITES[0]! : 'AEAD_AES_128_GCM'] as const
      const keys: MasterKey[] = []
      let silence = 0
      for (const [round, suite] of rounds.entries()) {
        const peer = await LibsrtpPeer.create(bench, suite)
        const answer = edge.answer(offerOf(peer, keyOf(suite, peer)))
        keys.push(ourKey(answer))
        await peer.connect({ port: edge.rtpPort, rtcpPort: edge.rtpPort + 1, key: ourKey(answer) })
        edge.startSilence()
        await until('silence goes out', () => tapped.length > silence)
        const ssrc = ssrcOf(tapped.find(x => x.kind === 'filler')!.packet)
        await peer.listen(ssrc)
        await peer.speak(500 + round)
        await until('silence arrives', () => peer.received.length > 5)
        t.ok(peer.received.every(p => bodyOf(p).length === 160 && bodyOf(p).every(b => b === 0xd5)))
        const before = voice.length
        for (let n = 0; n < 50; n++) {
          peer.say(packet(n, 500 + round))
          await delay(2)
        }
        await until('voice arrives', () => voice.length >= before + 49)
        t.ok(voice.slice(before).every(isWhole))
        peer.close()
        silence = tapped.length
      }
      t.ok(keys[0]!.equals(keys[1]!), 'our key stays with the suite')
      t.notOk(keys[1]!.equals(keys[2]!))
      t.ok(steps(voice, sequenceOf, 0xffff).every(d => d === 1))
      t.equal(edge.stats().unauthentic, 0)
      t.ok(edge.encrypted)
    },
  )
}
