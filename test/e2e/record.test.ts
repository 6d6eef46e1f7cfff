import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { beeps } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { readManifest, soundIn } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn, type SeenFrame, watchFrames } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { ReviewPage } from '../harness/review-page.ts'
import { median } from '../harness/statistics.ts'
import { onsetsOf } from '../harness/tone.ts'
import { runTool } from '../harness/tools.ts'
import { until } from '../harness/until.ts'

t.setTimeout(220_000)

const BEEP_HZ = 1000
const BEEP_EVERY_MS = 2000
const ROOT = resolve(import.meta.dirname, '../..')

const server = await InnerServer.start()
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
const phoneBrowser = await TestBrowser.launch({
  phone: true,
  camera: { camera: 5, text: 'SN: TP-2026-0815', colour: '#0050d0' },
})
const reviewer = await TestBrowser.launch()
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close(), reviewer.close()])
  await server.close()
})

/** What really happened, on the machine's own clock. */
let liveFrames: SeenFrame[] = []
let firstBeepMs = 0
let folder = ''
let callId = ''

t.test('[E2E3] a call with beeps and a counting camera, ended by the agent, is sealed and muxed', async t => {
  const says = beeps({ hz: BEEP_HZ, onMs: 100, everyMs: BEEP_EVERY_MS })
  const { phone, call } = await callUp({ server, agent, says, number: '13700137000' })
  t.teardown(() => phone.close())
  firstBeepMs = call.voice.startedAtMs
  // The camera joins well after the voice: a record that aligned both at zero would be seconds off.
  await sleep(3000)
  const { link } = await agent.sendCode()
  const phonePage = await PhonePage.open(phoneBrowser, link)
  await phonePage.startCamera()
  await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  liveFrames = await watchFrames(phonePage.by('preview'), 7000)
  t.ok(liveFrames.length > 80, `${liveFrames.length} frames seen in the phone's own view`)
  await agent.hangUp()
  await call.ended
  folder = await server.sealedArchive({ muxed: true, timeoutMs: 60_000 })
  const manifest = await readManifest(folder)
  callId = manifest.callId
  t.match(manifest, { from: /13700137000/, end: { cause: 'agent-hung-up' } })
  for (const track of manifest.tracks) {
    t.ok(
      track.packets >= track.packetsReceived * 0.999,
      `${track.file}: ${track.packets} of ${track.packetsReceived} kept`,
    )
  }
  t.same(manifest.findings, [], 'what was counted where packets come in was received and recorded')
  t.same([...new Set(manifest.tracks.map(track => track.track))].sort(), [
    'agent-voice',
    'caller-camera',
    'caller-voice',
  ])
})

const verify = (target: string) =>
  runTool(process.execPath, [join(ROOT, 'scripts/verify-archive.ts'), target], { cwd: ROOT })

t.test('[E2E3] verify-archive accepts the archive, without the server', async t => {
  const copy = await mkdtemp(join(tmpdir(), 'tongping-archive-'))
  t.teardown(() => rm(copy, { recursive: true, force: true }))
  await cp(folder, copy, { recursive: true })
  const { status, stdout, stderr } = await verify(copy)
  t.equal(status, 0, `${stdout.toString()}${stderr}`)
})

t.test('[E2E3] one flipped byte in any file is found and the file is named', async t => {
  const copy = await mkdtemp(join(tmpdir(), 'tongping-archive-'))
  t.teardown(() => rm(copy, { recursive: true, force: true }))
  await cp(folder, copy, { recursive: true })
  const files = (await readdir(copy, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => relative(copy, join(entry.parentPath, entry.name)))
    // Derivatives may be made again; they have a manifest of their own.
    .filter(file => !file.startsWith('derived') && !file.endsWith('.lock'))
  t.ok(files.length >= 5, files.join(' '))
  for (const file of files) {
    const path = join(copy, file)
    const good = await readFile(path)
    const bad = Buffer.from(good)
    const at = Math.floor(bad.length / 2)
    bad[at] = (bad[at] ?? 0) ^ 0x01
    await writeFile(path, bad)
    const { status, stdout } = await verify(copy)
    t.not(status, 0, `${file} with byte ${at} flipped is refused`)
    const named = file === 'manifest.json' ? /manifest|signature/ : new RegExp(file.replaceAll('.', '\\.'))
    t.match(stdout.toString(), named, `${file} is named`)
    await writeFile(path, good)
  }
  t.equal((await verify(copy)).status, 0, 'and whole again')
})

t.test('[E2E3] the reviewer finds the call, and the replay keeps voice and picture together', async t => {
  const review = await ReviewPage.signIn(reviewer, server, await server.person('reviewer'))
  await review.open({ number: '13700137000', reason: 'complaint 4711' })
  t.equal(await review.by('verdict').getAttribute('data-intact'), 'true')
  const replayed = await review.play(15_000)
  t.ok(replayed.length > 60, `${replayed.length} frames of the replay read in Chromium`)

  const onsets = onsetsOf(BEEP_HZ, await soundIn(join(folder, 'derived/replay.webm'), 0), 8000)
  t.ok(onsets.length >= 4, `beeps in the replay at ${onsets.map(Math.round).join(', ')} ms`)
  // Beep n begins n * 2 s after the first; the call clock starts within a second of it, so rounding gives each beep its n.
  const beepZeroMs = median(onsets.map(onset => onset - BEEP_EVERY_MS * Math.round(onset / BEEP_EVERY_MS)))
  const liveMs = new Map(liveFrames.map(frame => [frame.counter, frame.atMs - firstBeepMs]))
  const skews = replayed.flatMap(frame => {
    const live = liveMs.get(frame.counter)
    return live === undefined ? [] : [frame.mediaTimeMs - beepZeroMs - live]
  })
  t.ok(skews.length > 40, `${skews.length} frames seen both live and in the replay`)
  const skewMs = median(skews)
  t.comment(`picture is ${skewMs.toFixed(0)} ms behind the voice in the replay (median of ${skews.length} frames)`)
  t.ok(Math.abs(skewMs) <= 100, `A/V skew ${skewMs.toFixed(1)} ms`)
  t.ok(callId !== '')
})

t.test('[E2E3] a call the caller ends is sealed too', async t => {
  const { phone, call } = await callUp({
    server,
    agent,
    says: beeps({ hz: 500, onMs: 200, everyMs: 400 }),
    number: '13700137001',
  })
  t.teardown(() => phone.close())
  await sleep(1000)
  t.equal(await call.hangUp(), 200)
  const sealed = await server.sealedArchive({ which: async one => /13700137001/.test((await readManifest(one)).from) })
  t.match(await readManifest(sealed), { end: { cause: 'caller-hung-up' } })
  t.equal((await verify(sealed)).status, 0)
})
