import t from 'tap'
import { SdpRefusal } from './remote-voice.ts'
import { VoiceSdp } from './voice-sdp.ts'

const make = () => new VoiceSdp({ announcedAddress: '198.51.100.7', rtpPort: 20_000 })

function offer(o: { media?: string[]; session?: string[]; address?: string; lines?: string[] } = {}): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 203.0.113.5',
    's=-',
    `c=IN IP4 ${o.address ?? '203.0.113.5'}`,
    't=0 0',
    ...(o.session ?? []),
    ...(o.media ?? ['m=audio 4000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000', ...(o.lines ?? [])]),
    '',
  ].join('\r\n')
}
const linesOf = (sdp: string) => sdp.split('\r\n')
const versionOf = (sdp: string) => Number(/^o=- \d+ (\d+) /m.exec(sdp)?.[1])

t.test('[ME30] answers one codec, events with the number offered, our address and port', async t => {
  const { sdp, remote } = make().answer(offer())
  t.same(linesOf(sdp).slice(2), [
    's=-',
    'c=IN IP4 198.51.100.7',
    't=0 0',
    'm=audio 20000 RTP/AVP 0 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=ptime:20',
    'a=sendrecv',
    '',
  ])
  t.match(remote, { codec: 'PCMU', payloadType: 0, eventPayloadType: 101, rtp: { address: '203.0.113.5', port: 4000 } })
  t.same(remote.rtcp, { address: '203.0.113.5', port: 4001 })
})

t.test('[ME31] every direction gets its answer, also from the session level and from c=0.0.0.0', async t => {
  const answers = (o: Parameters<typeof offer>[0]) => {
    const { sdp, remote } = make().answer(offer(o))
    return [remote.direction, linesOf(sdp).at(-2)]
  }
  t.same(answers({ lines: ['a=sendonly'] }), ['sendonly', 'a=recvonly'])
  t.same(answers({ lines: ['a=recvonly'] }), ['recvonly', 'a=sendonly'])
  t.same(answers({ lines: ['a=inactive'] }), ['inactive', 'a=inactive'])
  t.same(answers({ lines: ['a=sendrecv'] }), ['sendrecv', 'a=sendrecv'])
  t.same(answers({ session: ['a=sendonly'] }), ['sendonly', 'a=recvonly'])
  t.same(answers({ session: ['a=sendonly'], lines: ['a=sendrecv'] }), ['sendrecv', 'a=sendrecv'])
  t.same(answers({ address: '0.0.0.0' }), ['sendonly', 'a=recvonly'])
  t.same(answers({ address: '0.0.0.0', lines: ['a=inactive'] }), ['inactive', 'a=inactive'])
})

t.test('[ME32] the o= version counts changes: hold and retrieve do, a refresh does not', async t => {
  const sdp = make()
  const first = sdp.answer(offer()).sdp
  t.equal(sdp.answer(offer()).sdp, first)
  const held = sdp.answer(offer({ lines: ['a=sendonly'] })).sdp
  t.equal(versionOf(held), versionOf(first) + 1)
  t.equal(sdp.answer(offer({ lines: ['a=sendonly'] })).sdp, held)
  t.equal(versionOf(sdp.answer(offer()).sdp), versionOf(first) + 2)
})

