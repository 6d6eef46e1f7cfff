import t from 'tap'
import { SdpRefusal } from './remote-voice.ts'
import type { VoiceCodec } from './voice-codec.ts'
import { VoiceSdp } from './voice-sdp.ts'

const ALL: VoiceCodec[] = ['PCMA', 'PCMU', 'G722', 'opus']
const make = (codecs: readonly VoiceCodec[] = ALL, announcedAddress = '198.51.100.7') =>
  new VoiceSdp({ announcedAddress, rtpPort: 20_000, codecs })
const V4 = 'c=IN IP4 203.0.113.5'
const V6 = 'c=IN IP6 2001:db8::5'
const sdpOf = (media: readonly string[], session: readonly string[] = [V4]) =>
  ['v=0', 'o=- 1 1 IN IP4 203.0.113.5', 's=-', ...session, 't=0 0', ...media, ''].join('\r\n')
const mediaOf = (sdp: string) => sdp.split('\r\n').filter(line => line.startsWith('m='))
const refusal = (offer: string, sdp = make()) => {
  try {
    sdp.answer(offer)
  } catch (error) {
    if (error instanceof SdpRefusal) return `${error.status} ${error.message}`
    throw error
  }
  return 'answered'
}

t.test('[ME100] spaces at the end of the m= line or between numbers are no format', async t => {
  for (const line of ['m=audio 4000 RTP/AVP 9 ', 'm=audio 4000 RTP/AVP 9  101', 'm=audio 4000 RTP/AVP 9 x 999 -1']) {
    const { remote } = make().answer(sdpOf([line, 'a=rtpmap:101 telephone-event/8000']))
    t.same(remote.formats, [{ codec: 'G722', payloadType: 9 }], line)
  }
  t.match(refusal(sdpOf(['m=audio 4000 RTP/AVP ']), make(['PCMU'])), /^488/)
  t.equal(
    make().answer(sdpOf(['m=audio 4000 RTP/AVP 9', 'a=rtpmap:9 G722/16000'])).remote.codec,
    'G722',
    'its old error',
  )
  t.match(refusal(sdpOf(['m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 PCMA/16000'])), /^488/)
})

t.test('[ME101] every other m= line keeps its type, protocol and formats in the answer, whatever it is', async t => {
  const others = [
    ['m=image 5000 udptl t38', 'm=image 0 udptl t38'],
    ['m=application 5070 UDP/BFCP *', 'm=application 0 UDP/BFCP *'],
    ['m=video 0 RTP/AVP 96 97', 'm=video 0 RTP/AVP 96 97'],
    ['m=x-fax.1 5000 UDP/TLS/UDPTL t38', 'm=x-fax.1 0 UDP/TLS/UDPTL t38'],
    ['m=message 2855 TCP/TLS/MSRP *', 'm=message 0 TCP/TLS/MSRP *'],
    ['m=audio 4100/2 RTP/AVP 8', 'm=audio 0 RTP/AVP 8'],
    ['m=audio 4200 UDP/TLS/RTP/SAVPF 111', 'm=audio 0 UDP/TLS/RTP/SAVPF 111'],
    ['m=', 'm=audio 0 RTP/AVP 0'],
  ] as const
  for (const place of [0, 3, others.length]) {
    const offered: string[] = others.map(([line]) => line)
    offered.splice(place, 0, 'm=audio 4000 RTP/AVP 8')
    const expected: string[] = others.map(([, line]) => line)
    expected.splice(place, 0, 'm=audio 20000 RTP/AVP 8')
    const sdp = make()
    t.same(mediaOf(sdp.answer(sdpOf(offered)).sdp), expected)
    t.same(mediaOf(sdp.offer()), expected, 'in an offer of ours as well')
  }
})

t.test('[ME102] fax and switched-off voice: 488, and the call goes on as it was', async t => {
  const sdp = make()
  const before = sdp.answer(sdpOf(['m=audio 4000 RTP/AVP 8'])).sdp
  for (const media of [
    ['m=image 5000 udptl t38'],
    ['m=audio 0 RTP/AVP 8', 'm=image 5000 udptl t38'],
    ['m=audio 0 RTP/AVP 8'],
    [],
  ])
    t.match(refusal(sdpOf(media), sdp), /^488/)
  t.equal(sdp.answer(sdpOf(['m=audio 4000 RTP/AVP 8'])).sdp, before)
})

