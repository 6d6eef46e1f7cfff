import t from 'tap'
import { DoorRig, goneOf } from '../../test/harness/door-rig.ts'
import { InfoRefused, LegGoneError, type ReferProgress, ReferRefused } from './call-leg.ts'
import { answerSdp } from './embedded/testing/raw-peer.ts'
import { reasonOf } from './reason-header.ts'

const sipfrag = (request: { status: string; state: string }) => ({
  headers: ['Event: refer', `Subscription-State: ${request.state}`, 'Content-Type: message/sipfrag;version=2.0'],
  body: `SIP/2.0 ${request.status}\r\n`,
})

/** In the dialog, with a body of another type than SDP. */
function send(
  rig: DoorRig,
  ok: Parameters<DoorRig['peer']['inDialog']>[1],
  cseq: number,
  method: string,
  headers: readonly string[],
  body = '',
) {
  rig.peer.send(
    [
      `${method} ${/<([^>]+)>/.exec(ok.get('contact') ?? '')?.[1]} SIP/2.0`,
      rig.peer.via(),
      'Max-Forwards: 70',
      `From: ${ok.get('from')}`,
      `To: ${ok.get('to')}`,
      `Call-ID: ${ok.callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:alice@${rig.peer.hostPort}>`,
      ...headers,
    ],
    body,
  )
}

t.test('[VC13] keys by INFO come in as dtmf-relay and as dtmf; other bodies are 415', async t => {
  const rig = await DoorRig.open(t)
  const { leg, ok } = await rig.talk()
  const keys: string[] = []
  leg.onInfoDigit((digit, durationMs) => keys.push(`${digit}/${durationMs}`))
  const bodies: [string, string][] = [
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n'],
    ['application/dtmf-relay', 'Signal= *\r\nDuration= 250'],
    ['application/dtmf-relay', 'Signal=11\r\n'],
    ['application/dtmf', '7'],
    ['Application/DTMF;charset=utf-8', 'd\r\n'],
    ['application/dtmf-relay', 'Signal=9\r\nDuration=999999\r\n'],
  ]
  let cseq = 1
  for (const [type, body] of bodies) {
    send(rig, ok, ++cseq, 'INFO', [`Content-Type: ${type}`], body)
    await rig.peer.nextResponse(200, 'INFO')
  }
  t.same(keys, ['5/160', '*/250', '#/160', '7/160', 'D/160', '9/5000'])
  send(rig, ok, ++cseq, 'INFO', ['Content-Type: application/media_control+xml'], '<x/>')
  t.match((await rig.peer.nextResponse(415, 'INFO')).get('accept'), 'application/dtmf-relay')
  send(rig, ok, ++cseq, 'INFO', ['Content-Type: application/dtmf-relay'], 'Signal=flash\r\n')
  await rig.peer.nextResponse(415, 'INFO')
  send(rig, ok, ++cseq, 'INFO', ['Info-Package: nagios', 'Content-Type: text/plain'], 'x')
  await rig.peer.nextResponse(415, 'INFO')
  send(rig, ok, ++cseq, 'INFO', [])
  await rig.peer.nextResponse(200, 'INFO')
  t.equal(keys.length, 6)
})

t.test('[VC14] a key of ours by INFO; a refusal is typed, 481 ends the call, silence does not', async t => {
  const rig = await DoorRig.open(t, { server: { timers: { t1Ms: 10, t2Ms: 40 } } })
  const { leg } = await rig.talk()
  const sent = leg.info('#', 120)
  const info = await rig.peer.nextRequest('INFO')
  t.equal(info.get('content-type'), 'application/dtmf-relay')
  t.equal(info.body.toString(), 'Signal=#\r\nDuration=120\r\n')
  rig.peer.respond(info, 200)
  await sent
  await t.rejects(leg.info('x', 100), RangeError)
  const refused = leg.info('1', 100)
  // With timers so short the first one may have been sent again.
  let info1 = await rig.peer.nextRequest('INFO')
  while (!info1.body.toString().startsWith('Signal=1')) info1 = await rig.peer.nextRequest('INFO')
  rig.peer.respond(info1, 415)
  await t.rejects(refused, new InfoRefused(415))
  await t.rejects(leg.info('2', 100), InfoRefused)
  t.equal(leg.gone.aborted, false)
  const other = await rig.talk()
  const lost = other.leg.info('3', 100)
  lost.catch(() => {})
  let info3 = await rig.peer.nextRequest('INFO')
  while (!info3.body.toString().startsWith('Signal=3')) info3 = await rig.peer.nextRequest('INFO')
  rig.peer.respond(info3, 481)
  await t.rejects(lost, new InfoRefused(481))
  t.same(await goneOf(other.leg), { by: 'dialog-lost', cancelled: false })
})

