import { readFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { looped } from '../../scripts/simulated-caller/sample-source.ts'
import { readWav } from '../../scripts/simulated-caller/wav.ts'
import type { RecordQuality } from '../../signaling/protocol/quality.ts'
import type { CallPage, Facets } from '../../signaling/protocol/review.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { until } from '../harness/until.ts'

t.setTimeout(150_000)

const ROOT = resolve(import.meta.dirname, '../..')
const PAUSE_MS = 7000
const title = { 'zh-CN': '双方无声', en: 'Both silent' }
/** The operator's own file: its silence is shorter than the house's, so that the call may be. */
const file = join(
  t.testdir({
    'quality.json': JSON.stringify({
      version: 'e2e-1',
      services: { consent: 'given' },
      rules: [
        { id: 'quiet', title, severity: 'minor', when: { event: 'silence', longerThanMs: 4000 } },
        { id: 'held', title, severity: 'minor', when: { event: 'hold', longerThanMs: 1 } },
        { id: 'changed', title, severity: 'critical', when: { event: 'record.changed' } },
      ],
      checklists: [],
    }),
  }),
  'quality.json',
)
const server = await InnerServer.start({ quality: { file } })
// Half of the file's sample rate: each sample falls on a zero of the sine, the agent is silent and only the phone is heard.
const agentBrowser = await TestBrowser.launch({ microphoneHz: 24_000 })
t.teardown(async () => {
  await agentBrowser.close()
  await server.close()
})

type Answer = { status: number; json: unknown; cookie: string }
function http(method: 'GET' | 'POST', path: string, cookie = '', body: object = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { origin } = new URL(server.url)
    const headers = { cookie, origin, 'content-type': 'application/json' }
    const request = httpsRequest(`${server.url}${path}`, { method, rejectUnauthorized: false, headers }, response => {
      const pieces: Buffer[] = []
      response.on('data', piece => pieces.push(piece))
      response.on('end', () => {
        const [set = ''] = response.headers['set-cookie'] ?? []
        const text = Buffer.concat(pieces).toString()
        const json: unknown = text.startsWith('{') ? JSON.parse(text) : text
        resolve({ status: response.statusCode ?? 0, json, cookie: set.split(';')[0] ?? '' })
      })
    })
    request.on('error', reject)
    request.end(method === 'POST' ? JSON.stringify(body) : undefined)
  })
}
const signIn = async (name: string) => {
  const { role, password } = await server.person(name)
  return (await http('POST', '/api/sign-in', '', { name, password, role })).cookie
}

t.test('[QC3] [QC4] [QC8] a call of the running server is checked by itself once its replay is there', async t => {
  const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
  const speech = readWav(await readFile(join(ROOT, 'scripts/simulated-caller/speech.wav')))
  const speechMs = (speech.samples.length / 8000) * 1000
  const { phone, call } = await callUp({ server, agent, says: looped(speech, PAUSE_MS), number: '13600136000' })
  t.teardown(() => phone.close())
  // The sentence, the pause, and the beginning of the sentence again.
  await sleep(speechMs + PAUSE_MS + 2500)
  await call.hangUp()
  const reviewer = await signIn('reviewer')
  const compliance = await signIn('compliance')
  const get = async <T>(path: string, cookie = reviewer): Promise<T> => {
    const { status, json } = await http('GET', path, cookie)
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`)
    return json as T
  }
  const found = await until(
    'the sealed record',
    async () => (await get<CallPage>('/api/review/calls?number=13600136000')).calls[0],
    { timeoutMs: 30_000, everyMs: 300 },
  )
  t.equal(found.from, '•••••••6000')
  const at = `/api/review/calls/${found.callId}`
  t.equal((await http('GET', `${at}/quality`, reviewer)).status, 403, 'not before a reason was given')
  await http('POST', `${at}/open`, reviewer, { reason: 'a look at quality' })
  // Nobody asks for the check: it comes after the replay.
  const { report } = await until(
    'the check',
    async () => {
      const now = await get<RecordQuality>(`${at}/quality`)
      return now.state === 'done' && now
    },
    { timeoutMs: 60_000, everyMs: 300 },
  )
  t.match(report, { run: 1, rules: { version: 'e2e-1' }, callId: found.callId })
  t.same(
    report?.findings.map(one => [one.ruleId, one.certainty]),
    [['quiet', 'estimate']],
    'the silence, and nothing that did not happen',
  )
  const [quiet] = report?.findings[0]?.evidence ?? []
  const [fromMs, toMs] = [quiet?.atMs ?? 0, quiet?.toMs ?? 0]
  t.ok(Math.abs(toMs - fromMs - PAUSE_MS) < 2500, `silent from ${fromMs} to ${toMs}`)
  t.ok(
    Math.abs(toMs - speechMs - PAUSE_MS) < 1500,
    `the sentence begins again at ${speechMs + PAUSE_MS}, found ${toMs}`,
  )

  const flagged = await get<CallPage>('/api/review/calls?flags=quality-finding')
  t.same(
    flagged.calls.map(one => one.callId),
    [found.callId],
  )
  t.same((await get<CallPage>('/api/review/calls?withoutFlags=quality-finding')).calls, [])
  const { flags } = await get<Facets>('/api/review/facets')
  t.match(
    flags.find(one => one.flag === 'quality-finding'),
    { calls: 1 },
  )

  const again = await http('POST', `${at}/quality/run`, reviewer, { reason: 'rules were changed' })
  t.equal(again.status, 200)
  const second = await until('the second run', async () => {
    const now = await get<RecordQuality>(`${at}/quality`)
    return now.state === 'done' && now.report?.run === 2 && now.report
  })
  t.same(second.findings, report?.findings, 'the same record and rules, the same findings')
  const { entries } = await get<{ entries: object[] }>(`/api/review/audit?action=quality-run`, compliance)
  t.match(entries, [{ userName: /./, callId: found.callId, detail: 'rules were changed' }])
})
