import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { until } from '../../test/doubles/until.ts'
import type { CallLeg, LegGone, SipHandler } from './call-leg.ts'
import type { SipResponse } from './embedded/sip-message.ts'
import { SipServer, type SipServerOptions } from './embedded/sip-server.ts'
import { answerSdp, offerSdp, RawPeer } from './embedded/testing/raw-peer.ts'
import { SipDoor, SipServerUnreachable } from './sip-door.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const SECRET = 'door-secret'

type Teardown = { teardown(fn: () => unknown): void }

/** The embedded SIP server, the door before it, and a peer that says exactly what a test wants. */
async function open(
  t: Teardown,
  o: {
    handler?: Partial<SipHandler>
    trunks?: string[]
    server?: Partial<SipServerOptions>
    controlPort?: number
  } = {},
) {
  const server = await SipServer.create({
    control: { host: '127.0.0.1', port: 0, secret: SECRET },
    listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    ...o.server,
  })
  const legs: CallLeg[] = []
  const door = await SipDoor.create({
    control: { host: '127.0.0.1', port: o.controlPort ?? server.controlPort, secret: SECRET },
    handler: {
      async onInvite(leg) {
        legs.push(leg)
        await o.handler?.onInvite?.(leg)
      },
      ...(o.handler?.onOptions === undefined ? {} : { onOptions: o.handler.onOptions }),
    },
    logger,
    ...(o.trunks === undefined ? {} : { trunkAllowList: o.trunks }),
  })
  await delay(20) // the routes take a round trip to the server
  const peer = await RawPeer.create(Number(server.hostports[0]?.split(':').at(-1)))
  t.teardown(async () => {
    peer.close()
    // The server first: with it gone, no BYE waits for a peer that has left.
    await server.close()
    await until('the door knows', () => !door.connected)
    await door.close()
  })
  return { server, door, peer, legs }
}

const goneOf = async (leg: CallLeg): Promise<LegGone> => {
  if (!leg.gone.aborted) await once(leg.gone, 'abort', { signal: AbortSignal.timeout(3000) })
  return leg.gone.reason as LegGone
}

/** A call that is answered with `answerSdp`, up to the ACK. */
async function talk(peer: RawPeer, headers: readonly string[] = []) {
  peer.request('INVITE', { headers })
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  return ok
}
const answering: Partial<SipHandler> = { onInvite: leg => leg.answer(answerSdp) }

t.test('[SD1] INVITE: facts of the leg, 180, 200 with our SDP, answered with the ACK', async t => {
  let answered = false
  const { door, peer, legs } = await open(t, {
    handler: {
      async onInvite(leg) {
        leg.ring()
        await leg.answer(answerSdp)
        answered = true
      },
    },
  })
  t.match(door.hostports, [/^udp\/127\.0\.0\.1:\d+$/])
  const { callId } = peer.request('INVITE')
  await peer.nextResponse(180)
  const ok = await peer.nextResponse(200)
  t.equal(ok.body.toString(), answerSdp)
  t.match(ok.get('allow'), /UPDATE/)
  t.match(legs[0], { from: 'alice', to: 'bob', sipCallId: callId, sourceAddress: '127.0.0.1', offerSdp })
  t.match(legs[0]?.id, /^leg_/)
  await delay(30)
  t.equal(answered, false, 'not before the ACK')
  peer.inDialog('ACK', ok, 1)
  await delay(30)
  t.equal(answered, true)
  t.match(door.stats(), { invites: 1, legs: 1 })
})

t.test('[SD2] CANCEL ends the leg as cancelled, and a late answer is refused with a typed error', async t => {
  const { peer, legs, door } = await open(t, { handler: { onInvite: async leg => leg.ring() } })
  const call = peer.request('INVITE')
  await peer.nextResponse(180)
  peer.request('CANCEL', call)
  await peer.nextResponse(487)
  const leg = legs[0]!
  t.same(await goneOf(leg), { by: 'peer', cancelled: true })
  await t.rejects(leg.answer(answerSdp), { name: 'LegGoneError', gone: { cancelled: true } })
  t.equal(door.stats().legs, 0)
})

