import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { CountedOffer, DoorRig, goneOf } from '../../test/harness/door-rig.ts'
import { CallFailed } from './call-leg.ts'
import type { SipRequest } from './embedded/sip-message.ts'
import { answerSdp, offerSdp } from './embedded/testing/raw-peer.ts'
import type { OutgoingCall } from './outgoing-invite.ts'
import type { Trunk } from './trunk.ts'

const other = answerSdp.replace('4000', '4444')

function place(rig: DoorRig, o: Partial<Omit<OutgoingCall, 'trunk'>> & { trunk?: Partial<Trunk> } = {}) {
  const abort = new AbortController()
  const told: (number | string)[] = []
  const { trunk, ...rest } = o
  const call = rig.door.call({
    to: '13900139000',
    sdp: offerSdp,
    signal: abort.signal,
    onProvisional: (status, sdp) => told.push(sdp === undefined ? status : `${status} ${sdp.includes('4444')}`),
    ...rest,
    trunk: { name: 'test', proxy: `sip:${rig.peer.hostPort}`, fromNumber: '4001234567', ...trunk },
  })
  call.catch(() => {})
  return { call, abort, told }
}

const cseqOf = (request: SipRequest): number => request.cseq.number

/** An answer of a peer with a tag, its Contact and SDP. */
function answer(
  rig: DoorRig,
  invite: SipRequest,
  status: number,
  toTag: string,
  headers: string[] = [],
  body = answerSdp,
) {
  const contact = `Contact: <sip:peer@${rig.peer.hostPort}>`
  rig.peer.respond(invite, status, { toTag, headers: [contact, ...headers], ...(body !== '' && { body }) })
}

async function talk(rig: DoorRig, headers: string[] = []) {
  const { call } = place(rig)
  const invite = await rig.peer.nextRequest('INVITE')
  answer(rig, invite, 200, 'b1', headers)
  const { leg } = await call
  await rig.peer.nextRequest('ACK')
  return { leg, invite }
}

t.test('[OC1] a call of ours: whom, as whom, ringing, answered and acknowledged; either side hangs up', async t => {
  const rig = await DoorRig.open(t)
  const { call, told } = place(rig, {
    to: '*86#10086',
    displayName: 'Help "desk"',
    trunk: { domain: 'carrier.example', assertIdentity: true },
  })
  const invite = await rig.peer.nextRequest('INVITE')
  t.equal(invite.uri, 'sip:*86%2310086@carrier.example')
  t.match(invite.get('from'), /^"Help {2}desk" ?<sip:4001234567@carrier\.example>;tag=/)
  t.equal(invite.get('p-asserted-identity'), '<sip:4001234567@carrier.example>')
  t.match(invite.get('contact'), new RegExp(`sip:4001234567@127\\.0\\.0\\.1:${rig.sipPort}`))
  t.match(invite.get('supported'), /timer.*100rel/)
  t.equal(invite.get('session-expires'), '1800')
  t.equal(invite.body.toString(), offerSdp)
  answer(rig, invite, 180, 'b1', [], '')
  answer(rig, invite, 200, 'b1')
  const { leg, answerSdp: answered } = await call
  t.equal(answered, answerSdp)
  t.same(told, [180])
  t.match(leg, {
    direction: 'out',
    from: '4001234567',
    to: '*86#10086',
    sourceAddress: '127.0.0.1',
    sipCallId: invite.callId,
  })
  t.equal(cseqOf(await rig.peer.nextRequest('ACK')), cseqOf(invite))
  t.match(rig.door.stats(), { calls: 1, legs: 1, dialling: 0 })
  const ended = leg.hangUp()
  rig.peer.respond(await rig.peer.nextRequest('BYE'), 200)
  await ended
  const second = await talk(rig)
  rig.peer.send([
    `BYE sip:127.0.0.1:${rig.sipPort} SIP/2.0`,
    rig.peer.via(),
    `From: ${second.invite.get('to')};tag=b1`,
    `To: ${second.invite.get('from')}`,
    `Call-ID: ${second.invite.callId}`,
    'CSeq: 1 BYE',
  ])
  await rig.peer.nextResponse(200, 'BYE')
  t.same(await goneOf(second.leg), { by: 'peer', cancelled: false })
  t.equal(rig.door.stats().legs, 0)
})

