import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { readEntries, readManifest } from '../harness/archive-reader.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { CALLER_HZ, ConsultLine, OTHER_HZ } from '../harness/consult-line.ts'
import { until } from '../harness/until.ts'
import { workerPids } from '../harness/worker-pids.ts'

// What may go wrong while somebody else is consulted: a real workbench, and a trunk that is a raw peer.
t.setTimeout(240_000)

const AGENT_HZ = 620
/** As in reload.test.ts: the promise is 3 s, on an idle machine. */
const BACK_LIMIT_MS = 8000

const line = await ConsultLine.create()
const server = await InnerServer.start(line.settings)
const browser = await TestBrowser.launch({ microphoneHz: AGENT_HZ, language: 'en-US' })
const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
t.teardown(async () => {
  await browser.close()
  line.close()
  await server.close()
})
/** What the record says of one that was talked in. */
const CONSULTED = ['consult.began', 'consult.answered', 'consult.ended']
let number = 13_800_138_000
const state = (wanted: string, timeoutMs = 10_000) =>
  until(
    `voice ${wanted}`,
    async () => (await agent.by('voice-state').getAttribute('data-state', { timeout: 1000 })) === wanted,
    { timeoutMs },
  )
const withCaller = () => Promise.all([agent.hears(CALLER_HZ), line.hears('caller', AGENT_HZ)])
const withOther = () => Promise.all([agent.hears(OTHER_HZ), line.hears('other', AGENT_HZ)])

/** A call of its own for each test; resolves with its number. */
async function calling(): Promise<string> {
  const to = String(++number)
  await agent.by('dial-to').fill(to)
  await agent.by('dial').click()
  line.answer(await line.called('caller'))
  await state('connected')
  await withCaller()
  return to
}
/** The caller is held and somebody else called, who has not answered yet. */
async function asks() {
  await agent.page.keyboard.press('Shift+X')
  await agent.by('transfer-to').fill('10086')
  await agent.by('consult').click()
  await line.takesOffer()
  const invite = await line.called('other')
  await state('consult-dialling')
  return invite
}
async function consulting(): Promise<string> {
  const to = await calling()
  line.answer(await asks())
  await state('consult-consulted')
  await withOther()
  return to
}
async function ended(words: RegExp): Promise<void> {
  await agent.by('ended-call').waitFor()
  t.match(await agent.by('ended-call').textContent(), words)
  await agent.by('dismiss').click()
  await agent.by('dial-to').waitFor()
}
/** Of the sealed record: what it says of the consultation and of who was there, and how the call ended. */
async function told(to: string) {
  const folder = await server.sealedArchive({ which: async one => (await readManifest(one)).to === to })
  const { end, findings = [] } = await readManifest(folder)
  const types = (await readEntries(folder)).map(({ type }) => type)
  return { end, findings, types, consult: types.filter(type => type.startsWith('consult')) }
}

t.test(
  '[VC49] the caller hangs up while somebody else is consulted: both calls end, and the page says who did',
  async t => {
    const to = await consulting()
    line.hangsUp('caller')
    t.equal(await line.hungUpOn(), 'other')
    await ended(/caller hung up/)
    t.match(await told(to), { end: { cause: 'caller-hung-up' }, findings: [], consult: CONSULTED })
  },
)

t.test('[VC49] so does the agent, while it rings there (CANCEL) and after the answer (BYE)', async t => {
  const ringing = await calling()
  const invite = await asks()
  line.answer(invite, 180)
  await state('consult-ringing')
  await agent.hangUp()
  line.peer.respond(await line.peer.nextRequest('CANCEL', 8000), 200)
  line.answer(invite, 487)
  t.equal(await line.hungUpOn(), 'caller')
  await ended(/agent hung up|you hung up/i)
  const consulted = await consulting()
  await agent.hangUp()
  t.same([await line.hungUpOn(), await line.hungUpOn()].sort(), ['caller', 'other'])
  await ended(/agent hung up|you hung up/i)
  t.match(await told(ringing), { end: { cause: 'agent-hung-up' }, consult: ['consult.began', 'consult.ended'] })
  t.match(await told(consulted), { end: { cause: 'agent-hung-up' }, consult: CONSULTED })
})