t.test('[SD3] BYE of the peer', async t => {
  const { peer, legs, door } = await open(t, { handler: answering })
  const ok = await talk(peer)
  peer.inDialog('BYE', ok, 2)
  await peer.nextResponse(200, 'BYE')
  t.same(await goneOf(legs[0]!), { by: 'peer', cancelled: false })
  t.equal(door.stats().legs, 0)
})

t.test('[SD4] hangUp sends one BYE with a reason and is idempotent', async t => {
  const { peer, legs } = await open(t, { handler: answering })
  await talk(peer)
  await delay(20)
  const ends = [legs[0]!.hangUp('agent "hung" up\r\nX: y'), legs[0]!.hangUp()]
  const bye = await peer.nextRequest('BYE')
  t.equal(bye.get('reason'), 'Q.850;cause=16;text="agent  hung  up  X: y"')
  peer.respond(bye, 200)
  await Promise.all(ends)
  t.same(await goneOf(legs[0]!), { by: 'us', cancelled: false })
  t.equal(peer.waiting.filter(m => m.kind === 'request').length, 0)
})

t.test('[SD5] a peer that never confirms the BYE does not keep anybody waiting', async t => {
  const { peer, legs } = await open(t, { handler: answering })
  await talk(peer)
  await delay(20)
  const startMs = performance.now()
  await legs[0]!.hangUp()
  t.ok(performance.now() - startMs < 2500)
})

t.test('[SD6] hangUp between 200 and ACK waits for the ACK before its BYE', async t => {
  const { peer, legs } = await open(t, { handler: { onInvite: leg => leg.answer(answerSdp) } })
  peer.request('INVITE')
  const ok = await peer.nextResponse(200)
  const ended = legs[0]!.hangUp()
  await delay(100)
  t.equal(peer.waiting.filter(m => m.kind === 'request').length, 0)
  peer.inDialog('ACK', ok, 1)
  peer.respond(await peer.nextRequest('BYE'), 200)
  await ended
})

t.test('[SD7] rejects with status and reason; hangUp before the answer is 480; a failing handler is 500', async t => {
  const acts: ((leg: CallLeg) => unknown)[] = [
    leg => leg.reject(486, 'all agents busy'),
    leg => leg.hangUp(),
    () => {
      throw new Error('no room')
    },
  ]
  const { peer, legs } = await open(t, { handler: { onInvite: async leg => void (await acts.shift()!(leg)) } })
  peer.request('INVITE')
  t.equal((await peer.nextResponse(486)).get('reason'), 'SIP;cause=486;text="all agents busy"')
  peer.request('INVITE')
  await peer.nextResponse(480)
  peer.request('INVITE')
  await peer.nextResponse(500)
  for (const leg of legs) t.same(await goneOf(leg), { by: 'us', cancelled: false })
})

t.test('[SD8] no ACK: the leg ends as ack-timeout', async t => {
  const failed = Promise.withResolvers<unknown>()
  const { peer, legs } = await open(t, {
    server: { timers: { t1Ms: 10, t2Ms: 40 } },
    handler: { onInvite: leg => leg.answer(answerSdp).catch(failed.resolve) },
  })
  peer.request('INVITE')
  await peer.nextResponse(200)
  t.match(await failed.promise, { name: 'LegGoneError', gone: { by: 'ack-timeout' } })
  t.same(await goneOf(legs[0]!), { by: 'ack-timeout', cancelled: false })
})

t.test('[SD9] every re-INVITE reaches our handler: hold, retrieve, refresh, refusal, none', async t => {
  const offers: (string | undefined)[] = []
  const { peer } = await open(t, {
    handler: {
      async onInvite(leg) {
        leg.onOffer(async offer => {
          offers.push(offer)
          return offer?.includes('m=video')
            ? { status: 488, reason: 'no' }
            : { sdp: `${answerSdp}a=x:${offers.length}\r\n` }
        })
        await leg.answer(answerSdp)
      },
    },
  })
  const ok = await talk(peer)
  const hold = offerSdp.replace('a=sendrecv', 'a=sendonly')
  const video = offerSdp.replace('m=audio', 'm=video')
  const sent = [hold, offerSdp, offerSdp, video]
  let cseq = 1
  for (const body of sent) {
    peer.inDialog('INVITE', ok, ++cseq, [], body)
    const reply = await peer.nextResponse(body === video ? 488 : 200)
    if (body !== video) {
      t.match(reply.body.toString(), `a=x:${cseq - 1}`)
      t.match(reply.get('contact'), /sip:/)
      peer.inDialog('ACK', reply, cseq)
    }
  }
  t.same(offers, sent)
})