t.test(
  '[OC2] digest: challenged, the call goes on in the same dialog; wrong credentials are refused in words',
  async t => {
    const rig = await DoorRig.open(t)
    const challenge = 'Proxy-Authenticate: Digest realm="carrier", nonce="n1", algorithm=MD5, qop="auth"'
    const trunk = { credentials: { username: 'u1', password: 'p1' } }
    const { call } = place(rig, { trunk })
    const first = await rig.peer.nextRequest('INVITE')
    rig.peer.respond(first, 407, { toTag: 'x', headers: [challenge] })
    const second = await rig.peer.nextRequest('INVITE')
    t.match(second.get('proxy-authorization'), /username="u1".*nonce="n1"/)
    t.equal(second.callId, first.callId)
    t.equal(cseqOf(second), cseqOf(first) + 1)
    answer(rig, second, 200, 'b1')
    await call
    const wrong = place(rig, { trunk })
    for (let i = 0; i < 2; i++)
      rig.peer.respond(await rig.peer.nextRequest('INVITE'), 407, { toTag: 'x', headers: [challenge] })
    await t.rejects(wrong.call, { name: 'CallFailed', kind: 'not-allowed', status: 407 })
  },
)

t.test('[OC3] a nonce that is too old is no wrong password', async t => {
  const rig = await DoorRig.open(t)
  const { call } = place(rig, { trunk: { credentials: { username: 'u1', password: 'p1' } } })
  const challenge = (more: string) => [`WWW-Authenticate: Digest realm="r", nonce="n${more}`]
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 401, { toTag: 'x', headers: challenge('1"') })
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 401, { toTag: 'x', headers: challenge('2", stale=TRUE') })
  const last = await rig.peer.nextRequest('INVITE')
  t.match(last.get('authorization'), /nonce="n2"/)
  answer(rig, last, 200, 'b1')
  await call
})

t.test(
  '[OC4] early media of several branches; a reliable one gets its PRACK, and its 200 may come without SDP',
  async t => {
    const rig = await DoorRig.open(t)
    const { call, told } = place(rig)
    const invite = await rig.peer.nextRequest('INVITE')
    answer(rig, invite, 183, 'b1', ['Require: 100rel', 'RSeq: 77'], answerSdp)
    const prack = await rig.peer.nextRequest('PRACK')
    t.equal(prack.get('rack'), `77 ${cseqOf(invite)} INVITE`)
    rig.peer.respond(prack, 200)
    answer(rig, invite, 183, 'b2', [], other)
    await delay(30)
    t.same(told, ['183 false', '183 true'])
    answer(rig, invite, 200, 'b1', [], '')
    t.equal((await call).answerSdp, answerSdp, 'that of the branch which answered')
  },
)

t.test('[OC5] given up before anything came: told at once, CANCEL as soon as it may leave', async t => {
  const rig = await DoorRig.open(t)
  const { call, abort } = place(rig)
  const invite = await rig.peer.nextRequest('INVITE')
  abort.abort()
  await t.rejects(call, { name: 'CallFailed', kind: 'cancelled', status: 487 })
  t.equal(await rig.peer.count(m => m.kind === 'request' && m.method === 'CANCEL', 100), 0, 'RFC 3261 section 9.1')
  rig.peer.respond(invite, 100)
  const cancel = await rig.peer.nextRequest('CANCEL')
  t.equal(cancel.callId, invite.callId)
  rig.peer.respond(cancel, 200)
  rig.peer.respond(invite, 487, { toTag: 'x' })
  await rig.peer.nextRequest('ACK')
})

t.test('[OC6] given up while it rings, and while the answer crosses the CANCEL: ACK and BYE', async t => {
  const rig = await DoorRig.open(t)
  const ringing = place(rig)
  const first = await rig.peer.nextRequest('INVITE')
  answer(rig, first, 180, 'b1', [], '')
  await delay(20)
  ringing.abort.abort()
  await t.rejects(ringing.call, { name: 'CallFailed', kind: 'cancelled' })
  rig.peer.respond(await rig.peer.nextRequest('CANCEL'), 200)
  rig.peer.respond(first, 487, { toTag: 'b1' })
  await rig.peer.nextRequest('ACK')
  const crossing = place(rig)
  const second = await rig.peer.nextRequest('INVITE')
  answer(rig, second, 180, 'b1', [], '')
  await delay(20)
  crossing.abort.abort()
  await rig.peer.nextRequest('CANCEL')
  answer(rig, second, 200, 'b1')
  t.equal((await rig.peer.nextRequest('ACK')).callId, second.callId)
  rig.peer.respond(await rig.peer.nextRequest('BYE'), 200)
  await t.rejects(crossing.call, { name: 'CallFailed', kind: 'cancelled' })
  t.equal(rig.door.stats().legs, 0)
})

