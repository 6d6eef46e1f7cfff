import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { accepting, DoorRig, goneOf } from '../../test/harness/door-rig.ts'
import { offerSdp } from './embedded/testing/raw-peer.ts'

t.test(
  '[SD23] what is not for us is 405 with what is, so that nobody takes the server for broken; in a dialog that is not there 481',
  async t => {
    const { peer } = await DoorRig.open(t)
    for (const method of ['REGISTER', 'MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'INFO', 'REFER']) {
      peer.request(method, { headers: ['Event: presence'] })
      t.match((await peer.nextResponse(405, method)).get('allow'), /INVITE, ACK, CANCEL, BYE, OPTIONS/, method)
    }
    for (const method of ['MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'INFO', 'REFER', 'OPTIONS']) {
      peer.request(method, { to: 'To: <sip:bob@127.0.0.1>;tag=gone', headers: ['Event: refer'] })
      await peer.nextResponse(481, method)
    }
  },
)

t.test('[SD23] strangers hear nothing of it', async t => {
  const { peer } = await DoorRig.open(t, { trunks: ['192.0.2.1'] })
  for (const method of ['REGISTER', 'MESSAGE', 'OPTIONS']) peer.request(method)
  t.equal(await peer.count(() => true, 100), 0)
})

t.test(
  '[SD24] an INVITE that comes a second time by another way (RFC 3261 8.2.2.2) is 482 and rings once; its CANCEL still counts',
  async t => {
    const { peer, legs } = await DoorRig.open(t, { onInvite: async leg => leg.ring() })
    const call = peer.request('INVITE')
    await peer.nextResponse(180)
    peer.request('INVITE', { callId: call.callId, fromTag: call.fromTag })
    await peer.nextResponse(482)
    t.equal(legs.length, 1)
    peer.request('CANCEL', { ...call, body: '' })
    await peer.nextResponse(487)
    t.match(await goneOf(legs[0]!), { by: 'peer', cancelled: true })
    const again = peer.request('INVITE', { callId: call.callId, fromTag: call.fromTag, cseq: 2 })
    await peer.nextResponse(180)
    t.equal(legs.length, 2, 'the same caller may try again')
    peer.request('CANCEL', { ...again, cseq: 2, body: '' })
    await goneOf(legs[1]!)
  },
)

t.test('[SD25] a caller may give up with a BYE in the early dialog (RFC 3261 15): nothing rings on', async t => {
  const { peer, legs } = await DoorRig.open(t, { onInvite: async leg => leg.ring() })
  peer.request('INVITE')
  const ringing = await peer.nextResponse(180)
  peer.inDialog('BYE', ringing, 2, ['Reason: SIP;cause=200;text="Call completed elsewhere"'])
  await peer.nextResponse(200, 'BYE')
  await peer.nextResponse(487)
  t.match(await goneOf(legs[0]!), { by: 'peer', cancelled: true, reason: { text: 'Call completed elsewhere' } })
})

t.test(
  '[SD26] an UPDATE without SDP before the answer is 200; with SDP it has to come again, for the first offer is open',
  async t => {
    const { peer, legs } = await DoorRig.open(t, { onInvite: async leg => leg.ring() })
    peer.request('INVITE')
    const ringing = await peer.nextResponse(180)
    peer.inDialog('UPDATE', ringing, 2)
    await peer.nextResponse(200, 'UPDATE')
    peer.inDialog('UPDATE', ringing, 3, [], offerSdp)
    t.ok((await peer.nextResponse(500, 'UPDATE')).get('retry-after'))
    legs[0]?.reject(486, 'busy')
    await peer.nextResponse(486)
  },
)

t.test(
  '[SD27] re-INVITE and UPDATE: 420 for an extension we do not know, 415 for a body we cannot read; the call stands',
  async t => {
    const rig = await DoorRig.open(t)
    const { peer } = rig
    const { leg, ok } = await rig.talk()
    leg.onOffer(accepting)
    peer.inDialog('INVITE', ok, 2, ['Require: foo, timer'], offerSdp)
    t.equal((await peer.nextResponse(420)).get('unsupported'), 'foo')
    peer.inDialog('UPDATE', ok, 3, ['Require: foo'], offerSdp)
    await peer.nextResponse(420, 'UPDATE')
    peer.inDialog('INVITE', ok, 4, ['Content-Type: text/plain'], '')
    const late = await peer.nextResponse(200)
    peer.inDialog('ACK', late, 4, [], offerSdp)
    peer.send(
      [
        `INVITE sip:bob@127.0.0.1:${peer.serverPort} SIP/2.0`,
        peer.via(),
        `From: ${ok.get('from')}`,
        `To: ${ok.get('to')}`,
        `Call-ID: ${ok.callId}`,
        'CSeq: 5 INVITE',
        `Contact: <sip:alice@${peer.hostPort}>`,
        'Content-Type: text/plain',
      ],
      'hello',
    )
    t.equal((await peer.nextResponse(415)).get('accept'), 'application/sdp')
    t.notOk(leg.gone.aborted)
  },
)

t.test('[SD27] a body in an encoding is 415, also where it says that it is SDP', async t => {
  const { peer, legs } = await DoorRig.open(t)
  peer.request('INVITE', { headers: ['Content-Encoding: gzip'] })
  t.equal((await peer.nextResponse(415)).get('accept-encoding'), 'identity')
  t.same(legs, [])
  peer.request('INVITE', { headers: ['Content-Encoding: identity'] })
  await peer.nextResponse(200)
})

t.test('[SD28] a late offer whose ACK brings no answer is no call: we hang up', async t => {
  const rig = await DoorRig.open(t)
  const { peer } = rig
  peer.request('INVITE', { body: '' })
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  const bye = await peer.nextRequest('BYE')
  t.match(bye.get('reason'), /no session description/)
  peer.respond(bye, 200)
  t.match(await goneOf(rig.legs[0]!), { by: 'dialog-lost' })
})

t.test('[SD28] in a call that is up such an ACK ends nothing: what both last agreed on stands', async t => {
  const rig = await DoorRig.open(t)
  const { peer } = rig
  const { leg, ok } = await rig.talk()
  leg.onOffer(accepting)
  peer.send(
    [
      `INVITE sip:bob@127.0.0.1:${peer.serverPort} SIP/2.0`,
      peer.via(),
      `From: ${ok.get('from')}`,
      `To: ${ok.get('to')}`,
      `Call-ID: ${ok.callId}`,
      'CSeq: 2 INVITE',
      `Contact: <sip:alice@${peer.hostPort}>`,
    ],
    '',
  )
  const again = await peer.nextResponse(200)
  peer.inDialog('ACK', again, 2)
  await delay(100)
  t.notOk(leg.gone.aborted)
})

t.test('[SD29] PUBLISH and MESSAGE in the call are 405', async t => {
  const rig = await DoorRig.open(t)
  const { peer } = rig
  const { ok } = await rig.talk()
  for (const [at, method] of ['PUBLISH', 'MESSAGE'].entries()) {
    peer.inDialog(method, ok, 2 + at)
    await peer.nextResponse(405, method)
  }
})

t.test('[SD34] a 488 says in words what is not acceptable, before the call and in it', async t => {
  const rig = await DoorRig.open(t, {
    onInvite: async leg => (leg.to === 'bob' ? leg.answer(offerSdp) : leg.reject(488, 'no codec or "key" in common')),
  })
  const { peer } = rig
  const { leg, ok } = await rig.talk()
  leg.onOffer(async () => ({ status: 488, reason: 'the audio line is switched off' }))
  peer.inDialog('INVITE', ok, 2, [], offerSdp)
  t.equal((await peer.nextResponse(488)).get('warning'), '399 tongping "the audio line is switched off"')
  peer.send(
    [
      `INVITE sip:nobody@127.0.0.1:${peer.serverPort} SIP/2.0`,
      peer.via(),
      `From: <sip:alice@${peer.hostPort}>;tag=w1`,
      'To: <sip:nobody@127.0.0.1>',
      'Call-ID: refused',
      'CSeq: 1 INVITE',
      `Contact: <sip:alice@${peer.hostPort}>`,
      'Content-Type: application/sdp',
    ],
    offerSdp,
  )
  t.equal((await peer.nextResponse(488)).get('warning'), '399 tongping "no codec or  key  in common"')
})
