import { readFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import type { AuditEntry } from '../../signaling/protocol/audit.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { InnerServer } from '../../test/harness/app.ts'

// The real server over HTTPS.
t.setTimeout(60_000)
const server = await InnerServer.start()
t.teardown(() => server.close())

type Answer = { status: number; text: string; json: Record<string, unknown>; cookie: string }
function http(method: 'GET' | 'POST', path: string, cookie = '', body: object = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { origin, port } = new URL(server.url)
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        rejectUnauthorized: false,
        headers: { cookie, origin, 'content-type': 'application/json' },
      },
      response => {
        const pieces: Buffer[] = []
        response.on('data', piece => pieces.push(piece))
        response.on('end', () => {
          const text = Buffer.concat(pieces).toString()
          const [set = ''] = response.headers['set-cookie'] ?? []
          const isJson = /json/.test(response.headers['content-type'] ?? '')
          const json = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>
          resolve({ status: response.statusCode ?? 0, text, json, cookie: set.split(';')[0] ?? '' })
        })
      },
    )
    request.on('error', reject)
    request.end(method === 'POST' ? JSON.stringify(body) : undefined)
  })
}
async function signIn(name: string): Promise<string> {
  const { role, password } = await server.person(name)
  return (await http('POST', '/api/sign-in', '', { name, password, role })).cookie
}
const reviewer = await signIn('reviewer')
const compliance = await signIn('compliance')
const entries = async (query: string) => {
  const { status, json } = await http('GET', `/api/review/audit?${query}`, compliance)
  t.equal(status, 200)
  return json.entries as AuditEntry[]
}

t.test('[AN14] what is tried without the right or without a reason is refused and written down', async t => {
  const callId = newId('call')
  t.equal((await http('GET', '/api/review/audit', reviewer)).status, 403)
  t.equal((await http('POST', `/api/review/calls/${callId}/verify`, reviewer)).status, 403)
  t.equal((await http('POST', '/api/review/audit/verify', reviewer)).status, 403)
  const refused = await entries('action=refused')
  t.strictSame(
    refused.map(({ detail, callId }) => [detail, callId]),
    [
      ['post /api/review/audit/verify', undefined],
      ['post /api/review/calls/:callId/verify', callId],
      ['get /api/review/audit', undefined],
    ],
  )
  t.equal(new Set(refused.map(entry => entry.userId)).size, 1)
})

t.test('[RW25] a digest of a day tells the heads of journals only to the right "audit"', async t => {
  t.equal((await http('GET', '/api/review/anchors/2026-01-02', reviewer)).status, 403)
  t.equal((await http('GET', '/api/review/anchors/2026-01-02', compliance)).status, 404)
  t.equal((await http('GET', '/api/review/anchors/2026-01-02/print', reviewer)).status, 404, 'paper has none of them')
})

t.test('[AN10] reading what colleagues did is an entry; one’s own may be read by everybody', async t => {
  const mine = (await entries('action=refused'))[0]?.userId ?? ''
  const own = await http('GET', `/api/review/audit?user=${mine}`, reviewer)
  t.equal(own.status, 200)
  t.ok((own.json.entries as AuditEntry[]).every(entry => entry.userId === mine))
  t.match((await entries('action=audit-read&limit=1'))[0], { detail: 'action=audit-read limit=1' })
  t.equal((await http('GET', '/api/review/audit?action=anything', compliance)).status, 400)
  const verdict = await http('POST', '/api/review/audit/verify', compliance)
  t.match(verdict.json, { intact: true, problems: [], marksChecked: 0 })
})

t.test('[AN16] reviewers coming, going and being refused are entries; names nobody has are not kept', async t => {
  const { role, password } = await server.person('reviewer')
  const attempt = (name: string, secret: string, as: string = role) =>
    http('POST', '/api/sign-in', '', { name, password: secret, role: as })
  const { cookie } = await attempt('reviewer', password)
  t.equal((await http('POST', '/api/sign-out', cookie, { role })).status, 204)
  t.equal((await http('POST', '/api/sign-out', cookie, { role })).status, 204, 'again is nothing')
  t.equal((await attempt('reviewer', 'wrong')).status, 401)
  t.equal((await attempt('my-secret-in-the-wrong-field', 'x')).status, 401)
  t.equal((await attempt('agent', 'wrong', 'agent')).status, 401)
  const shown = (found: AuditEntry[]) => found.map(({ userName, detail }) => [userName, detail])
  const own = (await entries('action=signed-in'))[0]
  t.match(own, { userName: 'Demo reviewer', detail: /^from (127\.0\.0\.1|0:0:0:0::\/64)$/ })
  t.match(shown(await entries('action=signed-out')), [['Demo reviewer', '']])
  t.match(shown(await entries('action=sign-in-refused')), [
    ['', /^unknown name, from /],
    ['Demo reviewer', /^wrong password or role, from /],
  ])
  t.equal((await entries('action=sign-in-refused')).length, 2, 'agents are no reviewers')
  t.notMatch(JSON.stringify(await entries('limit=200')), /my-secret/)
})

t.test('[AN15] the first start is written down with everybody it made', async t => {
  t.match(await entries('action=config-changed'), [{ detail: 'first start', userName: '' }])
  t.match((await entries('action=users-changed'))[0]?.detail, /compliance added/)
})

t.test(
  '[AN36] the state of the daily chain is there for the console, for health checks and for Prometheus',
  async t => {
    const { json } = await http('GET', '/api/review/anchors', reviewer)
    t.match(json, { digests: 0, stamps: { configured: false }, published: { configured: false }, alarms: [] })
    t.match((await http('GET', '/healthz')).json, { status: 'ok', checks: { anchors: 'ok' } })
    t.match((await http('GET', '/metrics')).text, /tongping_anchors\{what="alarms"\} 0/)
    t.equal((await http('GET', '/api/review/anchors/2020-01-01', compliance)).status, 404)
    t.equal((await http('GET', '/api/review/anchors/..%2f..%2fsecrets', compliance)).status, 404)
    t.equal((await http('POST', '/api/review/anchors/check', reviewer)).status, 403)
    const checked = await http('POST', '/api/review/anchors/check', compliance)
    t.match(checked.json, { alarms: [] })
    const known = { key: 'call-missing x', reason: 'because' }
    t.equal((await http('POST', '/api/review/anchors/acknowledge', compliance, known)).status, 404)
  },
)

t.test('[AN1] and all of it stands in the files', async t => {
  const today = new Date().toISOString().slice(0, 10)
  const lines = readFileSync(join(server.dataDir, 'audit', `${today}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  t.ok(lines.length >= 8)
  t.match(JSON.parse(lines[0] ?? ''), { seq: 0, prev: '0'.repeat(64), action: 'config-changed' })
})
