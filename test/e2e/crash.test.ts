import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { verifyArchive } from '../../recordings/seal/verify-archive.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { OuterServer } from '../harness/app.ts'
import { readEntries, readManifest, voiceOf } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { entriesToldTo } from '../harness/told-entries.ts'
import { until } from '../harness/until.ts'

t.setTimeout(220_000)

t.test('[E2E4] kill -9 in mid-call loses at most a second of media and nothing anybody was told', async t => {
  const server = await OuterServer.start()
  t.teardown(() => server.close())
  const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
  const phoneBrowser = await TestBrowser.launch({
    phone: true,
    camera: { camera: 5, text: 'SN: TP-2026-0815', colour: '#0050d0' },
  })
  t.teardown(() => Promise.all([agentBrowser.close(), phoneBrowser.close()]))
  const told = entriesToldTo(agentBrowser.context)
  const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
  const { phone } = await callUp({ server, agent, says: tone(440) })
  t.teardown(() => phone.close())
  const phonePage = await PhonePage.open(phoneBrowser, (await agent.sendCode()).link)
  await phonePage.startCamera()
  await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  await sleep(3000)
  await agent.by('freeze').click()
  await phonePage.by('stage').waitFor()
  const toldBefore = [...told]
  const killedAtMs = wallClockMs()
  await server.kill()

  const successor = await OuterServer.start({ dataDir: server.dataDir })
  t.teardown(() => successor.close())
  const folder = await successor.sealedArchive()
  const manifest = await readManifest(folder)
  t.match(manifest.end, { cause: 'server-crashed' })
  t.match(await verifyArchive(new PlainCallFiles(folder)), { intact: true, problems: [] })

  const entries = await readEntries(folder)
  t.ok(toldBefore.length > 5, `${toldBefore.length} entries were told to the agent`)
  for (const entry of toldBefore)
    t.match(entries[entry.seq], { seq: entry.seq, type: entry.type }, `${entry.seq} ${entry.type}`)

  const answered = entries[0]
  if (answered?.type !== 'call.answered') throw new Error('the journal does not begin with the answer')
  const killedMs = killedAtMs - Date.parse(answered.wallClock)
  for (const name of ['caller-voice', 'agent-voice', 'caller-camera'] as const) {
    const track = manifest.tracks.findLast(one => one.track === name)
    if (!track) throw new Error(`${name} is not in the manifest`)
    const lastAtMs = name === 'caller-camera' ? track.endsAtMs : (await voiceOf(folder, track.file)).lastAtMs
    t.comment(`${name}: the last packet kept came ${(killedMs - lastAtMs).toFixed(0)} ms before the kill`)
    t.ok(killedMs - lastAtMs <= 1000, `${name} lost ${(killedMs - lastAtMs).toFixed(0)} ms`)
  }
})