t.test(
  '[ME103] the address: of the line before that of the session, of our IP version, else the next line, else of the other version, else 488',
  async t => {
    const rtpOf = (media: string[], session?: string[], sdp = make()) =>
      sdp.answer(sdpOf(media, session)).remote.rtp?.address
    t.equal(rtpOf(['m=audio 4000 RTP/AVP 8', 'c=IN IP4 203.0.113.77']), '203.0.113.77')
    t.equal(rtpOf(['m=audio 4000 RTP/AVP 8', 'c=IN IP4 203.0.113.77'], []), '203.0.113.77', 'none at the session')
    t.equal(rtpOf(['m=audio 4000 RTP/AVP 8', V4], ['c=IN IP4 0.0.0.0']), '203.0.113.5')
    for (const c of ['c=IN IP4 phone.example', 'c=IN IP4 203.0.113.5/127', 'c=IN IP4 300.1.1.1', 'a=x'])
      t.match(refusal(sdpOf(['m=audio 4000 RTP/AVP 8'], [c])), /^488 the c= line holds no IP address/, c)
    // Alternatives (RFC 4091): the version that we do not speak stands first.
    const two = make().answer(sdpOf(['m=audio 4000 RTP/AVP 8', V6, 'm=audio 4002 RTP/AVP 8', V4], []))
    t.same(two.remote.rtp, { address: '203.0.113.5', port: 4002 })
    t.same(mediaOf(two.sdp), ['m=audio 0 RTP/AVP 8', 'm=audio 20000 RTP/AVP 8'])
    const six = make(ALL, '2001:db8::7')
    t.equal(rtpOf(['m=audio 4000 RTP/AVP 8'], [V6], six), '2001:db8::5')
    // Phones with addresses of both versions name what they like; their voice comes from the one that we can hear.
    t.equal(rtpOf(['m=audio 4000 RTP/AVP 8'], [V4], six), '203.0.113.5')
    t.equal(rtpOf(['m=audio 4000 RTP/AVP 8'], [V6]), '2001:db8::5')
  },
)

t.test('[ME104] hold in every spelling', async t => {
  const hold = (media: string[], session?: string[]) => {
    const { remote, sdp } = make().answer(sdpOf(['m=audio 4000 RTP/AVP 8', ...media], session))
    return [remote.direction, sdp.split('\r\n').at(-2), remote.rtp === undefined]
  }
  t.same(hold(['a=inactive'], [V4, 'a=sendrecv']), ['inactive', 'a=inactive', false])
  t.same(hold([], [V4, 'a=inactive']), ['inactive', 'a=inactive', false])
  t.same(hold(['a=sendrecv'], ['c=IN IP4 0.0.0.0']), ['sendonly', 'a=recvonly', true])
  t.same(hold(['a=recvonly'], ['c=IN IP4 0.0.0.0']), ['inactive', 'a=inactive', true])
  t.same(hold(['c=IN IP4 0.0.0.0']), ['sendonly', 'a=recvonly', true])
  t.same(hold([], ['c=IN IP6 ::']), ['sendonly', 'a=recvonly', true])
  t.same(hold([], ['c=IN IP4 anonymous.invalid']), ['sendonly', 'a=recvonly', true])
  t.same(hold(['a=sendonly ']), ['sendonly', 'a=recvonly', false])
})

t.test('[ME105] same description, same answer: whatever the peer does with its o= line', async t => {
  const sdp = make()
  const media = ['m=audio 4000 RTP/AVP 8 0']
  const first = sdp.answer(sdpOf(media)).sdp
  t.equal(sdp.answer(sdpOf(media)).sdp, first)
  t.equal(sdp.answer(sdpOf(media).replace('o=- 1 1', 'o=- 1 2')).sdp, first, 'counted up without a change')
  t.equal(
    sdp.answer(sdpOf(media).replace('o=- 1 1', 'o=other 99 7')).sdp,
    first,
    'another origin: a transfer behind an SBC',
  )
  const moved = sdp.answer(sdpOf(['m=audio 4008 RTP/AVP 8 0', 'a=sendonly']))
  t.match(
    moved,
    { remote: { direction: 'sendonly', rtp: { port: 4008 } }, sdp: /a=recvonly/ },
    'not counted up with a change',
  )
})

