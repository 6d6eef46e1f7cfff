import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parseCallJournal } from '../../recordings/journal/read-call-journal.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { callUp, longestGapMs, phoneHears } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'
import { workerPids } from '../harness/worker-pids.ts'

t.setTimeout(150_000)

t.test(
  '[CA6] the media worker is killed in mid-call: the line stands, voices and picture come back by themselves',
  async t => {
    const server = await InnerServer.start()
    const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
    const phoneBrowser = await TestBrowser.launch({
      phone: true,
      camera: { camera: 5, text: 'SN: 1', colour: '#0050d0' },
    })
    t.teardown(async () => {
      await Promise.all([agentBrowser.close(), phoneBrowser.close()])
      await server.close()
    })
    const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
    const { phone, call } = await callUp({ server, agent, says: tone(440) })
    t.teardown(() => phone.close())
    const { link } = await agent.sendCode()
    const phonePage = await PhonePage.open(phoneBrowser, link)
    await phonePage.startCamera()
    await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
    await Promise.all([agent.hears(440), phoneHears(call, 620)])

    const pids = await workerPids()
    t.equal(pids.length, 1, 'one media worker')
    const killedAt = wallClockMs()
    process.kill(pids[0] ?? 0, 'SIGKILL')
    const gone = await until('the old worker to be gone', async () => !(await workerPids()).includes(pids[0] ?? 0))
    t.ok(gone)
    await phoneHears(call, 620, { timeoutMs: 30_000, windowMs: 500 })
    t.comment(
      `the caller hears the agent again after ${Math.round(wallClockMs() - killedAt)} ms (the window measured included)`,
    )
    await agent.hears(440, 30_000)
    t.comment(`the agent hears the caller again after ${Math.round(wallClockMs() - killedAt)} ms`)
    const code = await until('the picture again', () => codeIn(agent.by('remote-video')).catch(() => undefined), {
      timeoutMs: 10_000,
    })
    t.comment(`the picture is back after ${Math.round(wallClockMs() - killedAt)} ms`)
    t.equal(code.camera, 5)
    t.notOk(call.isOver, 'the phone call was never interrupted')
    t.ok(longestGapMs(call, killedAt, wallClockMs()) < 500, 'the caller had a packet at least every half second')
    const [folder = ''] = await server.archives()
    const entries = parseCallJournal(await readFile(join(folder, 'journal.jsonl'))).entries
    const media = entries.filter(({ type }) => type === 'media.lost' || type === 'media.back')
    t.same(
      media.map(({ type }) => type),
      ['media.lost', 'media.back'],
      'and the record says when',
    )
  },
)