t.test('[SD10] a re-INVITE on the heels of the ACK finds its handler', async t => {
  const { peer } = await open(t, {
    handler: {
      async onInvite(leg) {
        leg.onOffer(async () => ({ sdp: `${answerSdp}a=early:1\r\n` }))
        await leg.answer(answerSdp)
      },
    },
  })
  peer.request('INVITE')
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  peer.inDialog('INVITE', ok, 2, [], offerSdp)
  t.match((await peer.nextResponse(200)).body.toString(), 'a=early:1')
})

t.test('[SD11] overlapping re-INVITEs: the second is told to come again', async t => {
  const first = Promise.withResolvers<{ sdp: string }>()
  const { peer } = await open(t, {
    handler: {
      async onInvite(leg) {
        leg.onOffer(() => first.promise)
        await leg.answer(answerSdp)
      },
    },
  })
  const ok = await talk(peer)
  peer.inDialog('UPDATE', ok, 2, [], offerSdp)
  await delay(20)
  peer.inDialog('UPDATE', ok, 3, [], offerSdp)
  t.match((await peer.nextResponse(500, 'UPDATE')).get('retry-after'), /^\d+$/)
  first.resolve({ sdp: answerSdp })
  t.equal((await peer.nextResponse(200, 'UPDATE')).body.toString(), answerSdp)
})

t.test('[SD12] late offer: the answer comes in the ACK, of the INVITE and of a re-INVITE', async t => {
  const answers: string[] = []
  const { peer, legs } = await open(t, {
    handler: {
      async onInvite(leg) {
        leg.onAnswerInAck(sdp => answers.push(sdp))
        leg.onOffer(async offer => {
          if (offer !== undefined) throw new Error('there was none')
          return { sdp: `${answerSdp}a=ours:1\r\n` }
        })
        await leg.answer(answerSdp)
      },
    },
  })
  peer.request('INVITE', { body: '' })
  const ok = await peer.nextResponse(200)
  t.equal(legs[0]?.offerSdp, undefined)
  peer.inDialog('ACK', ok, 1, [], offerSdp)
  peer.inDialog('INVITE', ok, 2)
  const again = await peer.nextResponse(200)
  t.match(again.body.toString(), 'a=ours:1')
  peer.inDialog('ACK', again, 2, [], `${offerSdp}a=second:1\r\n`)
  await delay(50)
  t.same(answers, [offerSdp, `${offerSdp}a=second:1\r\n`])
})

t.test('[SD13] UPDATE without SDP is a refresh; INFO is taken; REFER is not', async t => {
  const { peer } = await open(t, { handler: answering })
  const ok = await talk(peer)
  peer.inDialog('UPDATE', ok, 2, ['Supported: timer', 'Session-Expires: 600;refresher=uac'])
  const refreshed = await peer.nextResponse(200, 'UPDATE')
  t.equal(refreshed.body.length, 0)
  t.equal(refreshed.get('session-expires'), '600;refresher=uac')
  peer.inDialog('INFO', ok, 3)
  await peer.nextResponse(200, 'INFO')
  peer.inDialog('REFER', ok, 4, ['Refer-To: <sip:x@127.0.0.1>'])
  await peer.nextResponse(405, 'REFER')
})

t.test('[SD14] session timers: the peer refreshes, or nobody has to; too short is refused', async t => {
  const { peer } = await open(t, { handler: answering })
  const timer = await talk(peer, ['Supported: timer', 'Session-Expires: 1800'])
  t.equal(timer.get('session-expires'), '1800;refresher=uac')
  t.match(timer.get('require'), /timer/)
  const ours = await talk(peer, ['Supported: timer', 'Session-Expires: 1800;refresher=uas'])
  t.notMatch(ours.get('session-expires') ?? '', /refresher=uac/)
  peer.request('INVITE', { headers: ['Supported: timer', 'Session-Expires: 30'] })
  t.equal((await peer.nextResponse(422)).get('min-se'), '90')
})

