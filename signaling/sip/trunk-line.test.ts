import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { until } from '../../test/doubles/until.ts'
import { DoorRig } from '../../test/harness/door-rig.ts'
import type { Trunk } from './trunk.ts'
import type { TrunkLineOptions } from './trunk-line.ts'

function line(rig: DoorRig, options: TrunkLineOptions, trunk: Partial<Trunk> = {}) {
  return rig.door.openTrunk(
    {
      name: 'carrier',
      proxy: `sip:${rig.peer.hostPort}`,
      domain: 'carrier.example',
      fromNumber: '4001234567',
      credentials: { username: 'tp#1', password: 'pw' },
      ...trunk,
    },
    options,
  )
}

const challenge = ['WWW-Authenticate: Digest realm="carrier.example", nonce="abc", algorithm=MD5']

t.test('[OC16] REGISTER with digest, refreshed in time, taken back at the end', async t => {
  const rig = await DoorRig.open(t)
  const trunk = line(rig, { register: { expiresS: 600 } })
  t.equal(trunk.state.registration, 'trying')
  const first = await rig.peer.nextRequest('REGISTER')
  t.equal(first.uri, 'sip:carrier.example')
  t.match(first.get('to'), /<sip:tp%231@carrier\.example>/)
  t.match(first.get('contact'), new RegExp(`sip:tp%231@127\\.0\\.0\\.1:${rig.sipPort}.*expires=600`))
  rig.peer.respond(first, 401, { toTag: 'r', headers: challenge })
  const second = await rig.peer.nextRequest('REGISTER')
  t.match(second.get('authorization'), /username="tp#1"/)
  t.equal(second.callId, first.callId)
  t.ok(second.cseq.number > first.cseq.number)
  rig.peer.respond(second, 200, {
    toTag: 'r',
    headers: ['Contact: <sip:somebody@192.0.2.1>;expires=3000, <sip:tp%231@127.0.0.1>;expires=2', 'Expires: 600'],
  })
  await until('registered', () => trunk.state.registration === 'registered')
  const refresh = await rig.peer.nextRequest('REGISTER', 1500)
  t.equal(refresh.callId, first.callId, 'our own Contact runs out after 2 s: refreshed after 1')
  t.ok(refresh.cseq.number > second.cseq.number)
  rig.peer.respond(refresh, 200, { toTag: 'r', headers: ['Expires: 600'] })
  await delay(50)
  t.match(rig.door.stats().trunks, [{ name: 'carrier', registration: 'registered' }])
  const closed = rig.door.close()
  const last = await rig.peer.nextRequest('REGISTER')
  t.match(last.get('contact'), /expires=0/)
  rig.peer.respond(last, 200, { toTag: 'r', headers: [] })
  await closed
})

t.test('[OC24] a trunk that asks for SHA-256 first, or for nothing else, gets it (RFC 8760)', async t => {
  const rig = await DoorRig.open(t)
  const trunk = line(rig, { register: { expiresS: 600 } })
  const first = await rig.peer.nextRequest('REGISTER')
  const asks = (algorithm: string) =>
    `WWW-Authenticate: Digest realm="carrier.example", nonce="n-${algorithm}", algorithm=${algorithm}, qop="auth"`
  rig.peer.respond(first, 401, { toTag: 'r', headers: [asks('SHA-256'), asks('MD5')] })
  const second = await rig.peer.nextRequest('REGISTER')
  const sent = second.get('authorization') ?? ''
  const value = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(sent)?.[1] ?? ''
  t.equal(value('nonce'), 'n-SHA-256')
  const hash = (...parts: string[]) => createHash('sha256').update(parts.join(':')).digest('hex')
  const [ha1, ha2] = [hash('tp#1', 'carrier.example', 'pw'), hash('REGISTER', second.uri)]
  t.equal(value('response'), hash(ha1, 'n-SHA-256', '00000001', value('cnonce'), 'auth', ha2))
  rig.peer.respond(second, 200, { toTag: 'r', headers: ['Expires: 600'] })
  await until('registered', () => trunk.state.registration === 'registered')
  t.equal(trunk.isAt('127.0.0.1'), true)
  t.equal(trunk.isAt('192.0.2.1'), false)
})

t.test(
  '[OC17] a registrar that wants longer intervals gets them; one that refuses is a state with its status',
  async t => {
    const rig = await DoorRig.open(t)
    const trunk = line(rig, { register: { expiresS: 60 } })
    rig.peer.respond(await rig.peer.nextRequest('REGISTER'), 423, { toTag: 'r', headers: ['Min-Expires: 1800'] })
    const longer = await rig.peer.nextRequest('REGISTER')
    t.equal(longer.get('expires'), '1800')
    rig.peer.respond(longer, 401, { toTag: 'r', headers: challenge })
    rig.peer.respond(await rig.peer.nextRequest('REGISTER'), 401, { toTag: 'r', headers: challenge })
    await until('failed', () => trunk.state.registration === 'failed')
    t.match(trunk.state, { refusedWith: 401 })
    t.equal(trunk.usable, false)
    t.equal(await rig.peer.count(m => m.kind === 'request', 300), 0, 'not again at once')
  },
)

t.test('[OC18] OPTIONS tell whether a trunk is there: any answer of its own counts, one lost says nothing', async t => {
  const rig = await DoorRig.open(t, { server: { timers: { t1Ms: 5, t2Ms: 20 } } })
  const trunk = line(rig, { keepAliveMs: 20 })
  t.equal(trunk.state.reachable, undefined)
  rig.peer.respond(await rig.peer.nextRequest('OPTIONS'), 404, { toTag: 'o' })
  await until('there', () => trunk.state.reachable === true)
  t.match(trunk.state, { registration: 'off' })
  await until('gone', () => trunk.state.reachable === false, 4000)
  t.equal(trunk.usable, false)
  const seen = new Set<string>()
  await until(
    'back',
    () => {
      for (const m of rig.peer.waiting)
        if (m.kind === 'request' && m.method === 'OPTIONS' && !seen.has(m.callId)) {
          seen.add(m.callId)
          rig.peer.respond(m, 200, { toTag: 'o' })
        }
      return trunk.state.reachable === true
    },
    3000,
  )
  t.ok(seen.size > 0)
})
