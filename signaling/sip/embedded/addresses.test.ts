import { networkInterfaces } from 'node:os'
import t from 'tap'
import { AddressResolver, ResolveError, TransportUnavailableError } from './address-resolver.ts'
import { LocalAddressSelector } from './local-address.ts'
import { SipServer } from './sip-server.ts'
import { parseSipUri, type SipUri } from './sip-uri.ts'
import { ControlClient } from './testing/control-client.ts'
import { offerSdp } from './testing/raw-peer.ts'
import { SrfRig } from './testing/srf-rig.ts'
import { TimerSet } from './timer-set.ts'

function uri(text: string): SipUri {
  const parsed = parseSipUri(text)
  if (parsed === undefined) throw new Error(text)
  return parsed
}

t.test('[SIP130] listening everywhere, the peer is told the address that it can reach', async t => {
  const outer = Object.values(networkInterfaces())
    .flat()
    .find(entry => entry?.family === 'IPv4' && !entry.internal)?.address
  const rig = await SrfRig.create({ listen: [{ protocol: 'udp', host: '0.0.0.0', port: 0 }] })
  t.teardown(() => rig.close())
  const port = rig.portOf('udp')
  t.equal(rig.server.hostports[0], `udp/${outer ?? '127.0.0.1'}:${port}`)
  const peer = await rig.peer()
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n${offerSdp}`)
  const invite = await peer.nextRequest('INVITE')
  t.equal(invite.get('contact'), `<sip:127.0.0.1:${port}>`)
  t.match(invite.list('via')[0], `127.0.0.1:${port};rport`)
  for (const own of ['127.0.0.1', outer ?? '127.0.0.1']) {
    t.match(
      (await app.ask('sip||', `OPTIONS sip:x@${own}:${port} SIP/2.0\r\n\r\n`)).line,
      'can not send request to myself',
    )
  }
})

t.test(
  '[SIP131] an external address stands in Via, Contact and From; the local one where the socket is meant',
  async t => {
    const rig = await SrfRig.create({ externalAddress: '198.51.100.7' })
    t.teardown(() => rig.close())
    const port = rig.portOf('udp')
    const peer = await rig.peer()
    const app = await ControlClient.create(rig.server.controlPort)
    const hello = await app.ask('authenticate|test-secret|')
    t.match(hello.fields[4], `udp/198.51.100.7:${port}`)
    t.match(hello.fields[6], `udp/127.0.0.1:${port}`)
    const echo = await app.ask(
      'sip||',
      `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\nfrom: sip:me@localhost\r\n\r\n${offerSdp}`,
    )
    t.equal(echo.fields[7], '127.0.0.1')
    const invite = await peer.nextRequest('INVITE')
    t.equal(invite.get('contact'), `<sip:198.51.100.7:${port}>`)
    t.match(invite.get('from'), `<sip:me@198.51.100.7:${port}>`)
    t.match(invite.list('via')[0], `198.51.100.7:${port}`)
  },
)

t.test('[SIP132] IPv6', async t => {
  const hasIPv6 = Object.values(networkInterfaces())
    .flat()
    .some(entry => entry?.address === '::1')
  if (!hasIPv6) return void t.comment('no IPv6 on this machine')
  const server = await SipServer.create({
    control: { host: '127.0.0.1', port: 0, secret: 'test-secret' },
    listen: [{ protocol: 'udp', host: '::1', port: 0 }],
  })
  t.teardown(() => server.close())
  t.match(server.hostports[0], /^udp\/\[::1\]:\d+$/)
  const app = await ControlClient.authenticated(server.controlPort)
  const echo = await app.ask('sip||', 'OPTIONS sip:bob@[::1]:9 SIP/2.0\r\n\r\n')
  t.match(echo.message, /\r\nVia: SIP\/2\.0\/UDP \[::1\]:\d+;rport/)
  t.match((await app.ask('sip||', 'OPTIONS sip:bob@127.0.0.1 SIP/2.0\r\n\r\n')).line, 'transport not available')
})

t.test('[SIP136] one IPv6 wildcard serves IPv4 peers too, under their kind of address', async t => {
  const hasIPv6 = Object.values(networkInterfaces())
    .flat()
    .some(entry => entry?.address === '::1')
  if (!hasIPv6) return void t.comment('no IPv6 on this machine')
  const rig = await SrfRig.create({ listen: [{ protocol: 'udp', host: '::', port: 0 }] })
  t.teardown(() => rig.close())
  const peer = await rig.peer()
  const app = await ControlClient.authenticated(rig.server.controlPort)
  await app.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0\r\n\r\n${offerSdp}`)
  const invite = await peer.nextRequest('INVITE')
  t.equal(invite.get('contact'), `<sip:127.0.0.1:${rig.portOf('udp')}>`)
  peer.respond(invite, 486, { toTag: 'p' })
  t.equal((await app.nextSip()).fields[5], '127.0.0.1')
})