t.test('[SD15] INVITEs that make no call: strangers, unknown extensions, foreign bodies, dead dialogs', async t => {
  const { peer, legs, door } = await open(t, { trunks: ['192.0.2.0/24', '127.0.0.1'] })
  peer.request('INVITE', { headers: ['Require: time-travel'] })
  t.equal((await peer.nextResponse(420)).get('unsupported'), 'time-travel')
  peer.send(
    [
      `INVITE sip:bob@127.0.0.1:${peer.serverPort} SIP/2.0`,
      peer.via(),
      `From: <sip:alice@${peer.hostPort}>;tag=1`,
      'To: <sip:bob@127.0.0.1>',
      'Call-ID: text',
      'CSeq: 1 INVITE',
      `Contact: <sip:alice@${peer.hostPort}>`,
      'Content-Type: text/plain',
    ],
    'hello',
  )
  await peer.nextResponse(415)
  peer.request('INVITE', { to: 'To: <sip:bob@127.0.0.1>;tag=gone' })
  await peer.nextResponse(481)
  t.equal(legs.length, 0)
  const closed = await open(t, { trunks: ['192.0.2.0/24'] })
  closed.peer.request('INVITE')
  await closed.peer.nextResponse(403)
  closed.peer.request('OPTIONS')
  t.equal(await closed.peer.count(m => m.kind === 'response' && m.cseq.method === 'OPTIONS', 100), 0)
  t.match(closed.door.stats(), { refused: { 'not-a-trunk': 1 }, strangers: 1 })
  t.match(door.stats().refused, { 'unknown-extension': 1, 'body-not-sdp': 1 })
})

t.test('[SD16] OPTIONS tells whether calls are welcome', async t => {
  let ready = true
  const { peer } = await open(t, { handler: { onOptions: () => ready } })
  peer.request('OPTIONS')
  t.match((await peer.nextResponse(200, 'OPTIONS')).get('allow'), /INVITE/)
  ready = false
  peer.request('OPTIONS')
  t.equal((await peer.nextResponse(503, 'OPTIONS')).get('retry-after'), '10')
})

t.test('[SD17] a wrong secret and an absent server are typed errors that leave nothing open', async t => {
  const { server } = await open(t)
  const handler = { onInvite: async () => {} }
  const wrong = { host: '127.0.0.1', port: server.controlPort, secret: 'wrong' }
  await t.rejects(SipDoor.create({ control: wrong, handler, logger, connectTimeoutMs: 1000 }), SipServerUnreachable)
  const absent = { host: '127.0.0.1', port: 1, secret: 'x' }
  await t.rejects(SipDoor.create({ control: absent, handler, logger, connectTimeoutMs: 300 }), SipServerUnreachable)
  await t.rejects(SipDoor.create({ control: absent, handler, logger, trunkAllowList: ['10.0.0.0/33'] }), RangeError)
})