t.test('[OC7] refusals in the words of people', async t => {
  const rig = await DoorRig.open(t)
  const cases: [number, string, string][] = [
    [486, '', 'busy'],
    [600, '', 'busy'],
    [480, '', 'no-answer'],
    [408, '', 'no-answer'],
    [603, '', 'rejected'],
    [302, '', 'rejected'],
    [404, '', 'wrong-number'],
    [484, '', 'wrong-number'],
    [403, '', 'not-allowed'],
    [488, '', 'not-acceptable'],
    [503, '', 'unreachable'],
    [500, 'Q.850;cause=17;text="busy"', 'busy'],
    [480, 'Q.850;cause=1', 'wrong-number'],
    [483, '', 'failed'],
  ]
  for (const [status, reason, kind] of cases) {
    const { call } = place(rig)
    const headers = [
      ...(reason ? [`Reason: ${reason}`] : []),
      ...(status === 302 ? ['Contact: <sip:900@192.0.2.1>'] : []),
    ]
    rig.peer.respond(await rig.peer.nextRequest('INVITE'), status, { toTag: 'x', headers })
    await t.rejects(call, { name: 'CallFailed', kind, status }, `${status} ${reason}`)
  }
  t.match(rig.door.stats().failed, { busy: 3, 'no-answer': 2 })
})

t.test('[OC8] nobody there, no such name, no such transport: unreachable, and nothing hangs', async t => {
  const rig = await DoorRig.open(t, { server: { timers: { t1Ms: 10, t2Ms: 40 } } })
  await t.rejects(place(rig).call, { name: 'CallFailed', kind: 'unreachable', status: 408 })
  await t.rejects(place(rig, { trunk: { proxy: 'sip:no-such-host.invalid' } }).call, {
    name: 'CallFailed',
    kind: 'unreachable',
  })
  await t.rejects(place(rig, { trunk: { proxy: 'sip:127.0.0.1:9;transport=tls' } }).call, {
    name: 'CallFailed',
    kind: 'unreachable',
  })
  t.match(rig.door.stats(), { dialling: 0, legs: 0 })
})

t.test('[OC9] 422: the same call again with the interval that is wanted', async t => {
  const rig = await DoorRig.open(t)
  const { call } = place(rig)
  const first = await rig.peer.nextRequest('INVITE')
  rig.peer.respond(first, 422, { toTag: 'x', headers: ['Min-SE: 3600'] })
  const second = await rig.peer.nextRequest('INVITE')
  t.equal(second.callId, first.callId)
  t.equal(cseqOf(second), cseqOf(first) + 1)
  t.match([second.get('session-expires'), second.get('min-se')], ['3600', '3600'])
  rig.peer.respond(second, 422, { toTag: 'x', headers: ['Min-SE: 3600'] })
  await t.rejects(call, CallFailed, 'no loop')
})

t.test('[OC10] what makes no call: no number, given up before it began, an answer without SDP', async t => {
  const rig = await DoorRig.open(t)
  for (const to of ['', 'a b', '1@evil.example', '1>;x=<', 'x'.repeat(65)])
    await t.rejects(place(rig, { to }).call, { name: 'CallFailed', kind: 'wrong-number' })
  await t.rejects(place(rig, { signal: AbortSignal.abort() }).call, { name: 'CallFailed', kind: 'cancelled' })
  t.equal(await rig.peer.count(() => true, 50), 0)
  const { call } = place(rig)
  answer(rig, await rig.peer.nextRequest('INVITE'), 200, 'b1', [], '')
  await t.rejects(call, { name: 'CallFailed', kind: 'not-acceptable' })
  await rig.peer.nextRequest('ACK')
  await rig.peer.nextRequest('BYE')
})

