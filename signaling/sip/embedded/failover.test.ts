import { once } from 'node:events'
import t from 'tap'
import { orderServices } from './service-records.ts'
import { DnsServer } from './testing/dns-server.ts'
import { answerSdp, offerSdp } from './testing/raw-peer.ts'
import { SrfRig } from './testing/srf-rig.ts'

const short = { t1Ms: 5, t2Ms: 20, t4Ms: 20 }

t.test(
  '[SIP170] a silent first server gives way to the second of the domain; the application hears only of that',
  async t => {
    const dns = await DnsServer.create()
    t.teardown(() => dns.close())
    const rig = await SrfRig.create({ nameServers: [dns.address], timers: short })
    t.teardown(() => rig.close())
    const [first, second] = [await rig.peer(), await rig.peer()]
    dns.records = {
      '_sip._udp.trunk.test': [
        { type: 'SRV', priority: 20, weight: 0, port: second.port, target: 'localhost' },
        { type: 'SRV', priority: 10, weight: 0, port: first.port, target: 'localhost' },
      ],
    }
    const srf = await rig.srf()
    const statuses: number[] = []
    const calling = srf.createUAC(
      'sip:bob@trunk.test',
      { localSdp: offerSdp },
      { cbProvisional: res => statuses.push(res.status) },
    )
    const lost = await first.nextRequest('INVITE')
    const invite = await second.nextRequest('INVITE')
    t.equal(invite.callId, lost.callId)
    t.equal(invite.get('cseq'), lost.get('cseq'))
    t.not(invite.get('via'), lost.get('via'), 'a branch of its own')
    second.respond(invite, 180, { toTag: 's' })
    second.respond(invite, 200, { toTag: 's', body: answerSdp })
    const dialog = await calling
    await second.nextRequest('ACK')
    t.same(statuses, [180])
    const ending = dialog.destroy()
    second.respond(await second.nextRequest('BYE'), 200)
    await ending
  },
)

t.test('[SIP171] 503 gives way too; what the last one says is the answer; others are not asked after 486', async t => {
  const dns = await DnsServer.create()
  t.teardown(() => dns.close())
  const rig = await SrfRig.create({ nameServers: [dns.address] })
  t.teardown(() => rig.close())
  const [first, second] = [await rig.peer(), await rig.peer()]
  dns.records = {
    'trunk.test': [{ type: 'NAPTR', order: 1, service: 'SIP+D2U', replacement: 'there.trunk.test' }],
    'there.trunk.test': [
      { type: 'SRV', priority: 10, weight: 0, port: first.port, target: 'localhost' },
      { type: 'SRV', priority: 20, weight: 0, port: second.port, target: 'localhost' },
    ],
  }
  const srf = await rig.srf()
  const refusedWith = async (statuses: readonly number[]): Promise<number> => {
    const calling = srf
      .createUAC('sip:bob@trunk.test', { localSdp: offerSdp })
      .catch((error: { status: number }) => error)
    for (const [index, status] of statuses.entries()) {
      const peer = index === 0 ? first : second
      peer.respond(await peer.nextRequest('INVITE'), status, { toTag: 'x' })
    }
    return ((await calling) as { status: number }).status
  }
  t.equal(await refusedWith([503, 503]), 503)
  t.equal(await refusedWith([503, 404]), 404)
  t.equal(await refusedWith([486]), 486)
  t.equal(await second.count(message => message.kind === 'request' && message.method === 'INVITE', 50), 0)
})

t.test('[SIP172] a refused connection gives way to the next server', async t => {
  const dns = await DnsServer.create()
  t.teardown(() => dns.close())
  const rig = await SrfRig.create({ nameServers: [dns.address] })
  t.teardown(() => rig.close())
  const second = await rig.peer()
  dns.records = {
    'mixed.test': [{ type: 'NAPTR', order: 1, service: 'SIP+D2T', replacement: '_sip._tcp.mixed.test' }],
    '_sip._tcp.mixed.test': [{ type: 'SRV', priority: 1, weight: 0, port: 9, target: 'localhost' }],
    '_sip._udp.mixed.test': [{ type: 'SRV', priority: 1, weight: 0, port: second.port, target: 'localhost' }],
  }
  const srf = await rig.srf()
  const tcp = await srf.request('sip:bob@mixed.test', { method: 'OPTIONS' })
  t.match(tcp.get('via'), 'SIP/2.0/TCP', 'the domain prefers TCP')
  const [refused] = await once(tcp, 'response')
  t.equal((refused as { status: number }).status, 503)
  const udp = await srf.request('sip:bob@mixed.test;transport=udp', { method: 'OPTIONS' })
  second.respond(await second.nextRequest('OPTIONS'), 200, { toTag: 'x' })
  const [answered] = await once(udp, 'response')
  t.equal((answered as { status: number }).status, 200)
})

t.test('[SIP173] servers of one domain come by priority, and by weight among equals', t => {
  const record = (name: string, priority: number, weight: number) => ({ name, priority, weight, port: 5060 })
  const records = [record('c', 2, 0), record('a', 1, 0), record('b', 1, 99), record('.', 0, 0)]
  const order = (random: number): string =>
    orderServices(records, 'udp', () => random)
      .map(one => one.name)
      .join('')
  t.equal(order(0.5), 'bac')
  t.equal(order(0), 'abc')
  t.end()
})
