import t from 'tap'
import { makeLeg } from '../../test/doubles/edge-leg.ts'
import { rtpPacket } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { SdpRefusal, type SrtpMode } from './remote-voice.ts'
import { payloadTypeOf } from './rtp-packet.ts'
import { MasterKey } from './srtp/master-key.ts'
import { SrtpReceiver } from './srtp/srtp-receiver.ts'
import { SrtpSender } from './srtp/srtp-sender.ts'
import type { SuiteName } from './srtp/suite.ts'
import { CODECS, ticksOf, type VoiceCodec } from './voice-codec.ts'

t.setTimeout(120_000)

const MODES: readonly SrtpMode[] = ['off', 'optional', 'required']
const LISTS: readonly (readonly VoiceCodec[])[] = [
  ['PCMA', 'PCMU', 'G722', 'opus'],
  ['PCMA', 'PCMU'],
  ['PCMU'],
  ['opus', 'PCMA'],
  ['G722'],
  ['opus'],
]
/** What a peer has, as it numbers it. */
const PEERS: readonly (readonly [VoiceCodec, number][])[] = [
  [
    ['PCMA', 8],
    ['PCMU', 0],
  ],
  [['PCMU', 0]],
  [['G722', 9]],
  [['opus', 96]],
  [
    ['opus', 107],
    ['G722', 9],
    ['PCMU', 0],
    ['PCMA', 8],
  ],
]
const PROTECTIONS = ['plain', 'keys in a plain line', 'encrypted'] as const
const SUITES: readonly SuiteName[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM']

const payloadOf = (codec: VoiceCodec) => (codec === 'opus' ? Buffer.from([0x78, 1, 2, 3]) : Buffer.alloc(160, 0x55))

for (const srtp of MODES) {
  for (const codecs of LISTS) {
    t.test(`[SR35] SRTP ${srtp}, codecs ${codecs}: every peer is heard and hears, or gets a 488 that fits`, async t => {
      for (const [n, peer] of PEERS.entries()) {
        for (const protection of PROTECTIONS) {
          const what = `${peer.map(([codec]) => codec)} ${protection}`
          const { edge, phone, voice } = await makeLeg(t, { answer: false, codecs, srtp })
          const key = MasterKey.random(SUITES[n % SUITES.length]!)
          const offer = phone
            .sdp({
              payloadTypes: peer.map(([, number]) => number).join(' '),
              extra: [
                ...peer.map(([codec, number]) => `a=rtpmap:${number} ${CODECS[codec].rtpmap}`),
                ...(protection === 'plain' ? [] : [`a=crypto:1 ${key.suite} inline:${key.toBase64()}`]),
              ],
            })
            .replace('RTP/AVP', protection === 'encrypted' ? 'RTP/SAVP' : 'RTP/AVP')
          // What the operator did not name is not spoken first; the other law is for re-INVITEs.
          const common = peer.some(([codec]) => codecs.includes(codec))
          const mode = srtp === 'off' ? protection !== 'encrypted' : srtp === 'optional' || protection !== 'plain'
          let answer: string
          try {
            answer = edge.answer(offer)
          } catch (error) {
            t.ok(error instanceof SdpRefusal && error.status === 488 && !(common && mode), `${what}: ${error}`)
            await edge.close()
            continue
          }
          t.ok(common && mode, `${what}: answered`)
          t.equal(edge.encrypted, srtp !== 'off' && protection !== 'plain', what)
          const [, suite, text] = /^a=crypto:1 (\S+) inline:(\S+)\r$/m.exec(answer) ?? []
          t.equal(suite !== undefined, edge.encrypted, 'says what it does')
          const ours = edge.encrypted ? MasterKey.fromBase64(key.suite, text ?? '') : undefined
          const receiver = ours && new SrtpReceiver(ours)
          const sender = ours && new SrtpSender(key)
          edge.startSilence()
          const [wire, number] = peer.find(([, number]) => answer.includes(` ${number}\r\n`)) ?? peer[0]!
          const payload = payloadOf(wire)
          for (let k = 0; k < 3; k++) {
            const packet = rtpPacket({
              sequence: k,
              timestamp: k * ticksOf(wire, payload),
              payloadType: number,
              payload,
            })
            phone.send(sender?.rtp(packet) ?? packet, edge.rtpPort)
          }
          await until(`${what}: both ways`, () => voice.length === 3 && phone.received.length > 0)
          const heard = receiver ? receiver.rtp(phone.received[0]!, 0) : phone.received[0]!
          t.ok(Buffer.isBuffer(heard) && payloadTypeOf(heard) === number, `${what}: silence in ${wire}`)
          t.ok(voice.every(p => payloadTypeOf(p) === CODECS[edge.codec].payloadType))
          await edge.close()
        }
      }
    })
  }
}

for (const srtp of MODES) {
  t.test(`[SR35] SRTP ${srtp}: our own offer with each list, answered by a peer with one of its codecs`, async t => {
    for (const codecs of LISTS) {
      for (const late of [false, true]) {
        const { edge, phone, voice } = await makeLeg(t, { answer: false, codecs, srtp })
        const offer = late ? edge.answer(undefined) : edge.offer()
        const [, proto, numbers] = /^m=audio \d+ (\S+) ([\d ]+)\r$/m.exec(offer) ?? []
        t.equal(proto, srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP')
        const number = Number(numbers?.split(' ')[0])
        const map = new RegExp(`^a=rtpmap:${number} .*\\r$`, 'm').exec(offer)?.[0].trim() ?? ''
        const suite = 'AEAD_AES_128_GCM'
        const [, tag, text] = new RegExp(`^a=crypto:(\\d+) ${suite} inline:(\\S+)\\r$`, 'm').exec(offer) ?? []
        t.equal(tag !== undefined, srtp === 'required')
        const key = MasterKey.random(suite)
        const extra = [map, ...(tag === undefined ? [] : [`a=crypto:${tag} ${suite} inline:${key.toBase64()}`])]
        edge.acceptAnswer(phone.sdp({ payloadTypes: `${number}`, extra }).replace('RTP/AVP', proto ?? ''))
        edge.startSilence()
        const payload = payloadOf(edge.codec)
        const sender = tag === undefined ? undefined : new SrtpSender(key)
        for (let k = 0; k < 3; k++) {
          const at = { sequence: k, timestamp: k * ticksOf(edge.codec, payload), payloadType: number }
          phone.send(sender?.rtp(rtpPacket({ ...at, payload })) ?? rtpPacket({ ...at, payload }), edge.rtpPort)
        }
        await until(`${codecs} both ways`, () => voice.length === 3 && phone.received.length > 0)
        const ours = text === undefined ? undefined : MasterKey.fromBase64(suite, text)
        if (ours) t.ok(Buffer.isBuffer(new SrtpReceiver(ours).rtp(phone.received[0]!, 0)))
        await edge.close()
      }
    }
  })
}
