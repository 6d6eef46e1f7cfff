import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { accepting, CountedOffer, DoorRig, goneOf } from '../../test/harness/door-rig.ts'
import { LegGoneError, OfferRefused } from './call-leg.ts'
import { offerSdp } from './embedded/testing/raw-peer.ts'

t.test(
  '[VC1] our re-INVITE carries offer, Contact and the agreed session; it is answered and acknowledged',
  async t => {
    const rig = await DoorRig.open(t)
    const { leg } = await rig.talk(['Supported: timer', 'Session-Expires: 600'])
    const ours = new CountedOffer()
    const answered = leg.offer(ours)
    const invite = await rig.peer.nextRequest('INVITE')
    t.match(invite.body.toString(), 'a=n:1')
    t.match(invite.get('contact'), /<sip:[^>]+>/)
    t.equal(invite.get('session-expires'), '600;refresher=uas', 'the peer goes on refreshing')
    t.match(invite.get('supported'), 'timer')
    t.match(invite.get('allow'), 'UPDATE')
    rig.peer.respond(invite, 200, { body: offerSdp })
    t.equal(await answered, offerSdp)
    t.equal((await rig.peer.nextRequest('ACK')).cseq.number, invite.cseq.number)
    t.match(ours, { made: 1, taken: 0 })
  },
)

t.test('[VC2] a refused offer leaves the call, and the next one is made', async t => {
  const rig = await DoorRig.open(t)
  const { leg } = await rig.talk()
  const ours = new CountedOffer()
  for (const status of [488, 606, 503]) {
    const refused = leg.offer(ours)
    refused.catch(() => {})
    const invite = await rig.peer.nextRequest('INVITE')
    rig.peer.respond(invite, status)
    await rig.peer.nextRequest('ACK')
    await t.rejects(refused, new OfferRefused(status))
  }
  t.match(ours, { made: 3, taken: 3 })
  t.equal(leg.gone.aborted, false)
  const answered = leg.offer(ours)
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 200, { body: offerSdp })
  t.equal(await answered, offerSdp)
})

t.test('[VC3] glare: after 491 the one who was called tries again within 2 s, with a new offer', async t => {
  const rig = await DoorRig.open(t)
  const { leg, ok } = await rig.talk()
  leg.onOffer(accepting)
  const ours = new CountedOffer()
  const answered = leg.offer(ours)
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 491)
  const refusedAtMs = performance.now()
  await rig.peer.nextRequest('ACK')
  t.equal(ours.taken, 1, 'withdrawn at once, so that the offer of the peer finds nothing open')
  rig.peer.inDialog('UPDATE', ok, 2, [], offerSdp)
  await rig.peer.nextResponse(200, 'UPDATE')
  const again = await rig.peer.nextRequest('INVITE', 2500)
  t.ok(performance.now() - refusedAtMs <= 2200)
  t.match(again.body.toString(), 'a=n:2')
  rig.peer.respond(again, 200, { body: offerSdp })
  t.equal(await answered, offerSdp)
})

t.test('[VC4] offers of the peer while ours is open: 491', async t => {
  const rig = await DoorRig.open(t)
  const { leg, ok } = await rig.talk()
  let offers = 0
  leg.onOffer(async () => {
    offers++
    return accepting()
  })
  const answered = leg.offer(new CountedOffer())
  const invite = await rig.peer.nextRequest('INVITE')
  rig.peer.inDialog('INVITE', ok, 2, [], offerSdp)
  await rig.peer.nextResponse(491)
  rig.peer.inDialog('ACK', ok, 2)
  rig.peer.inDialog('UPDATE', ok, 3, [], offerSdp)
  await rig.peer.nextResponse(491, 'UPDATE')
  rig.peer.inDialog('UPDATE', ok, 4)
  await rig.peer.nextResponse(200, 'UPDATE')
  t.equal(offers, 0)
  rig.peer.respond(invite, 200, { body: offerSdp })
  t.equal(await answered, offerSdp)
  rig.peer.inDialog('UPDATE', ok, 5, [], offerSdp)
  await rig.peer.nextResponse(200, 'UPDATE')
  t.equal(offers, 1)
})

t.test('[VC5] 500 with Retry-After is tried again then; without it is a refusal', async t => {
  const rig = await DoorRig.open(t)
  const { leg } = await rig.talk()
  const answered = leg.offer(new CountedOffer())
  const first = await rig.peer.nextRequest('INVITE')
  rig.peer.respond(first, 500, { headers: ['Retry-After: 1'] })
  const again = await rig.peer.nextRequest('INVITE', 1500)
  rig.peer.respond(again, 200, { body: offerSdp })
  t.equal(await answered, offerSdp)
  const refused = leg.offer(new CountedOffer())
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 500)
  await t.rejects(refused, new OfferRefused(500))
})