t.test('[SIP133] literals resolve at once, names later, failures are typed, equal names share a lookup', async t => {
  const clock = new TimerSet()
  const resolver = new AddressResolver(['udp', 'tcp'], clock)
  t.teardown(() => {
    resolver.close()
    clock.close()
  })
  t.same(resolver.resolve(uri('sip:a@192.0.2.1')), [{ protocol: 'udp', address: '192.0.2.1', port: 5060 }])
  t.same(resolver.resolve(uri('sip:a@x.invalid;maddr=192.0.2.2;transport=TCP')), [
    { protocol: 'tcp', address: '192.0.2.2', port: 5060 },
  ])
  t.same(resolver.resolve(uri('sip:[2001:db8::1]:5070')), [{ protocol: 'udp', address: '2001:db8::1', port: 5070 }])
  const [one, two] = [resolver.resolve(uri('sip:localhost:5061')), resolver.resolve(uri('sip:localhost:5061'))]
  t.equal(one, two)
  t.same((await one)[0], { protocol: 'udp', address: '127.0.0.1', port: 5061 })
  t.notOk(resolver.resolve(uri('sip:localhost:5061')) instanceof Promise, 'remembered')
  await t.rejects(Promise.resolve(resolver.resolve(uri('sip:a@nowhere.invalid:5060'))), ResolveError)
  t.throws(() => resolver.resolve(uri('sips:a@192.0.2.1')), TransportUnavailableError)
})

t.test(
  '[SIP134] own addresses: an interface in the subnet of the peer, else the one the kernel routes from',
  async t => {
    const selector = new LocalAddressSelector()
    t.equal(selector.pick('127.0.0.9'), '127.0.0.1')
    t.ok(selector.knows('127.0.0.1'))
    await selector.probe('192.0.2.55')
    t.match(selector.pick('192.0.2.55'), /^\d+\.\d+\.\d+\.\d+$/)
  },
)

t.test('[SIP135] an address in use: create rejects and leaves nothing open', async t => {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const port = rig.portOf('tcp')
  const control = { host: '127.0.0.1', port: 0, secret: 'x' }
  const listen = [
    { protocol: 'udp', host: '127.0.0.1', port: 0 },
    { protocol: 'tcp', host: '127.0.0.1', port },
  ] as const
  await t.rejects(SipServer.create({ control, listen }), { code: 'EADDRINUSE' } as unknown as Error)
  const sip = [{ protocol: 'udp', host: '127.0.0.1', port: 0 }] as const
  await t.rejects(SipServer.create({ control: { ...control, port: rig.server.controlPort }, listen: sip }))
  const handles = (): string =>
    process
      .getActiveResourcesInfo()
      .filter(kind => /UDP|TCP|Timeout/.test(kind))
      .sort()
      .join()
  const ofTheRig = 'TCPServerWrap,TCPServerWrap,UDPWrap'
  const server = await SipServer.create({ control, listen: [...sip, { protocol: 'tcp', host: '0.0.0.0', port: 0 }] })
  await server.close()
  await server.close()
  for (let turn = 0; turn < 50 && handles() !== ofTheRig; turn++) await new Promise(resolve => setTimeout(resolve, 10))
  t.equal(handles(), ofTheRig, 'nothing survives close')
})