t.test('[SD18] control connection lost: unanswered calls end, answered ones stay, the door comes back', async t => {
  const sockets = new Set<Socket>()
  let target = 0
  const wire = createServer(inner => {
    const outer = connect({ port: target, host: '127.0.0.1', noDelay: true })
    inner.setNoDelay(true)
    for (const socket of [inner, outer]) {
      sockets.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          inner.destroy()
          outer.destroy()
        })
    }
    inner.pipe(outer).pipe(inner)
  }).listen(0, '127.0.0.1')
  await once(wire, 'listening')
  t.teardown(() => wire.close())
  const server = await SipServer.create({
    control: { host: '127.0.0.1', port: 0, secret: SECRET },
    listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
  })
  target = server.controlPort
  const legs: CallLeg[] = []
  const door = await SipDoor.create({
    control: { host: '127.0.0.1', port: (wire.address() as { port: number }).port, secret: SECRET },
    handler: {
      async onInvite(leg) {
        legs.push(leg)
        if (legs.length !== 2) await leg.answer(answerSdp)
      },
    },
    logger,
  })
  t.teardown(async () => {
    await server.close()
    await until('the door knows', () => !door.connected)
    await door.close()
  })
  await delay(20)
  const peer = await RawPeer.create(Number(server.hostports[0]?.split(':').at(-1)))
  t.teardown(() => peer.close())
  await talk(peer)
  peer.request('INVITE')
  await until('the second call', () => legs.length === 2)
  for (const socket of sockets) socket.destroy()
  t.same(await goneOf(legs[1]!), { by: 'control-lost', cancelled: false })
  t.equal(legs[0]!.gone.aborted, false, 'the talking leg goes on')
  await until('the door is back', () => door.connected)
  t.equal(door.stats().reconnects, 1)
  await delay(30)
  const ok = await talk(peer)
  peer.inDialog('BYE', ok, 2)
  await peer.nextResponse(200, 'BYE')
  t.same(await goneOf(legs[2]!), { by: 'peer', cancelled: false })
  const ended = legs[0]!.hangUp()
  peer.respond(await peer.nextRequest('BYE'), 200)
  await ended
  t.same(await goneOf(legs[0]!), { by: 'us', cancelled: false })
})

t.test('[SD19] close: ringing calls get 503, talking ones a BYE, then nothing is left', async t => {
  const { peer, door, legs } = await open(t, {
    handler: {
      async onInvite(leg) {
        leg.ring()
        if (legs.length === 1) await leg.answer(answerSdp)
      },
    },
  })
  await talk(peer)
  peer.request('INVITE')
  await delay(30)
  const closed = door.close()
  peer.respond(await peer.nextRequest('BYE'), 200)
  await peer.nextResponse(503)
  await closed
  await door.close()
  t.match(door.stats(), { legs: 0, connected: false })
  for (const leg of legs) t.same(await goneOf(leg), { by: 'us', cancelled: false })
})

t.test('[SD20] malformed INVITEs and in-dialog requests neither ring nor end the process', async t => {
  const { peer, legs, door } = await open(t, { handler: answering })
  const good: Record<string, string> = {
    From: `<sip:alice@${peer.hostPort}>;tag=1`,
    To: '<sip:bob@127.0.0.1>',
    Contact: `<sip:alice@${peer.hostPort}>`,
    'Content-Type': 'application/sdp',
  }
  const bad: Record<string, string>[] = [
    { Contact: '' },
    { Contact: 'garbage <<<' },
    { Contact: '*' },
    { From: '"open <sip:alice@h>;tag=1' },
    { From: '<sip:alice@h>' },
    { To: '<<>>' },
    { 'Content-Type': 'multipart/mixed;boundary=x' },
    { 'Session-Expires': 'soon', Supported: 'timer' },
    { Require: ',,,' },
    { 'P-Asserted-Identity': '<<<%%%' },
  ]
  let n = 0
  for (const change of bad) {
    const headers = { ...good, ...change }
    peer.send(
      [
        `INVITE sip:bob@127.0.0.1:${peer.serverPort} SIP/2.0`,
        peer.via(),
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        `Call-ID: bad-${n++}`,
        'CSeq: 1 INVITE',
      ],
      '--x\r\nnothing',
    )
  }
  await delay(100)
  t.same(
    legs.map(leg => leg.sipCallId),
    ['bad-7', 'bad-8', 'bad-9'],
    'only harmless faults get through',
  )
  const { callId } = peer.request('INVITE')
  const ok = (await peer.next(
    m => m.kind === 'response' && m.status === 200 && m.callId === callId,
    2000,
  )) as SipResponse
  peer.inDialog('ACK', ok, 1)
  for (const [index, headers] of [['Contact: <<<'], ['Content-Type: multipart/mixed'], ['Refer-To: <<']].entries()) {
    peer.inDialog('INVITE', ok, 2 + index, headers, index === 1 ? '--\r\n' : '')
  }
  await delay(100)
  peer.inDialog('BYE', ok, 9)
  await peer.nextResponse(200, 'BYE')
  // Broken quotes and brackets are refused by the SIP server already; what is left is the door's.
  t.same(door.stats().refused, { 'unreadable-parties': 3, 'body-not-sdp': 1 })
})
