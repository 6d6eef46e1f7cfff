import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { CallFailed, ReferRefused } from '../../signaling/sip/call-leg.ts'
import { Kamailio } from '../harness/peers/kamailio.ts'
import { openLegRig, PEER_HZ } from '../harness/peers/leg-rig.ts'
import { RtpEngine } from '../harness/peers/rtpengine.ts'
import { until } from '../harness/until.ts'

t.setTimeout(120_000)

for (const { transport, mediaEncryption, srtp } of [
  { transport: 'udp', mediaEncryption: 'srtp-mand', srtp: 'required' },
  { transport: 'tls', mediaEncryption: 'srtp-mand', srtp: 'required' },
  // Keys in a plain line (RFC 8643).
  { transport: 'udp', mediaEncryption: 'srtp', srtp: 'optional' },
] as const) {
  t.test(`[PEER7] baresip over ${transport} with ${mediaEncryption}: voice both ways, its hold and ours`, async t => {
    const { server, sides, phone } = await openLegRig(t, { transport, srtp })
    const peer = await phone({ mediaEncryption })
    await peer.call(peer.uriAt(server, '4000'))
    const ours = await until('our side', () => sides.find(side => side.leg))
    t.ok(ours.edge.encrypted)
    await ours.bothHear(peer)
    await peer.hold()
    await until('held', () => ours.edge.held.byPeer)
    await delay(500)
    await peer.resume()
    await until('retrieved', () => !ours.edge.held.byPeer)
    await ours.bothHear(peer)
    ours.edge.holdByUs('sendonly')
    await ours.offer()
    await delay(500)
    ours.edge.holdByUs(undefined)
    await ours.offer()
    await ours.bothHear(peer)
    await ours.leg?.hangUp()
    await peer.ended()
  })
}

t.test('[PEER8] we call baresip: ringing, voice both ways, our hold, a key of ours, hang-up by it', async t => {
  const { phone, dial } = await openLegRig(t)
  const peer = await phone({ number: '1001' })
  const { ours, leg } = await dial(peer)
  await ours.bothHear(peer)
  ours.edge.holdByUs('sendonly')
  await ours.offer()
  await delay(500)
  ours.edge.holdByUs(undefined)
  await ours.offer()
  await ours.bothHear(peer)
  await ours.edge.sendDtmf('5')
  t.match(await peer.control.event('CALL_DTMF_START'), { param: '5' })
  await ours.bothHear(peer)
  await peer.hangUp()
  await until('the end', () => leg.gone.aborted)
  t.match(leg.gone.reason, { by: 'peer' })
})

t.test('[PEER8] we call baresip, and it does not want us', async t => {
  const { phone, dial } = await openLegRig(t)
  const peer = await phone({ number: '1001' })
  const call = dial(peer, { answers: false })
  call.catch(() => {})
  await peer.control.event('CALL_INCOMING')
  await peer.hangUp()
  const failed = await call.then(
    () => undefined,
    error => error,
  )
  t.ok(failed instanceof CallFailed, `${failed}`)
  t.match(failed, { kind: 'busy', status: 486 })
})

t.test(
  '[PEER8] we call a telephone that is registered at Kamailio over TCP, with rtpengine between: voice both ways, our hold',
  async t => {
    const { server, phone, dial } = await openLegRig(t)
    const media = await RtpEngine.start()
    t.teardown(() => media.close())
    const proxy = await Kamailio.start({ server, media })
    t.teardown(() => proxy.close())
    const registrar = { host: proxy.sipHost, port: proxy.sipPort }
    const peer = await phone({ number: '1001', transport: 'tcp', registrar })
    const { ours, leg } = await dial(peer, { proxy: `sip:${proxy.sipHost}:${proxy.sipPort}` })
    await ours.bothHear(peer)
    ours.edge.holdByUs('sendonly')
    await ours.offer()
    await delay(500)
    ours.edge.holdByUs(undefined)
    await ours.offer()
    await ours.bothHear(peer)
    await leg.hangUp()
    await peer.ended()
  },
)

t.test('[PEER10] we call baresip that has nothing but G.722 and wants SRTP', async t => {
  const { phone, dial } = await openLegRig(t, { srtp: 'required', codecs: ['PCMA', 'PCMU', 'G722'] })
  const peer = await phone({ number: '1001', codecs: ['g722'], mediaEncryption: 'srtp-mand' })
  const { ours, leg } = await dial(peer)
  t.equal(ours.edge.codec, 'G722')
  t.ok(ours.edge.encrypted)
  await ours.bothHear(peer)
  await leg.hangUp()
  await peer.ended()
})

t.test('[PEER9] a blind transfer: one baresip calls another when we ask it to', async t => {
  const { server, sides, phone } = await openLegRig(t)
  const first = await phone({ number: '1001' })
  const second = await phone({ number: '1002', answers: 'auto' })
  await first.call(first.uriAt(server, '4000'))
  const ours = await until('our side', () => sides.find(side => side.leg))
  await ours.hears(PEER_HZ)
  const progress: number[] = []
  await ours.leg?.refer({ to: `sip:1002@127.0.0.1:${second.sipPort}` }, ({ status }) => progress.push(status))
  await second.control.event('CALL_ESTABLISHED')
  t.same(progress, [100, 200])
})

t.test('[PEER9] a transfer to who does not want it is refused, and the call stands', async t => {
  const { server, sides, phone } = await openLegRig(t)
  const first = await phone({ number: '1001' })
  const second = await phone({ number: '1002' })
  await first.call(first.uriAt(server, '4000'))
  const ours = await until('our side', () => sides.find(side => side.leg))
  await ours.hears(PEER_HZ)
  const refer = ours.leg
    ?.refer({ to: `sip:1002@127.0.0.1:${second.sipPort}` }, () => {})
    .then(
      () => 'resolved',
      error => error,
    )
  await second.control.event('CALL_INCOMING')
  await second.hangUp()
  const refused = await refer
  t.ok(refused instanceof ReferRefused, `${refused}`)
  t.match(refused, { stage: 'tried', status: 486 })
  await ours.bothHear(first)
})

t.test(
  '[PEER9] an attended transfer to a telephone without Replaces (baresip 1.0.0) is a second call to it',
  async t => {
    const { phone, dial } = await openLegRig(t)
    const first = await phone({ number: '1001' })
    const second = await phone({ number: '1002', saysHz: 520 })
    const one = await dial(first)
    const two = await dial(second)
    const since = second.control.events.length
    const refer = one.leg.refer({ leg: two.leg }, () => {})
    t.match(await second.control.event('CALL_INCOMING', { since }), { peeruri: /1001/ })
    await second.control.command('accept')
    await refer
    const joined = () =>
      second.control.events.some(event => event.type === 'CALL_ESTABLISHED' && /1001/.test(event.peeruri ?? ''))
    await until('the two to talk', joined)
    await two.leg.hangUp()
  },
)
