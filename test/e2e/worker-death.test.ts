import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { readRtpJournal } from '../../recordings/tracks/read-rtp-journal.ts'
import type { PhoneCall } from '../../scripts/simulated-caller/phone-call.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { filesOfCall, readEntries, readManifest } from '../harness/archive-reader.ts'
import { callUp, longestGapMs, phoneHears } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { dominantHz, shareOf } from '../harness/tone.ts'
import { until } from '../harness/until.ts'
import { workerPids } from '../harness/worker-pids.ts'

t.setTimeout(220_000)

/** The promise; the windows measured are counted. */
const BACK_MS = 2000
/** What is still played of before the kill. */
const BUFFERED_MS = 300
const WINDOW_MS = 200

t.test(
  '[CA6] [FA1] the media worker is killed in mid-call: the line stands, voices and picture come back by themselves',
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
    const [callerHearsMs, agentHearsMs] = await Promise.all([
      until('the agent’s voice again', () => toneAfter(call, 620, killedAt + BUFFERED_MS), { timeoutMs: 30_000 }).then(
        atMs => atMs - killedAt,
      ),
      sleep(BUFFERED_MS)
        .then(() => agent.hears(440, 30_000))
        .then(() => wallClockMs() - killedAt),
    ])
    t.comment(`heard again: agent after ${Math.round(callerHearsMs)} ms, caller after ${Math.round(agentHearsMs)} ms`)
    t.ok(callerHearsMs < BACK_MS, 'the caller hears the agent again in time (the window measured included)')
    t.ok(agentHearsMs < BACK_MS, 'the agent hears the caller again in time (the window measured included)')
    const code = await until('the picture again', () => codeIn(agent.by('remote-video')).catch(() => undefined), {
      timeoutMs: 10_000,
    })
    t.comment(`the picture is back after ${Math.round(wallClockMs() - killedAt)} ms`)
    t.equal(code.camera, 5)
    t.notOk(call.isOver, 'the phone call was never interrupted')
    t.ok(longestGapMs(call, killedAt, wallClockMs()) < 500, 'the caller had a packet at least every half second')

    // Once more while the caller holds: the line and the hold stand, and the voices are there at its end.
    t.equal((await call.hold()).status, 200)
    const [second] = await workerPids()
    process.kill(second ?? 0, 'SIGKILL')
    await until('a third worker', async () => (await workerPids()).some(pid => pid !== second))
    await sleep(BUFFERED_MS)
    t.equal((await call.resume()).status, 200)
    await Promise.all([agent.hears(440, 30_000), phoneHears(call, 620, { timeoutMs: 30_000 })])
    t.equal(await call.hangUp(), 200)

    const sealed = await server.sealedArchive()
    const entries = await readEntries(sealed)
    const of = (...types: string[]) => entries.filter(({ type }) => types.includes(type))
    t.same(
      of('media.lost', 'media.back', 'voice.held', 'voice.retrieved').map(({ type }) => type),
      ['media.lost', 'media.back', 'voice.held', 'media.lost', 'media.back', 'voice.retrieved'],
      'the record says when',
    )
    const [lost] = of('media.lost')
    const [back] = of('media.back')
    t.ok(lost && back && back.atMs > lost.atMs, `the gap in the record: ${lost?.atMs} to ${back?.atMs} ms`)
    // The caller's voice is journalled at the line, so only the agent's has a hole; fillers say that the line was held.
    const gap = [lost?.atMs ?? 0, (lost?.atMs ?? 0) + agentHearsMs] as const
    const kept = async (track: string) => {
      const files = (await readManifest(sealed)).tracks.filter(one => one.track === track)
      const all: { atMs: number; filler: boolean }[] = []
      for (const { file } of files) {
        const source = await (await filesOfCall(sealed)).open(file)
        for await (const one of await readRtpJournal(source)) if (one.kind === 'rtp') all.push(one)
      }
      return all.filter(({ atMs }) => atMs >= gap[0] && atMs < gap[1])
    }
    const caller = await kept('caller-voice')
    const expected = (gap[1] - gap[0]) / 20
    t.ok(
      caller.length > expected * 0.9,
      `the caller during the gap: ${caller.length} of ${Math.round(expected)} packets`,
    )
    const agentPackets = await kept('agent-voice')
    t.ok(agentPackets.filter(one => one.filler).length > 0, 'the agent’s track has fillers in the gap')
  },
)

/** End of the first stretch after `fromMs` in which the SIP side hears mostly the tone. */
function toneAfter(call: PhoneCall, hz: number, fromMs: number): number | undefined {
  const last = call.voice.heard.at(-1)?.atMs ?? 0
  for (let at = fromMs; at + WINDOW_MS <= last; at += 20) {
    const samples = call.voice.samplesBetween(at, at + WINDOW_MS)
    const strongest = dominantHz(samples, 8000)
    if (strongest !== undefined && Math.abs(strongest - hz) <= 20 && shareOf(hz, samples, 8000) > 0.5)
      return at + WINDOW_MS
  }
  return undefined
}