t.test(
  '[VC15] what else comes in a dialog: OPTIONS 200, MESSAGE and REFER 405, NOTIFY for nothing 481 or 489',
  async t => {
    const rig = await DoorRig.open(t)
    const { ok } = await rig.talk()
    send(rig, ok, 2, 'OPTIONS', [])
    t.match((await rig.peer.nextResponse(200, 'OPTIONS')).get('allow'), 'NOTIFY')
    send(rig, ok, 3, 'MESSAGE', ['Content-Type: text/plain'], 'hello')
    t.match((await rig.peer.nextResponse(405, 'MESSAGE')).get('allow'), 'INVITE')
    send(rig, ok, 4, 'REFER', ['Refer-To: <sip:x@192.0.2.1>'])
    t.match((await rig.peer.nextResponse(405, 'REFER')).get('allow'), 'INVITE')
    const { headers, body } = sipfrag({ status: '200 OK', state: 'terminated' })
    send(rig, ok, 5, 'NOTIFY', headers, body)
    await rig.peer.nextResponse(481, 'NOTIFY')
    send(rig, ok, 6, 'NOTIFY', ['Event: message-summary', 'Subscription-State: active'])
    t.equal((await rig.peer.nextResponse(489, 'NOTIFY')).get('allow-events'), 'refer')
  },
)

t.test('[VC16] the Reason of BYE and CANCEL is read; a SIP cause goes before Q.850', async t => {
  const rig = await DoorRig.open(t, {
    onInvite: async leg => {
      if (rig.legs.length === 1) await leg.answer(answerSdp)
      else leg.ring()
    },
  })
  const { leg, ok } = await rig.talk()
  rig.peer.inDialog('BYE', ok, 2, ['Reason: Q.850;cause=41;text="Temporary, \\"odd\\" failure"'])
  t.same(await goneOf(leg), {
    by: 'peer',
    cancelled: false,
    reason: { protocol: 'Q.850', cause: 41, text: 'Temporary, "odd" failure' },
  })
  const call = rig.peer.request('INVITE')
  await rig.peer.nextResponse(180)
  rig.peer.request('CANCEL', {
    ...call,
    headers: ['Reason: Q.850;cause=26, SIP;cause=200;text="Call completed elsewhere"'],
  })
  await rig.peer.nextResponse(487)
  t.match(await goneOf(rig.legs[1]!), {
    cancelled: true,
    reason: { protocol: 'SIP', cause: 200, text: 'Call completed elsewhere' },
  })
  for (const odd of [undefined, '', ';;', 'SIP', 'SIP;cause=x', 'preemption;cause=1', 'SIP;cause=5;text="'])
    t.match(reasonOf(odd)?.text ?? '', /^$/)
})

t.test('[VC17] blind transfer: REFER, progress by NOTIFY, done with its 200', async t => {
  const rig = await DoorRig.open(t)
  const { leg, ok } = await rig.talk(['Allow: INVITE, ACK, BYE, REFER'])
  const told: ReferProgress[] = []
  const moved = leg.refer({ to: '+4930123456' }, progress => told.push(progress))
  const refer = await rig.peer.nextRequest('REFER')
  t.equal(refer.get('refer-to'), `<sip:+4930123456@${rig.peer.hostPort}>`, 'at the host the call came from')
  t.match(refer.get('referred-by'), /<sip:/)
  rig.peer.respond(refer, 202)
  let cseq = 1
  for (const [status, state] of [
    ['100 Trying', 'active;expires=60'],
    ['180 Ringing', 'active'],
    ['200 OK', 'terminated;reason=noresource'],
  ] as const) {
    const { headers, body } = sipfrag({ status, state })
    send(rig, ok, ++cseq, 'NOTIFY', headers, body)
    await rig.peer.nextResponse(200, 'NOTIFY')
  }
  await moved
  t.same(told, [
    { status: 100, reason: 'Trying' },
    { status: 180, reason: 'Ringing' },
    { status: 200, reason: 'OK' },
  ])
  t.equal(leg.gone.aborted, false, 'ours to hang up')
})