t.test('[VC50] the one consulted hangs up: the page says so, and the caller is back', async t => {
  const to = await consulting()
  line.hangsUp('other')
  t.equal(await line.takesOffer(), 'caller')
  t.equal(line.directions.caller, 'sendrecv')
  await state('connected')
  await withCaller()
  t.match(await agent.by('voice-failed').textContent(), /10086 has hung up/)
  await agent.by('voice-failed-read').click()
  await agent.hangUp()
  t.equal(await line.hungUpOn(), 'caller')
  await ended(/hung up/)
  t.match(await told(to), { end: { cause: 'agent-hung-up' }, consult: CONSULTED })
})

t.test('[VC50] the one consulted is busy, or is left before the answer: the caller is back', async t => {
  const to = await calling()
  line.answer(await asks(), 486)
  t.equal(await line.takesOffer(), 'caller')
  await state('connected')
  t.match(await agent.by('voice-failed').textContent(), /busy/)
  await agent.by('voice-failed-read').click()
  const invite = await asks()
  line.answer(invite, 180)
  await state('consult-ringing')
  await agent.by('cancel-consult').click()
  line.peer.respond(await line.peer.nextRequest('CANCEL', 8000), 200)
  line.answer(invite, 487)
  t.equal(await line.takesOffer(), 'caller')
  await state('connected')
  await withCaller()
  t.equal(await agent.by('voice-failed').count(), 0, 'nothing failed: it was the agent’s wish')
  await agent.hangUp()
  t.equal(await line.hungUpOn(), 'caller')
  await ended(/hung up/)
  t.same((await told(to)).consult, ['consult.began', 'consult.ended', 'consult.began', 'consult.ended'])
})

t.test('[VC51] F5 while the other one is spoken with, and while the caller is: nobody is lost', async t => {
  const to = await consulting()
  const reload = async () => {
    const from = performance.now()
    await agent.page.reload({ waitUntil: 'commit' })
    return () => performance.now() - from
  }
  let since = await reload()
  await state('consult-consulted', BACK_LIMIT_MS)
  await withOther()
  t.comment(`back in the consultation after ${Math.round(since())} ms`)
  t.ok(since() < BACK_LIMIT_MS)
  t.equal(line.directions.caller, 'sendonly', 'the caller has noticed nothing of it')
  await agent.page.keyboard.press('Shift+W')
  await Promise.all([line.takesOffer(), line.takesOffer()])
  await state('consult-caller')
  await withCaller()
  since = await reload()
  await state('consult-caller', BACK_LIMIT_MS)
  await withCaller()
  t.comment(`back at the caller after ${Math.round(since())} ms`)
  // Away for longer: whoever the agent speaks with hears the waiting tone, no dead line.
  await agent.page.keyboard.press('Shift+W')
  await Promise.all([line.takesOffer(), line.takesOffer()])
  await withOther()
  await agent.page.goto('about:blank')
  await until('a tone for the one asked', () => {
    const heard = line.hearing('other')
    return heard !== undefined && heard > 0 && Math.abs(heard - AGENT_HZ) > 20
  })
  await agent.page.goto(`${server.url}/agent`, { waitUntil: 'commit' })
  await state('consult-consulted', BACK_LIMIT_MS)
  await withOther()
  await agent.by('cancel-consult').click()
  t.equal(await line.hungUpOn(), 'other')
  t.equal(await line.takesOffer(), 'caller')
  await state('connected')
  await withCaller()
  await agent.hangUp()
  t.equal(await line.hungUpOn(), 'caller')
  await ended(/hung up/)
  const { types, findings } = await told(to)
  t.ok(types.includes('agent.away') && types.includes('agent.back'))
  t.same(findings, [])
})

t.test('[VC52] the media worker is killed while somebody else is consulted: the lines stand, all are back', async t => {
  const to = await consulting()
  const kill = async () => {
    const [pid = 0] = await workerPids()
    process.kill(pid, 'SIGKILL')
    await until('another worker', async () => (await workerPids()).some(one => one !== pid))
    await sleep(300)
  }
  await kill()
  await withOther()
  await state('consult-consulted')
  t.equal(line.directions.caller, 'sendonly')
  await agent.page.keyboard.press('Shift+W')
  await Promise.all([line.takesOffer(), line.takesOffer()])
  await withCaller()
  await kill()
  await withCaller()
  await state('consult-caller')
  await agent.page.keyboard.press('Shift+W')
  await Promise.all([line.takesOffer(), line.takesOffer()])
  await withOther()
  await agent.hangUp()
  await Promise.all([line.hungUpOn(), line.hungUpOn()])
  await ended(/hung up/)
  const { types } = await told(to)
  t.same(
    types.filter(type => type.startsWith('media')),
    ['media.lost', 'media.back', 'media.lost', 'media.back'],
  )
})
