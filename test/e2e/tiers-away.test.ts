import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import sharp from 'sharp'
import t from 'tap'
import { openDatabase } from '../../server/store/database.ts'
import type { AuditEntry } from '../../signaling/protocol/audit.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { InnerServer, type Person } from '../harness/app.ts'
import { CephStore } from '../harness/ceph-store.ts'
import { SimulatedCall } from '../harness/simulated-call.ts'
import { until } from '../harness/until.ts'

t.setTimeout(230_000)

const ceph = await CephStore.start()
t.teardown(() => ceph.close())
const folder = t.testdir()
const policyFile = join(folder, 'tiers.json')
await writeFile(policyFile, JSON.stringify({ classes: {}, otherwise: { coldAfterDays: 0 }, keepHotDays: 0 }))
const server = await InnerServer.start({
  tiers: { policyFile, s3: { ...(await ceph.bucket('archive')), caFile: undefined } },
})
t.teardown(() => server.close())
const camera = await sharp({ create: { width: 320, height: 240, channels: 3, background: '#336699' } })
  .png()
  .toBuffer()

type Json = Record<string, unknown>
type Answer = { readonly status: number; readonly json: Json; readonly cookie: string }
function http(method: 'GET' | 'POST', path: string, cookie = '', body: object = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { cookie, origin: server.url, 'content-type': 'application/json' }
    const sent = request(`${server.url}${path}`, { method, rejectUnauthorized: false, headers }, response => {
      let text = ''
      response.on('data', piece => {
        text += String(piece)
      })
      response.on('end', () => {
        const [set = ''] = response.headers['set-cookie'] ?? []
        const json = text.startsWith('{') ? (JSON.parse(text) as Json) : {}
        resolve({ status: response.statusCode ?? 0, json, cookie: set.split(';')[0] ?? '' })
      })
    })
    sent.on('error', reject)
    sent.end(method === 'POST' ? JSON.stringify(body) : undefined)
  })
}
async function signIn(name: Person['name']): Promise<string> {
  const { role, password } = await server.person(name)
  return (await http('POST', '/api/sign-in', '', { name, password, role })).cookie
}
const reviewer = await signIn('reviewer')
const compliance = await signIn('compliance')
const stateOf = async (callId: CallId) => (await http('GET', `/api/review/tiers/${callId}`, compliance)).json
const run = async () => (await http('POST', '/api/review/tiers/run', compliance)).json
const open = (callId: CallId) => http('POST', `/api/review/calls/${callId}/open`, compliance, { reason: 'a test' })
const verify = async (callId: CallId) => (await http('POST', `/api/review/calls/${callId}/verify`, compliance)).json
const health = () => http('GET', '/healthz')

/** Sealed, encrypted and with its replay: what a move waits for. */
async function complete(callId: CallId) {
  const row = await until(
    'the record to be complete',
    async () => {
      const { json } = await http('GET', '/api/review/calls', compliance)
      const calls = json.calls as { callId: CallId; state: string; durationMs: number }[]
      return calls.find(one => one.callId === callId && one.state === 'muxed')
    },
    { timeoutMs: 60_000, everyMs: 300 },
  )
  return row
}

async function wholeCall(live: (call: SimulatedCall) => Promise<void>): Promise<CallId> {
  const call = await SimulatedCall.start(server, camera)
  try {
    await live(call)
    await call.agent.hangUp()
  } finally {
    call.close()
  }
  await complete(call.callId)
  return call.callId
}

let first: CallId

