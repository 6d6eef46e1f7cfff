import t from 'tap'
import type { Direction } from './remote-voice.ts'
import { SdpRefusal } from './remote-voice.ts'
import { type LocalWish, VoiceSdp } from './voice-sdp.ts'

const make = () => new VoiceSdp({ announcedAddress: '198.51.100.7', rtpPort: 20_000 })

function remote(
  o: { direction?: Direction; address?: string; port?: number; session?: Direction; formats?: string } = {},
) {
  const address = o.address ?? '203.0.113.5'
  return [
    'v=0',
    'o=- 1 1 IN IP4 203.0.113.5',
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    ...(o.session === undefined ? [] : [`a=${o.session}`]),
    `m=audio ${o.port ?? 4000} RTP/AVP ${o.formats ?? '8 101'}`,
    'a=rtpmap:101 telephone-event/8000',
    ...(o.direction === undefined ? [] : [`a=${o.direction}`]),
    '',
  ].join('\r\n')
}
const directionOf = (sdp: string) => /^a=(sendrecv|sendonly|recvonly|inactive)\r$/m.exec(sdp)?.[1]
const versionOf = (sdp: string) => Number(/^o=- \d+ (\d+) /m.exec(sdp)?.[1])
const originOf = (sdp: string) => /^o=(- \d+) /m.exec(sdp)?.[1]

t.test('[ME80] an answer says what both sides want together, for every pair of wishes', async t => {
  // RFC 3264 section 6.1: rows are our wish, columns the peer's direction.
  const expected: Record<LocalWish, Record<Direction, Direction>> = {
    sendrecv: { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' },
    sendonly: { sendrecv: 'sendonly', sendonly: 'inactive', recvonly: 'sendonly', inactive: 'inactive' },
    inactive: { sendrecv: 'inactive', sendonly: 'inactive', recvonly: 'inactive', inactive: 'inactive' },
  }
  for (const [wish, row] of Object.entries(expected) as [LocalWish, Record<Direction, Direction>][]) {
    for (const [said, answer] of Object.entries(row) as [Direction, Direction][]) {
      for (const where of ['direction', 'session'] as const) {
        const sdp = make()
        sdp.wish = wish
        t.equal(directionOf(sdp.answer(remote({ [where]: said })).sdp), answer, `${wish} meets ${said} (${where})`)
      }
    }
  }
  const sdp = make()
  sdp.wish = 'sendonly'
  t.equal(directionOf(sdp.answer(remote({ address: '0.0.0.0' })).sdp), 'inactive', 'both hold, the old way')
})

t.test(
  '[ME81] our hold: offer, its answer, retrieve; the o= line counts each change by one and keeps its session',
  async t => {
    const sdp = make()
    const first = sdp.answer(remote()).sdp
    sdp.wish = 'sendonly'
    const hold = sdp.offer()
    t.equal(directionOf(hold), 'sendonly')
    t.equal(versionOf(hold), versionOf(first) + 1)
    t.equal(originOf(hold), originOf(first))
    t.match(hold, /c=IN IP4 198\.51\.100\.7/, 'an address, not 0.0.0.0')
    sdp.accept(remote({ direction: 'recvonly' }))
    t.equal(sdp.offer(), hold, 'a refresh while on hold has the very same text')
    sdp.accept(remote({ direction: 'recvonly' }))
    t.equal(sdp.answer(remote()).sdp, hold, 'so has the answer to a refresh of the peer')
    sdp.wish = 'sendrecv'
    const back = sdp.offer()
    t.equal(directionOf(back), 'sendrecv')
    t.equal(versionOf(back), versionOf(hold) + 1)
  },
)

t.test(
  '[ME82] a refused offer of ours: what was agreed stands, and no version is used twice for different texts',
  async t => {
    const sdp = make()
    sdp.answer(remote())
    sdp.wish = 'inactive'
    const refused = sdp.offer()
    sdp.abandon()
    t.equal(sdp.wish, 'sendrecv')
    const answer = sdp.answer(remote()).sdp
    t.equal(directionOf(answer), 'sendrecv')
    t.equal(versionOf(answer), versionOf(refused) + 1)
    t.throws(() => sdp.accept(remote()), SdpRefusal, 'the answer to it comes too late')
    sdp.wish = 'sendonly'
    const glare = sdp.offer()
    const theirs = sdp.answer(remote()).sdp
    t.equal(theirs, glare, 'their offer won (491): our answer says the same, so it is the same text')
    sdp.abandon()
    t.equal(sdp.wish, 'sendonly', 'the peer knows of the hold by our answer')
  },
)

t.test('[ME83] a first offer of ours: codecs in our order, events for each clock; the answer decides', async t => {
  const sdp = new VoiceSdp({
    announcedAddress: '198.51.100.7',
    rtpPort: 20_000,
    codecs: ['PCMA', 'PCMU', 'G722', 'opus'],
  })
  const first = sdp.offer()
  t.match(first, 'm=audio 20000 RTP/AVP 8 0 9 111 101 110\r\n')
  for (const line of ['111 opus/48000/2', '9 G722/8000', '101 telephone-event/8000', '110 telephone-event/48000'])
    t.match(first, `a=rtpmap:${line}\r\n`)
  t.equal(sdp.codec, undefined)
  const answer = sdp.accept(remote({ formats: '0 101' }))
  t.match(answer, { codec: 'PCMU', eventPayloadType: 101 })
  t.equal(sdp.codec, 'PCMU')
  const again = sdp.offer()
  t.match(again, 'm=audio 20000 RTP/AVP 0 101\r\n', 'only what is spoken')
  t.equal(versionOf(again), versionOf(first) + 1)
})

t.test('[ME83] an answer with a codec that was not offered is refused and the session stays', async t => {
  const sdp = make()
  sdp.offer()
  t.throws(() => sdp.accept(remote({ formats: '9' })), SdpRefusal)
  t.equal(sdp.codec, undefined)
  t.equal(sdp.accept(remote()).codec, 'PCMA', 'a better answer may follow')
})
