import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { TcpWire } from '../../test/doubles/tcp-wire.ts'
import { until } from '../../test/doubles/until.ts'
import { type CallLeg, type LegGone, OfferRefused } from './call-leg.ts'
import type { SipResponse } from './embedded/sip-message.ts'
import { SipServer } from './embedded/sip-server.ts'
import { answerSdp, offerSdp, RawPeer } from './embedded/testing/raw-peer.ts'
import { SipDoor } from './sip-door.ts'

t.setTimeout(60_000)
const logger = { debug() {}, info() {}, warn() {}, error() {} }
const SECRET = 'door-secret'
type Handling = 'answers' | 'rings' | 'waits'

/** A SIP server and the door to it with a wire between that can be cut; the server can be started anew on the same SIP port. */
async function open(t: Test, o: { silentMs?: number } = {}) {
  const serve = (port: number) =>
    SipServer.create({
      control: { host: '127.0.0.1', port: 0, secret: SECRET },
      listen: [{ protocol: 'udp', host: '127.0.0.1', port }],
    })
  let server = await serve(0)
  const sipPort = Number(server.hostports[0]?.split(':').at(-1))
  const wire = await TcpWire.lay(() => server.controlPort)
  const legs: CallLeg[] = []
  const handling = { next: 'answers' as Handling }
  const door = await SipDoor.create({
    control: { host: '127.0.0.1', port: wire.port, secret: SECRET },
    handler: {
      async onInvite(leg) {
        legs.push(leg)
        leg.onOffer(async () => ({ sdp: answerSdp }))
        if (handling.next === 'rings') leg.ring()
        if (handling.next === 'answers') await leg.answer(answerSdp)
      },
    },
    logger,
    ...(o.silentMs !== undefined && { silentMs: o.silentMs }),
  })
  await delay(20)
  const peer = await RawPeer.create(sipPort)
  t.teardown(async () => {
    peer.close()
    await server.close()
    await until('the door knows', () => !door.connected)
    await door.close()
    await wire.close()
  })
  const talk = async () => {
    peer.request('INVITE')
    const ok = await peer.nextResponse(200)
    peer.inDialog('ACK', ok, 1)
    await delay(20)
    return { ok, leg: legs.at(-1) as CallLeg }
  }
  const back = async () => {
    await until('the door is back', () => door.connected, 6000)
    await delay(30)
  }
  return {
    door,
    wire,
    legs,
    peer,
    handling,
    talk,
    back,
    async cut() {
      wire.cut()
      await until('the door knows', () => !door.connected)
      await back()
    },
    /** A new process of the SIP server: it knows nothing of the calls. */
    async restart() {
      const old = server
      await old.close()
      await until('the door knows', () => !door.connected)
      server = await serve(sipPort)
      await back()
    },
  }
}

const goneOf = async (leg: CallLeg): Promise<LegGone> => {
  if (!leg.gone.aborted) await once(leg.gone, 'abort', { signal: AbortSignal.timeout(3000) })
  return leg.gone.reason as LegGone
}
/** Answers what the door asks of the calls that are left. */
async function asked(peer: RawPeer, status: number): Promise<void> {
  peer.respond(await peer.nextRequest('OPTIONS'), status)
}

t.test(
  '[FA10] calls outlive the control connection and are asked for; any answer but "no such call" will do',
  async t => {
    const { peer, talk, cut, door } = await open(t)
    const { leg } = await talk()
    for (const status of [200, 405]) {
      await cut()
      await asked(peer, status)
      await delay(50)
      t.equal(leg.gone.aborted, false, `${status}`)
    }
    t.match(door.stats(), { legs: 1, reconnects: 2 })
  },
)

t.test('[FA11] a call taken up again: re-INVITEs both ways, the BYE of the peer, ours', async t => {
  const { peer, talk, cut } = await open(t)
  const first = await talk()
  const second = await talk()
  await cut()
  await asked(peer, 200)
  await asked(peer, 200)
  peer.inDialog('INVITE', first.ok, 2, [], offerSdp)
  const held = await peer.next(
    one => one.kind === 'response' && one.status === 200 && one.cseq.number === 2 && one.cseq.method === 'INVITE',
    2000,
  )
  t.equal(held.body.toString(), answerSdp)
  peer.inDialog('ACK', first.ok, 2)
  await delay(20)
  const offered = first.leg.offer({ make: () => offerSdp, withdrawn() {} })
  const invite = await peer.nextRequest('INVITE')
  peer.respond(invite, 200, { body: answerSdp })
  t.equal(await offered, answerSdp)
  peer.inDialog('BYE', first.ok, 3)
  await peer.nextResponse(200, 'BYE')
  t.match(await goneOf(first.leg), { by: 'peer' })
  const ended = second.leg.hangUp('done')
  peer.respond(await peer.nextRequest('BYE'), 200)
  await ended
})