t.test('[TR18] moving by hand needs the right, and is written down before it happens', async t => {
  first = await wholeCall(() => sleep(1500))
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/run'],
    ['GET', `/${first}`],
    ['POST', `/${first}/move`],
    ['POST', `/${first}/fetch`],
  ] as const)
    t.equal((await http(method, `/api/review/tiers${path}`, reviewer)).status, 403, `${method} ${path}`)
  t.match(await stateOf(first), { tier: 'hot', state: 'settled' }, 'nothing was moved')
  t.equal((await http('POST', `/api/review/tiers/${newId('call')}/move`, compliance)).status, 404)
  t.equal((await http('POST', '/api/review/tiers/nobody/move', compliance)).status, 404)
  t.match((await http('POST', `/api/review/tiers/${first}/move`, compliance)).json, { tier: 'cold', state: 'settled' })
  t.match((await http('GET', '/api/review/tiers', compliance)).json, {
    store: { state: 'ok', objectLock: false },
    counts: [{ tier: 'cold', state: 'settled', calls: 1 }],
    waiting: [],
    alarm: false,
  })
  t.equal((await open(first)).status, 200)
  t.match(await verify(first), { intact: true, form: 'plain' }, 'read and verified from the store')
  t.match((await http('POST', `/api/review/tiers/${first}/fetch`, compliance)).json, { tier: 'hot' })
  t.match((await http('POST', `/api/review/tiers/${first}/move`, compliance)).json, { tier: 'cold' })
  const { json } = await http('GET', `/api/review/audit?call=${first}&limit=50`, compliance)
  const own = (json.entries as AuditEntry[]).filter(entry => ['moved', 'restored', 'refused'].includes(entry.action))
  t.same(
    own.map(entry => [entry.action, entry.userName]),
    [
      ['moved', 'Demo compliance officer'],
      ['restored', 'Demo compliance officer'],
      ['moved', 'Demo compliance officer'],
      ['refused', 'Demo reviewer'],
      ['refused', 'Demo reviewer'],
      ['refused', 'Demo reviewer'],
    ],
  )
})

t.test(
  '[TR20] with the archive store away calls are recorded and sealed as ever; what waits is an alarm after its time, and all is moved once it is back',
  async t => {
    t.match((await health()).json, { status: 'ok', checks: { archiveStore: 'ok' } })
    const during: CallId[] = []
    during.push(
      await wholeCall(async call => {
        await sleep(1000)
        // The real gateway's process ends in mid-call.
        await ceph.stopGateway()
        await sleep(1500)
        t.notOk(call.entries.some(entry => entry.type === 'recording.degraded'))
      }),
    )
    t.match(await run(), { store: { state: 'store-unavailable' }, alarm: false, lastRun: { moved: 0 } })
    during.push(await wholeCall(() => sleep(1500)))
    await run()
    for (const callId of during) {
      t.match(await stateOf(callId), { tier: 'hot', state: 'copying', reason: 'store-unavailable' })
      const { status, json } = await open(callId)
      t.equal(status, 200)
      t.match(json, { record: { remarks: [], findings: [] } })
      t.match(await verify(callId), { intact: true })
      t.ok((json.replay as Json).url, 'with its replay')
    }
    const away = await open(first)
    t.match([away.status, away.json], [503, { code: 'unavailable' }], 'what lies in the store is not called damaged')
    t.match((await health()).json, { status: 'ok', checks: { archiveStore: 'ok' } })

    // The outage is real; the hour is SIMULATED: when the waiting began is dated back.
    const db = await openDatabase(join(server.dataDir, 'index.sqlite'))
    const hourAgo = new Date(Date.now() - 3_700_000).toISOString()
    await sql`update call_tiers set waiting_since = ${hourAgo} where waiting_since is not null`.execute(db.kysely)
    await db.close()
    t.match(await run(), { alarm: true, waiting: [{}, {}] })
    const alarmed = await health()
    t.match([alarmed.status, alarmed.json], [200, { status: 'ok', checks: { archiveStore: 'failed' } }])

    const live = await SimulatedCall.start(server, camera)
    t.teardown(() => live.close())
    await ceph.startGateway()
    t.match(await run(), { store: { state: 'ok' }, alarm: false, lastRun: { moved: 2 }, waiting: [] })
    t.match((await health()).json, { checks: { archiveStore: 'ok' } })
    t.notOk(
      live.entries.some(entry => entry.type === 'recording.degraded'),
      'a call goes on while records move',
    )
    for (const callId of [first, ...during]) {
      t.match(await stateOf(callId), { tier: 'cold', state: 'settled' })
      t.match(await verify(callId), { intact: true, form: 'plain' })
    }
    await live.agent.hangUp()
  },
)
