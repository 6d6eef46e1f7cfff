import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { readEntries } from '../harness/archive-reader.ts'
import { callUp, longestGapMs, phoneHears } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { dominantHz, shareOf } from '../harness/tone.ts'
import { until } from '../harness/until.ts'

t.setTimeout(220_000)

/** The promise is 3 s; the test machine shares two cores with two browsers, so it only fails past this. The figure is printed. */
const BACK_LIMIT_MS = 8000

t.test('[E2E5] F5 in mid-call: the caller never has a dead line, and the agent is back', async t => {
  const server = await InnerServer.start()
  t.teardown(() => server.close())
  const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
  const phoneBrowser = await TestBrowser.launch({
    phone: true,
    camera: { camera: 5, text: 'SN: TP-2026-0815', colour: '#0050d0' },
  })
  t.teardown(() => Promise.all([agentBrowser.close(), phoneBrowser.close()]))
  const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
  const { phone, call } = await callUp({ server, agent, says: tone(440) })
  t.teardown(() => phone.close())
  await phoneHears(call, 620)
  const phonePage = await PhonePage.open(phoneBrowser, (await agent.sendCode()).link)
  await phonePage.startCamera()
  await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))

  for (const [round, leave] of [
    ['F5', () => agent.page.reload({ waitUntil: 'commit' })],
    // Long enough for the caller to be told by a tone; a quick reload needs none.
    ['away for 2 s', () => goneFor(2000)],
    ['F5 again', () => agent.page.reload({ waitUntil: 'commit' })],
  ] as const) {
    const reloadedAtMs = wallClockMs()
    await leave()
    await sleep(300)
    const backAtMs = await until(
      'the agent’s voice after the reload',
      () => firstToneAfter(call.voice.heard, reloadedAtMs + 150),
      { timeoutMs: 20_000 },
    )
    const tookMs = backAtMs - reloadedAtMs
    t.comment(`${round}: the caller hears the agent again after ${tookMs.toFixed(0)} ms`)
    t.ok(tookMs <= BACK_LIMIT_MS, `${tookMs.toFixed(0)} ms`)
    const gapMs = longestGapMs(call, reloadedAtMs, wallClockMs())
    t.ok(gapMs < 1000, `longest time without a packet at the caller: ${gapMs.toFixed(0)} ms`)
    t.equal(new Set(call.voice.heard.map(packet => packet.ssrc)).size, 1, 'one SSRC all the way')
    await agent.hears(440)
    const code = await until('the picture after the reload', () =>
      codeIn(agent.by('remote-video')).catch(() => undefined),
    )
    t.equal(code.camera, 5)
    t.comment(`${round}: picture and voice back after ${(wallClockMs() - reloadedAtMs).toFixed(0)} ms at the latest`)
  }
  t.notOk(call.isOver)
  await agent.hangUp()
  await call.ended
  const types = (await readEntries(await server.sealedArchive())).map(entry => entry.type)
  t.ok(types.includes('agent.away') && types.includes('agent.back'), 'away and back are in the journal')

  async function goneFor(ms: number): Promise<void> {
    await agent.page.goto('about:blank')
    await sleep(ms)
    await agent.page.goto(`${server.url}/agent`, { waitUntil: 'commit' })
  }

  /** Wall clock of the first 100 ms at the caller that carry the agent's tone, after a stretch without it. */
  function firstToneAfter(heard: typeof call.voice.heard, fromMs: number): number | undefined {
    const last = heard.at(-1)?.atMs ?? 0
    let quiet = false
    for (let at = fromMs; at + 100 <= last; at += 20) {
      const samples = call.voice.samplesBetween(at, at + 100)
      const present = dominantHz(samples, 8000) === 620 && shareOf(620, samples, 8000) > 0.6
      // The tone comes in syllables with 160 ms between: only a longer silence means that the agent was gone.
      if (!present && !quiet) quiet = shareOf(620, call.voice.samplesBetween(at, at + 300), 8000) < 0.05
      if (present && quiet) return at + 100
    }
    return undefined
  }
})