t.test('[VC6] 481 and no answer at all end the dialog, with a BYE for what may be left of it', async t => {
  const rig = await DoorRig.open(t, { server: { timers: { t1Ms: 10, t2Ms: 40 } } })
  const unknown = await rig.talk()
  const refused = unknown.leg.offer(new CountedOffer())
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 481)
  await t.rejects(refused, { name: 'LegGoneError', gone: { by: 'dialog-lost' } })
  rig.peer.respond(await rig.peer.nextRequest('BYE'), 481)
  const silent = await rig.talk()
  const ours = new CountedOffer()
  await t.rejects(silent.leg.offer(ours), LegGoneError)
  t.same(await goneOf(silent.leg), { by: 'dialog-lost', cancelled: false })
  await rig.peer.nextRequest('BYE')
  t.match(ours, { made: 1, taken: 1 })
})

t.test('[VC7] a 200 without SDP is acknowledged, and changes nothing', async t => {
  const rig = await DoorRig.open(t)
  const { leg } = await rig.talk()
  const ours = new CountedOffer()
  const empty = leg.offer(ours)
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 200)
  await t.rejects(empty, new OfferRefused(200))
  await rig.peer.nextRequest('ACK')
  t.match(ours, { made: 1, taken: 1 })
  t.equal(leg.gone.aborted, false)
})

t.test('[VC8] BYE of the peer during our re-INVITE: confirmed, and the offer fails as gone', async t => {
  const rig = await DoorRig.open(t)
  const { leg, ok } = await rig.talk()
  const ours = new CountedOffer()
  const cut = leg.offer(ours)
  cut.catch(() => {})
  const invite = await rig.peer.nextRequest('INVITE')
  rig.peer.inDialog('BYE', ok, 2)
  await rig.peer.nextResponse(200, 'BYE')
  rig.peer.respond(invite, 487)
  await t.rejects(cut, LegGoneError)
  t.same(await goneOf(leg), { by: 'peer', cancelled: false })
  await t.rejects(leg.offer(ours), LegGoneError)
  t.equal(ours.made, 1)
})

t.test('[VC9] we hang up during our own re-INVITE: BYE, and nothing waits', async t => {
  const rig = await DoorRig.open(t)
  const { leg } = await rig.talk()
  const cut = leg.offer(new CountedOffer())
  cut.catch(() => {})
  const invite = await rig.peer.nextRequest('INVITE')
  const ended = leg.hangUp()
  rig.peer.respond(invite, 487)
  rig.peer.respond(await rig.peer.nextRequest('BYE'), 200)
  await ended
  await t.rejects(cut, LegGoneError)
})

t.test('[VC10] 422: again at once with the interval the peer wants', async t => {
  const rig = await DoorRig.open(t)
  const { leg } = await rig.talk(['Supported: timer', 'Session-Expires: 100'])
  const answered = leg.offer(new CountedOffer())
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 422, { headers: ['Min-SE: 300'] })
  const again = await rig.peer.nextRequest('INVITE')
  t.equal(again.get('session-expires'), '300;refresher=uas')
  t.equal(again.get('min-se'), '300')
  rig.peer.respond(again, 200, {
    headers: ['Session-Expires: 300;refresher=uas', `Contact: <sip:peer@${rig.peer.hostPort}>`],
    body: offerSdp,
  })
  await answered
  const next = leg.offer(new CountedOffer())
  const invite = await rig.peer.nextRequest('INVITE')
  t.equal(invite.get('session-expires'), '300;refresher=uas', 'the new terms stand')
  rig.peer.respond(invite, 200, { body: offerSdp })
  await next
})

t.test('[VC11] offers go one after the other: ours, and after an INVITE of the peer its ACK', async t => {
  const rig = await DoorRig.open(t)
  const { leg, ok } = await rig.talk()
  leg.onOffer(accepting)
  const both = [leg.offer(new CountedOffer()), leg.offer(new CountedOffer())]
  const first = await rig.peer.nextRequest('INVITE')
  await delay(50)
  t.equal(rig.peer.waiting.filter(m => m.kind === 'request' && m.method === 'INVITE').length, 0)
  rig.peer.respond(first, 200, { body: offerSdp })
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 200, { body: offerSdp })
  await Promise.all(both)
  rig.peer.inDialog('INVITE', ok, 2, [], offerSdp)
  const theirs = await rig.peer.nextResponse(200)
  const third = leg.offer(new CountedOffer())
  await delay(150)
  t.equal(rig.peer.waiting.filter(m => m.kind === 'request' && m.method === 'INVITE').length, 0)
  rig.peer.inDialog('ACK', theirs, 2)
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 200, { body: offerSdp })
  t.equal(await third, offerSdp)
})

t.test('[VC12] the control connection breaks during our re-INVITE: refused, the call stands', async t => {
  const rig = await DoorRig.open(t)
  const { leg } = await rig.talk()
  const cut = leg.offer(new CountedOffer())
  cut.catch(() => {})
  await rig.peer.nextRequest('INVITE')
  await rig.server.close()
  await t.rejects(cut, new OfferRefused(503))
  t.equal(leg.gone.aborted, false)
})