t.test('[FA12] the peer has hung up meanwhile: the call ends, whoever still knew of it', async t => {
  const { peer, talk, wire, back, cut, door } = await open(t)
  const first = await talk()
  wire.cut({ closed: true })
  await until('the door knows', () => !door.connected)
  peer.inDialog('BYE', first.ok, 2)
  await peer.next(one => one.kind === 'response' && one.cseq.method === 'BYE', 2000)
  wire.mend()
  await back()
  t.same(await goneOf(first.leg), { by: 'dialog-lost', cancelled: false }, 'the server took the BYE')
  // A server that gave the BYE to nobody keeps the dialog, and the peer knows better.
  const second = await talk()
  await cut()
  await asked(peer, 481)
  t.same(await goneOf(second.leg), { by: 'dialog-lost', cancelled: false })
  t.equal(door.stats().legs, 0)
})

t.test('[FA13] the SIP server was started anew: its calls are gone, and end with that reason', async t => {
  const { talk, restart, peer, door } = await open(t)
  const legs = [(await talk()).leg, (await talk()).leg]
  await restart()
  for (const leg of legs) t.same(await goneOf(leg), { by: 'dialog-lost', cancelled: false })
  t.equal(door.stats().legs, 0)
  const { leg, ok } = await talk()
  peer.inDialog('BYE', ok, 2)
  await peer.nextResponse(200, 'BYE')
  t.match(await goneOf(leg), { by: 'peer' }, 'new calls come in as before')
})

t.test(
  '[FA14] hung up while there is no control connection: nobody waits for it, and the BYE leaves when there is one',
  async t => {
    const { peer, talk, wire, back, door } = await open(t)
    const { leg } = await talk()
    wire.cut({ closed: true })
    await until('the door knows', () => !door.connected)
    const startMs = performance.now()
    await leg.hangUp('agent hung up')
    t.ok(performance.now() - startMs < 2600)
    await t.rejects(leg.offer({ make: () => offerSdp, withdrawn() {} }))
    wire.mend()
    await back()
    const bye = await peer.nextRequest('BYE')
    t.match(bye.get('reason'), /agent hung up/)
    peer.respond(bye, 200)
  },
)

t.test('[FA14] what needs the far end is refused at once while there is no control connection', async t => {
  const { talk, wire, door } = await open(t)
  const { leg } = await talk()
  wire.cut({ closed: true })
  await until('the door knows', () => !door.connected)
  let withdrawn = 0
  await t.rejects(leg.offer({ make: () => offerSdp, withdrawn: () => withdrawn++ }), new OfferRefused(503))
  t.equal(withdrawn, 1)
  await t.rejects(leg.info('5', 100), { name: 'InfoRefused', status: 503 })
  await t.rejects(
    leg.refer({ to: '1234' }, () => {}),
    { name: 'ReferRefused', status: 503 },
  )
  t.equal(leg.gone.aborted, false)
})

t.test(
  '[FA15] who rings while the control connection breaks is refused, by a server that has not noticed too',
  async t => {
    const { peer, wire, legs, handling, back } = await open(t)
    handling.next = 'rings'
    peer.request('INVITE')
    await peer.nextResponse(180)
    wire.cutUnnoticed()
    t.same(await goneOf(legs[0] as CallLeg), { by: 'control-lost', cancelled: false })
    await back()
    const refused = (await peer.next(one => one.kind === 'response' && one.status >= 300, 3000)) as SipResponse
    t.equal(refused.status, 503)
  },
)

t.test('[FA16] a control connection that has died without a word is given up for another', async t => {
  const { wire, door, talk, peer } = await open(t, { silentMs: 6000 })
  const { leg } = await talk()
  await delay(6500)
  t.equal(wire.count, 1, 'pings keep a good one')
  wire.silence()
  await until('a second one', () => wire.count === 2 && door.stats().reconnects === 1, 12_000)
  await asked(peer, 200)
  t.equal(leg.gone.aborted, false)
})