t.test('[OC11] UPDATE before the answer is taken, also of a challenged call', async t => {
  const rig = await DoorRig.open(t)
  const { call, told } = place(rig, { trunk: { credentials: { username: 'u', password: 'p' } } })
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 407, {
    toTag: 'x',
    headers: ['Proxy-Authenticate: Digest realm="r", nonce="n"'],
  })
  const invite = await rig.peer.nextRequest('INVITE')
  answer(rig, invite, 183, 'b1', ['Require: 100rel', 'RSeq: 1'])
  rig.peer.respond(await rig.peer.nextRequest('PRACK'), 200)
  rig.peer.send(
    [
      `UPDATE sip:127.0.0.1:${rig.sipPort} SIP/2.0`,
      rig.peer.via(),
      `From: ${invite.get('to')};tag=b1`,
      `To: ${invite.get('from')}`,
      `Call-ID: ${invite.callId}`,
      'CSeq: 1 UPDATE',
      `Contact: <sip:peer@${rig.peer.hostPort}>`,
      'Content-Type: application/sdp',
    ],
    other,
  )
  t.equal((await rig.peer.nextResponse(200, 'UPDATE')).body.toString(), offerSdp)
  t.same(told, ['183 false', '183 true'])
  answer(rig, invite, 200, 'b1')
  await call
})

t.test('[OC12] glare: after 491 the one who called waits 2.1 to 4 s', async t => {
  const rig = await DoorRig.open(t)
  const { leg } = await talk(rig)
  const answered = leg.offer(new CountedOffer())
  rig.peer.respond(await rig.peer.nextRequest('INVITE'), 491)
  const startMs = performance.now()
  const again = await rig.peer.nextRequest('INVITE', 5000)
  const waitedMs = performance.now() - startMs
  t.ok(waitedMs >= 2090 && waitedMs < 4300, `${waitedMs} ms`)
  rig.peer.respond(again, 200, { body: offerSdp })
  await answered
})

t.test('[OC13] the control connection breaks while it rings: unreachable; the door closes: cancelled', async t => {
  const rig = await DoorRig.open(t)
  const { call } = place(rig)
  await rig.peer.nextRequest('INVITE')
  await rig.server.close()
  await t.rejects(call, { name: 'CallFailed', kind: 'unreachable' })
  await t.rejects(place(rig).call, { name: 'CallFailed', kind: 'unreachable' })
  const closing = await DoorRig.open(t)
  const ringing = place(closing)
  const invite = await closing.peer.nextRequest('INVITE')
  answer(closing, invite, 180, 'b1', [], '')
  await delay(20)
  const closed = closing.door.close()
  await closing.peer.nextRequest('CANCEL')
  await t.rejects(ringing.call, { name: 'CallFailed', kind: 'cancelled' })
  await closed
})

t.test('[OC14] session timer, we refresh: re-INVITEs come by themselves, and one that fails ends the call', async t => {
  const rig = await DoorRig.open(t, { server: { timers: { t1Ms: 20, t2Ms: 80, minSessionSeconds: 1 } } })
  const { leg } = await talk(rig, ['Session-Expires: 2;refresher=uac', 'Require: timer'])
  const refresh = await rig.peer.nextRequest('INVITE', 2000)
  t.match(refresh.get('session-expires'), /^2;refresher=uac/)
  t.equal(refresh.body.toString(), offerSdp, 'the same description')
  answer(rig, refresh, 200, 'b1', ['Session-Expires: 2;refresher=uac'])
  await rig.peer.nextRequest('ACK')
  rig.peer.respond(await rig.peer.nextRequest('INVITE', 2000), 500)
  await rig.peer.nextRequest('BYE')
  t.match(await goneOf(leg), { by: 'session-expired' })
})

t.test('[OC15] session timer, the peer refreshes: a peer that stops is hung up; called, we ask for 90 s', async t => {
  const rig = await DoorRig.open(t, { server: { timers: { minSessionSeconds: 1 } } })
  const { leg } = await talk(rig, ['Session-Expires: 1;refresher=uas', 'Require: timer'])
  const gone = once(leg.gone, 'abort')
  await rig.peer.nextRequest('BYE', 2500)
  await gone
  t.match(leg.gone.reason, { by: 'session-expired' })
  const incoming = await DoorRig.open(t, { server: { timers: { minSessionSeconds: 1, t1Ms: 20 } } })
  const theirs = await incoming.talk(['Supported: timer', 'Session-Expires: 90'])
  t.equal(theirs.ok.get('session-expires'), '90;refresher=uac', 'never below 90 s by our own word')
  incoming.peer.inDialog('UPDATE', theirs.ok, 2, ['Supported: timer', 'Session-Expires: 20'])
  await incoming.peer.nextResponse(200, 'UPDATE')
})