t.test('[VC18] a transfer that fails says where: asked or tried; the call stands', async t => {
  const rig = await DoorRig.open(t)
  const { leg, ok } = await rig.talk()
  for (const status of [403, 405, 603]) {
    const refused = leg.refer({ to: '110' }, () => {})
    rig.peer.respond(await rig.peer.nextRequest('REFER'), status)
    await t.rejects(refused, new ReferRefused(status, 'asked'))
  }
  const busy = leg.refer({ to: '110' }, () => {})
  busy.catch(() => {})
  await t.rejects(
    leg.refer({ to: '111' }, () => {}),
    new ReferRefused(491, 'asked'),
  )
  rig.peer.respond(await rig.peer.nextRequest('REFER'), 202)
  const { headers, body } = sipfrag({ status: '486 Busy Here', state: 'terminated' })
  send(rig, ok, 2, 'NOTIFY', headers, body)
  await rig.peer.nextResponse(200, 'NOTIFY')
  await t.rejects(busy, new ReferRefused(486, 'tried'))
  await t.rejects(
    leg.refer({ to: 'a b<>' }, () => {}),
    new ReferRefused(484, 'asked'),
  )
  t.equal(leg.gone.aborted, false)
})

t.test(
  '[VC19] a peer that hangs up after the 202 has gone to the other call; before it, the transfer failed',
  async t => {
    const rig = await DoorRig.open(t)
    const gone = await rig.talk()
    const moved = gone.leg.refer({ to: 'sip:bob@192.0.2.7' }, () => {})
    const refer = await rig.peer.nextRequest('REFER')
    t.equal(refer.get('refer-to'), '<sip:bob@192.0.2.7>')
    rig.peer.respond(refer, 202)
    rig.peer.inDialog('BYE', gone.ok, 2)
    await moved
    const early = await rig.talk()
    const cut = early.leg.refer({ to: 'sip:bob@192.0.2.7' }, () => {})
    cut.catch(() => {})
    await rig.peer.nextRequest('REFER')
    rig.peer.inDialog('BYE', early.ok, 2)
    await t.rejects(cut, LegGoneError)
  },
)

t.test('[VC20] a peer whose Allow has no REFER is not asked', async t => {
  const rig = await DoorRig.open(t)
  const { leg } = await rig.talk(['Allow: INVITE, ACK, BYE, CANCEL'])
  await t.rejects(
    leg.refer({ to: '110' }, () => {}),
    new ReferRefused(405, 'asked'),
  )
  t.equal(await rig.peer.count(m => m.kind === 'request', 50), 0)
})

t.test('[VC21] attended transfer: Refer-To names the other dialog as its far end knows it (RFC 3891)', async t => {
  const rig = await DoorRig.open(t)
  const { leg } = await rig.talk()
  const consulted = await rig.talk()
  const moved = leg.refer({ leg: consulted.leg }, () => {})
  moved.catch(() => {})
  const refer = await rig.peer.nextRequest('REFER')
  const tag = (header: string | undefined) => /tag=([^;>]+)/.exec(header ?? '')?.[1]
  const wanted = `${consulted.ok.callId};to-tag=${tag(consulted.ok.get('from'))};from-tag=${tag(consulted.ok.get('to'))}`
  t.equal(refer.get('refer-to'), `<sip:alice@${rig.peer.hostPort}?Replaces=${encodeURIComponent(wanted)}>`)
  rig.peer.respond(refer, 202)
  await consulted.leg.hangUp().catch(() => {})
  await t.rejects(
    leg.refer({ leg: consulted.leg }, () => {}),
    ReferRefused,
  )
})
