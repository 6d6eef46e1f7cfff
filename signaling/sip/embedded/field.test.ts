import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { SipServerOptions } from './sip-server-options.ts'
import { ControlClient } from './testing/control-client.ts'
import { answerSdp, offerSdp, RawPeer } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'

const short = { t1Ms: 20, t2Ms: 80, t4Ms: 100 }

async function setUp(t: Test, options: Partial<SipServerOptions> = {}) {
  const rig = await SrfRig.create({ timers: short, ...options })
  t.teardown(() => rig.close())
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask('route|invite')
  await app.ask('route|options')
  return { rig, app, peer: await rig.peer() }
}
type SetUp = Awaited<ReturnType<typeof setUp>>

/** A call out; resolves with what the peer got and the dialog's id once it rang there. */
async function ringing({ app, peer }: SetUp, headers: readonly string[]) {
  void app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n${offerSdp}`)
  const invite = await peer.nextRequest('INVITE')
  peer.respond(invite, 183, {
    toTag: 'a',
    headers: [`Contact: <sip:device7@${peer.hostPort}>`, ...headers],
    body: answerSdp,
  })
  const { fields } = await app.nextSip()
  return { invite, dialogId: fields[9] ?? '' }
}

t.test(
  '[SIP214] a PRACK goes to the Contact of the 1xx that it acknowledges, whatever address the application names',
  async t => {
    const all = await setUp(t)
    const { app, peer } = all
    const { dialogId } = await ringing(all, ['Require: 100rel', 'RSeq: 7'])
    void app.ask(`sip||${dialogId}`, `PRACK sip:bob@${peer.hostPort} SIP/2.0\r\nRAck: 7 1 INVITE\r\n\r\n`)
    t.equal((await peer.nextRequest('PRACK')).uri, `sip:device7@${peer.hostPort}`)
  },
)

t.test(
  '[SIP215] a reliable 1xx that comes before its turn is left until the one before it has come (RFC 3262 4)',
  async t => {
    const all = await setUp(t)
    const { app, peer } = all
    const { invite } = await ringing(all, ['Require: 100rel', 'RSeq: 7'])
    const ring = (rseq: number, status: number) =>
      peer.respond(invite, status, {
        toTag: 'a',
        headers: [`Contact: <sip:device7@${peer.hostPort}>`, 'Require: 100rel', `RSeq: ${rseq}`],
      })
    ring(9, 182)
    ring(8, 180)
    t.match((await app.nextSip()).message, /^SIP\/2.0 180/, 'the lost one first')
    ring(9, 182)
    t.match((await app.nextSip()).message, /^SIP\/2.0 182/)
  },
)

t.test('[SIP216] a 2xx to a re-INVITE that comes after the dialog has ended is acknowledged all the same', async t => {
  const all = await setUp(t)
  const { app, peer } = all
  const { invite, dialogId } = await ringing(all, [])
  peer.respond(invite, 200, { toTag: 'a', body: answerSdp })
  await app.nextSip()
  await app.ask(`sip||${dialogId}`, `ACK sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n`)
  await peer.nextRequest('ACK')
  void app.ask(`sip||${dialogId}`, `INVITE sip:placeholder SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n${offerSdp}`)
  const again = await peer.nextRequest('INVITE')
  const [callId, from, to] = [again.callId, again.get('from'), again.get('to')]
  peer.send([
    `BYE sip:us@127.0.0.1:${peer.serverPort} SIP/2.0`,
    peer.via(),
    `From: ${to}`,
    `To: ${from}`,
    `Call-ID: ${callId}`,
    'CSeq: 5 BYE',
  ])
  const bye = await app.nextSip()
  await app.ask(`sip|${bye.fields[8]}|`, 'SIP/2.0 200 OK\r\n\r\n')
  await peer.nextResponse(200, 'BYE')
  for (const round of ['first', 'repeated']) {
    peer.respond(again, 200, { body: answerSdp })
    t.equal((await peer.nextRequest('ACK')).cseq.number, again.cseq.number, round)
  }
  t.equal(peer.waiting.filter(message => message.kind === 'request' && message.method === 'BYE').length, 0)
})

/** Gateways that send from one port and listen at another, and do not ask for the port they send from (RFC 3581). */
async function twoPorts(t: Test, { rig }: SetUp) {
  const mouth = await RawPeer.create(rig.portOf('udp'))
  const ear = await RawPeer.create(rig.portOf('udp'))
  t.teardown(() => {
    mouth.close()
    ear.close()
  })
  return { mouth, ear }
}

t.test(
  '[SIP217] a peer that listens at another port than it sends from, and asks for nothing else, is answered and called where it listens, if we are told so',
  async t => {
    const all = await setUp(t, { rport: 'asked' })
    const { app } = all
    const { mouth, ear } = await twoPorts(t, all)
    const [dialogue, contact] = ['Call-ID: two-ports', `Contact: <sip:gw@${ear.hostPort}>`]
    const from = 'From: <sip:gw@127.0.0.1>;tag=g1'
    mouth.send(
      [
        `INVITE sip:bob@127.0.0.1:${mouth.serverPort} SIP/2.0`,
        `Via: SIP/2.0/UDP ${ear.hostPort};branch=z9hG4bKtwo1`,
        ...[from, 'To: <sip:bob@127.0.0.1>', dialogue, 'CSeq: 1 INVITE', contact, 'Content-Type: application/sdp'],
      ],
      offerSdp,
    )
    const invite = await app.nextSip()
    t.notMatch(invite.message, /^Via:.*rport/m)
    await ear.nextResponse(100)
    await app.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${answerSdp}`)
    const ok = await ear.nextResponse(200)
    mouth.send([
      `ACK sip:bob@127.0.0.1:${mouth.serverPort} SIP/2.0`,
      `Via: SIP/2.0/UDP ${ear.hostPort};branch=z9hG4bKtwo2`,
      ...[from, `To: ${ok.get('to')}`, dialogue, 'CSeq: 1 ACK'],
    ])
    const { fields } = await app.nextSip()
    void app.ask(`sip||${fields[9]}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n')
    ear.respond(await ear.nextRequest('BYE'), 200)
    t.same(mouth.waiting, [])
  },
)

t.test(
  '[SIP217] what cannot be read is refused there too; who asks for the port it sends from is answered there',
  async t => {
    const all = await setUp(t, { rport: 'asked' })
    const { mouth, ear } = await twoPorts(t, all)
    const options = (via: string, cseq = '1 OPTIONS') => [
      `OPTIONS sip:bob@127.0.0.1:${mouth.serverPort} SIP/2.0`,
      via,
      'From: <sip:gw@127.0.0.1>;tag=g1',
      'To: <sip:bob@127.0.0.1>',
      'Call-ID: two-ports',
      `CSeq: ${cseq}`,
    ]
    mouth.send(options(`Via: SIP/2.0/UDP ${ear.hostPort};branch=z9hG4bKtwo3`, 'x OPTIONS'))
    await ear.next(() => false, 100).catch(() => {})
    t.match(ear.startLines, ['SIP/2.0 400 Bad Request'])
    mouth.send(options(`Via: SIP/2.0/UDP ${ear.hostPort};branch=z9hG4bKtwo4;rport`))
    const { fields } = await all.app.nextSip()
    await all.app.ask(`sip|${fields[8]}|`, 'SIP/2.0 200 OK\r\n\r\n')
    await mouth.nextResponse(200, 'OPTIONS')
  },
)

t.test('[SIP217] left alone, every UDP peer is answered where it sends from, as by drachtio-server', async t => {
  const all = await setUp(t)
  const { mouth, ear } = await twoPorts(t, all)
  mouth.send([
    `OPTIONS sip:bob@127.0.0.1:${mouth.serverPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${ear.hostPort};branch=z9hG4bKtwo5`,
    ...['From: <sip:gw@127.0.0.1>;tag=g1', 'To: <sip:bob@127.0.0.1>', 'Call-ID: two-ports', 'CSeq: 1 OPTIONS'],
  ])
  const { fields, message } = await all.app.nextSip()
  t.match(message, new RegExp(`^Via: .*;rport=${mouth.hostPort.split(':')[1]}`, 'm'))
  await all.app.ask(`sip|${fields[8]}|`, 'SIP/2.0 200 OK\r\n\r\n')
  await mouth.nextResponse(200, 'OPTIONS')
  t.same(ear.waiting, [])
})

t.test('[SIP218] a Contact at another transport than the INVITE came by is taken at its word', async t => {
  const all = await setUp(t)
  const { app, peer } = all
  const arrived = Promise.withResolvers<string>()
  const listener = createServer(socket => socket.on('data', bytes => arrived.resolve(bytes.toString())))
  t.teardown(() => listener.close())
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as { port: number }
  peer.send(
    [
      `INVITE sip:bob@127.0.0.1:${peer.serverPort} SIP/2.0`,
      peer.via(),
      'From: <sip:alice@127.0.0.1>;tag=c1',
      'To: <sip:bob@127.0.0.1>',
      'Call-ID: by-tcp',
      'CSeq: 1 INVITE',
      `Contact: <sip:alice@127.0.0.1:${port};transport=tcp>`,
      'Content-Type: application/sdp',
    ],
    offerSdp,
  )
  const invite = await app.nextSip()
  await app.ask(`sip|${invite.fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${answerSdp}`)
  const ok = await peer.nextResponse(200)
  peer.inDialog('ACK', ok, 1)
  const { fields } = await app.nextSip()
  void app.ask(`sip||${fields[9]}`, 'BYE sip:placeholder SIP/2.0\r\n\r\n')
  t.match(await Promise.race([arrived.promise, delay(1500)]), /^BYE sip:alice@127.0.0.1:\d+;transport=tcp SIP/)
})

t.test('[SIP219] requests without From, To or Call-ID are 400 as long as the answer can find its request', async t => {
  const { rig } = await setUp(t)
  const peer = await rig.peer()
  for (const missing of ['From', 'To', 'Call-ID']) {
    const lines = [
      `INVITE sip:bob@127.0.0.1:${peer.serverPort} SIP/2.0`,
      peer.via(),
      'From: <sip:alice@127.0.0.1>;tag=c1',
      'To: <sip:bob@127.0.0.1>',
      'Call-ID: broken',
      'CSeq: 1 INVITE',
    ]
    peer.send(lines.filter(line => !line.startsWith(missing)))
  }
  await settled()
  await peer.next(() => false, 60).catch(() => {})
  t.equal(peer.startLines.filter(line => line === 'SIP/2.0 400 Bad Request').length, 3)
})

t.test(
  '[SIP220] NOTIFY, UPDATE and the 2xx to an UPDATE say where we are reached, as INVITE, SUBSCRIBE and REFER do',
  async t => {
    const { rig, app, peer } = await setUp(t)
    const ours = `<sip:127.0.0.1:${rig.portOf('udp')}>`
    peer.request('INVITE')
    const { fields } = await app.nextSip()
    await app.ask(`sip|${fields[8]}|`, `SIP/2.0 200 OK\r\n\r\n${answerSdp}`)
    const ok = await peer.nextResponse(200)
    peer.inDialog('ACK', ok, 1)
    const dialogId = (await app.nextSip()).fields[9]
    peer.inDialog('UPDATE', ok, 2)
    const update = await app.nextSip()
    await app.ask(`sip|${update.fields[8]}|`, 'SIP/2.0 200 OK\r\n\r\n')
    t.equal((await peer.nextResponse(200, 'UPDATE')).get('contact'), ours)
    for (const method of ['NOTIFY', 'UPDATE', 'REFER']) {
      void app.ask(`sip||${dialogId}`, `${method} sip:placeholder SIP/2.0\r\nEvent: x\r\n\r\n`)
      const request = await peer.nextRequest(method)
      t.equal(request.get('contact'), ours, method)
      peer.respond(request, 200)
    }
    void app.ask(`sip||${dialogId}`, 'INFO sip:placeholder SIP/2.0\r\n\r\n')
    t.notOk((await peer.nextRequest('INFO')).has('contact'))
  },
)