t.test(
  '[ME106] rtcp-mux refused in the answer to our re-offer is not offered again; a=rtcp may not point nowhere',
  async t => {
    const sdp = make()
    const mux = sdpOf(['m=audio 4000 RTP/AVP 8', 'a=rtcp-mux', 'a=rtcp:4000'])
    t.match(sdp.answer(mux).sdp, 'a=rtcp-mux')
    t.match(sdp.offer(), 'a=rtcp-mux')
    t.same(sdp.accept(sdpOf(['m=audio 4000 RTP/AVP 8'])).rtcp, { address: '203.0.113.5', port: 4001 })
    t.notMatch(sdp.offer(), 'a=rtcp-mux')
    const rtcpOf = (line: string) => make().answer(sdpOf(['m=audio 4000 RTP/AVP 8', line])).remote.rtcp
    t.same(rtcpOf('a=rtcp:4711'), { address: '203.0.113.5', port: 4711 })
    t.same(rtcpOf('a=rtcp:4711 IN IP4 0.0.0.0'), { address: '203.0.113.5', port: 4711 })
    t.same(rtcpOf('a=rtcp:4711 IN IP6 2001:db8::6'), { address: '203.0.113.5', port: 4711 })
    t.same(rtcpOf('a=rtcp:4711 IN IP4 host.example'), { address: '203.0.113.5', port: 4711 })
    t.equal(rtcpOf('a=rtcp:0'), undefined)
  },
)

t.test(
  '[ME107] an answer with several codecs: the peer sends the one it names first, so that is the call’s',
  async t => {
    const answer = (formats: string, codecs?: VoiceCodec[]) => {
      const sdp = make(codecs)
      sdp.offer()
      const { codec, formats: all } = sdp.accept(
        sdpOf([`m=audio 4000 RTP/AVP ${formats}`, 'a=rtpmap:111 opus/48000/2', 'a=rtpmap:101 telephone-event/8000']),
      )
      t.equal(sdp.codec, codec)
      return [codec, all.map(format => format.payloadType)]
    }
    t.same(answer('8 0 9 111 101'), ['PCMA', [8, 0]])
    t.same(answer('0 8 101'), ['PCMU', [0, 8]], 'swapped')
    t.same(answer('9 8 0'), ['G722', [9]])
    t.same(answer('111 8'), ['opus', [111]])
    t.same(answer('101 18 0'), ['PCMU', [0]], 'behind what is none of ours')
    const late = make()
    late.offer({ late: true })
    t.equal(late.accept(sdpOf(['m=audio 4000 RTP/AVP 0 8'])).codec, 'PCMA', 'the browser speaks A-law already')
  },
)

t.test(
  '[ME108] branches of a forked call answer one offer, each in its way; after the next description none does',
  async t => {
    const sdp = make()
    const offer = sdp.offer({ late: true })
    const branch = (port: number, formats: string) => sdpOf([`m=audio ${port} RTP/AVP ${formats}`])
    t.throws(() => sdp.acceptOfBranch(branch(1, '18')), SdpRefusal)
    t.equal(sdp.acceptOfBranch(branch(4000, '8')).rtp?.port, 4000)
    t.match(sdp.acceptOfBranch(branch(5000, '0')), { codec: 'PCMU', rtp: { port: 5000 } })
    t.throws(() => sdp.acceptOfBranch(branch(6000, '9')), SdpRefusal, 'what cannot be carried')
    t.equal(sdp.agreed?.remote.rtp?.port, 5000)
    const version = (text: string) => Number(/^o=- \d+ (\d+)/m.exec(text)?.[1])
    t.equal(version(sdp.offer({ late: true })), version(offer) + 1, 'what was not sent took no version')
    sdp.abandon()
    sdp.answer(branch(5000, '0'))
    t.throws(() => sdp.acceptOfBranch(branch(4000, '8')), SdpRefusal)
  },
)
