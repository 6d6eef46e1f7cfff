import t, { type Test } from 'tap'
import { ControlClient } from './testing/control-client.ts'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig } from './testing/srf-rig.ts'

const short = { t1Ms: 10, t2Ms: 20, t4Ms: 20 }

async function setUp(t: Test) {
  const rig = await SrfRig.create({ timers: short })
  t.teardown(() => rig.close())
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask('route|invite')
  return { rig, app, peer: await rig.peer() }
}

/** A call in, answered 183 with a session description that must be acknowledged, then 200. */
async function answeredTooSoon(t: Test) {
  const { rig, app, peer } = await setUp(t)
  const call = peer.request('INVITE', { headers: ['Supported: 100rel'] })
  const { fields } = await app.nextSip()
  await app.ask(`sip|${fields[8]}|`, `SIP/2.0 183 Progress\r\nRequire: 100rel\r\n\r\n${answerSdp}`)
  const progress = await peer.nextResponse(183)
  const echo = await app.ask(`sip|${fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${answerSdp}`)
  t.match(echo.message, /^SIP\/2\.0 200/)
  t.match((await app.ask(`sip|${fields[8]}|`, 'SIP/2.0 486 Busy\r\n\r\n')).line, 'unknown transaction')
  t.equal(await peer.count(one => one.kind === 'response' && one.status === 200, 40), 0, 'held back')
  return { rig, app, peer, call, progress, dialogId: fields[9] }
}

t.test('[SIP210] a 2xx waits for the PRACK of a 1xx that carried a session description', async t => {
  const { app, peer, progress } = await answeredTooSoon(t)
  peer.inDialog('PRACK', progress, 2, [`RAck: ${progress.get('rseq')} 1 INVITE`])
  const prack = await app.nextSip()
  t.match(prack.message, /^PRACK /)
  const ok = await peer.nextResponse(200)
  await app.ask(`sip|${prack.fields[8]}|`, 'SIP/2.0 200 OK\r\n\r\n')
  await peer.nextResponse(200, 'PRACK')
  peer.inDialog('ACK', ok, 1)
  t.match((await app.nextSip()).message, /^ACK /)
})

t.test(
  '[SIP211] the PRACK never comes: 500 for the caller, and the application learns that there is no call',
  async t => {
    const { rig, app, peer } = await answeredTooSoon(t)
    await peer.nextResponse(500)
    const told = await app.nextSip()
    t.equal(told.fields[8], 'unsolicited')
    t.match(told.message, /^BYE [\s\S]*PRACK timeout/)
    t.equal(rig.server.stats().dialogs, 0)
  },
)

t.test(
  '[SIP212] the caller gives up while the 2xx waits: 487, and the application learns that there is no call',
  async t => {
    const { rig, app, peer, call } = await answeredTooSoon(t)
    peer.request('CANCEL', { callId: call.callId, fromTag: call.fromTag, branch: call.branch })
    await peer.nextResponse(200, 'CANCEL')
    await peer.nextResponse(487)
    t.match((await app.nextSip()).message, /^BYE [\s\S]*CANCEL after 200 OK/)
    t.equal(rig.server.stats().dialogs, 0)
  },
)

t.test(
  '[SIP213] forks: each branch is acknowledged where it rings, may speak, and the one that answers has the call',
  async t => {
    const { rig, app, peer: one } = await setUp(t)
    const other = await rig.peer()
    const echo = await app.ask(
      'sip||',
      `INVITE sip:bob@${one.hostPort} SIP/2.0\r\nSupported: 100rel\r\n\r\n${offerSdp}`,
    )
    t.match(echo.message, /^INVITE/)
    const invite = await one.nextRequest('INVITE')
    const reliable = (hostPort: string) => [`Contact: <sip:b@${hostPort}>`, 'Require: 100rel', 'RSeq: 7']
    one.respond(invite, 180, { toTag: 'one', headers: reliable(one.hostPort) })
    const dialogId = (await app.nextSip()).fields[9] ?? ''
    one.respond(invite, 180, { toTag: 'one', headers: reliable(one.hostPort) })
    await app.ask(`sip||${dialogId}`, 'PRACK sip:placeholder SIP/2.0\r\nRAck: 7 1 INVITE\r\n\r\n')
    const first = await one.nextRequest('PRACK')
    t.match(first.get('to'), 'tag=one')
    one.respond(first, 200)
    await app.nextSip()
    // The same number of another branch is another response (RFC 3262 4).
    one.respond(invite, 183, { toTag: 'two', headers: reliable(other.hostPort), body: answerSdp })
    t.match((await app.nextSip()).message, /^SIP\/2\.0 183/)
    await app.ask(`sip||${dialogId}`, 'PRACK sip:placeholder SIP/2.0\r\nRAck: 7 1 INVITE\r\n\r\n')
    const second = await other.nextRequest('PRACK')
    t.match(second.get('to'), 'tag=two')
    t.equal(second.uri, `sip:b@${other.hostPort}`)
    // The branch that rang first still speaks.
    one.send([
      `UPDATE sip:${invite.get('contact')?.replace(/^<sip:|>$/g, '')} SIP/2.0`,
      one.via(),
      `From: ${invite.get('to')};tag=one`,
      `To: ${invite.get('from')}`,
      `Call-ID: ${invite.callId}`,
      'CSeq: 1 UPDATE',
    ])
    const update = await app.next(reply => reply.message.startsWith('UPDATE'))
    await app.ask(`sip|${update.fields[8]}|`, 'SIP/2.0 200 OK\r\nCSeq: 1 UPDATE\r\n\r\n')
    await one.nextResponse(200, 'UPDATE')
    one.respond(invite, 200, { toTag: 'one', headers: [`Contact: <sip:b@${one.hostPort}>`], body: answerSdp })
    await app.next(reply => reply.message.startsWith('SIP/2.0 200') && reply.message.includes('INVITE'))
    await app.ask(`sip||${dialogId}`, 'ACK sip:placeholder SIP/2.0\r\n\r\n')
    t.match((await one.nextRequest('ACK')).get('to'), 'tag=one')
  },
)