t.test('[ME33] other m= lines keep their place and are refused with port 0', async t => {
  const { sdp } = make().answer(
    offer({
      media: [
        'm=video 5000 RTP/AVP 96',
        'a=rtpmap:96 H264/90000',
        'm=audio 4000 RTP/AVP 8',
        'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      ],
    }),
  )
  const media = linesOf(sdp).filter(l => l.startsWith('m='))
  t.same(media, ['m=video 0 RTP/AVP 96', 'm=audio 20000 RTP/AVP 8', 'm=application 0 UDP/DTLS/SCTP webrtc-datachannel'])
})

t.test('[ME34] what cannot be used is refused with 488, what is no SDP with 400', async t => {
  const refusal = (sdp: string) => {
    try {
      make().answer(sdp)
    } catch (error) {
      if (error instanceof SdpRefusal) return error.status
      throw error
    }
    return 'answered'
  }
  t.equal(refusal(offer({ media: ['m=audio 4000 RTP/SAVP 0 8'] })), 488)
  t.equal(refusal(offer({ media: ['m=audio 4000 RTP/AVP 18'] })), 488)
  t.equal(refusal(offer({ media: ['m=audio 0 RTP/AVP 8'] })), 488)
  t.equal(refusal(offer({ media: ['m=video 4000 RTP/AVP 96'] })), 488)
  t.equal(refusal(offer({ address: 'phone.example' })), 488)
  t.equal(refusal(offer({ media: ['m=audio 99999 RTP/AVP 8'] })), 488)
  t.equal(refusal('hello'), 400)
  t.equal(refusal('v=0\r\nm=\r\nm=audio\r\n'), 400)
})

t.test('[ME35] an RTP/SAVP line beside a plain one: the plain one is taken', async t => {
  const { sdp } = make().answer(offer({ media: ['m=audio 4000 RTP/SAVP 8', 'm=audio 4002 RTP/AVP 8'] }))
  t.same(
    linesOf(sdp).filter(l => l.startsWith('m=')),
    ['m=audio 0 RTP/SAVP 8', 'm=audio 20000 RTP/AVP 8'],
  )
})

t.test('[ME36] rtcp-mux when offered, a=rtcp honoured otherwise', async t => {
  const mux = make().answer(offer({ lines: ['a=rtcp-mux'] }))
  t.ok(mux.sdp.includes('a=rtcp-mux'))
  t.same(mux.remote.rtcp, mux.remote.rtp)
  t.same(make().answer(offer({ lines: ['a=rtcp:4711 IN IP4 203.0.113.6'] })).remote.rtcp, {
    address: '203.0.113.6',
    port: 4711,
  })
})

t.test('[ME37] a mapped payload number is used as the peer numbers it; a second clock is not', async t => {
  const { sdp, remote } = make().answer(
    offer({
      media: [
        'm=audio 4000 RTP/AVP 9 97 98 99',
        'a=rtpmap:97 PCMA/8000/1',
        'a=rtpmap:98 telephone-event/48000',
        'a=rtpmap:99 telephone-event/8000',
      ],
    }),
  )
  t.match(remote, { codec: 'PCMA', payloadType: 97, eventPayloadType: 99 })
  t.ok(sdp.includes('m=audio 20000 RTP/AVP 97 99\r\na=rtpmap:97 PCMA/8000\r\n'))
})

t.test('[ME38] the codec of a call stays: a re-offer without it is refused, one with it keeps it', async t => {
  const sdp = make()
  sdp.answer(offer({ media: ['m=audio 4000 RTP/AVP 8 0'] }))
  t.equal(sdp.answer(offer({ media: ['m=audio 4000 RTP/AVP 0 8'] })).remote.codec, 'PCMA')
  t.throws(() => sdp.answer(offer({ media: ['m=audio 4000 RTP/AVP 18'] })), SdpRefusal)
  t.throws(() => sdp.answer(offer({ media: ['m=audio 4000 RTP/AVP 9'] })), SdpRefusal)
})

t.test(
  '[ME39] late offer: both laws, the browser’s codec known at once; later offers keep codec and m= lines',
  async t => {
    const sdp = make()
    const first = sdp.offer({ late: true })
    t.ok(first.includes('m=audio 20000 RTP/AVP 8 0 101'))
    t.equal(sdp.codec, 'PCMA')
    t.throws(() => sdp.accept(offer({ media: ['m=audio 4000 RTP/AVP 18 101'] })), SdpRefusal)
    t.equal(
      sdp.accept(offer({ media: ['m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000'] })).codec,
      'PCMA',
    )
    t.ok(sdp.offer().includes('m=audio 20000 RTP/AVP 8 101\r\n'))
    t.ok(sdp.offer({ late: true }).includes('m=audio 20000 RTP/AVP 8 0 101\r\n'))
    const two = make()
    two.answer(offer({ media: ['m=video 5000 RTP/AVP 96', 'm=audio 4000 RTP/AVP 8'] }))
    t.same(
      linesOf(two.offer()).filter(l => l.startsWith('m=')),
      ['m=video 0 RTP/AVP 96', 'm=audio 20000 RTP/AVP 8'],
    )
  },
)

t.test('[ME39] an IPv6 peer and an IPv6 address of ours', async t => {
  const sdp = new VoiceSdp({ announcedAddress: '2001:db8::7', rtpPort: 20_000 })
  const out = sdp.answer(
    'v=0\r\no=- 1 1 IN IP6 2001:db8::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n',
  )
  t.ok(out.sdp.includes('c=IN IP6 2001:db8::7'))
  t.same(out.remote.rtp, { address: '2001:db8::1', port: 4000 })
})
