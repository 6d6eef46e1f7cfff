import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { codesInFilm, readManifest, voiceOf } from '../harness/archive-reader.ts'
import { phoneHears } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { mostInAPacket, shareInPieces } from '../harness/tone.ts'
import { until, within } from '../harness/until.ts'

t.setTimeout(600_000)

/** Two of everything; no frequency is a harmonic of another. */
const CALLERS = [
  { number: '13600136001', hz: 440, camera: 3 },
  { number: '13600136002', hz: 1010, camera: 12 },
] as const
const AGENTS = [
  { name: 'agent', hz: 620 },
  { name: 'agent2', hz: 1270 },
] as const
const ALL_HZ = [...CALLERS, ...AGENTS].map(one => one.hz)

t.test('[E2E6] two calls in the same millisecond: nothing of one is in the archive of the other', async t => {
  const server = await InnerServer.start()
  t.teardown(() => server.close())
  const agents = await Promise.all(
    AGENTS.map(async ({ name, hz }) => {
      const browser = await TestBrowser.launch({ microphoneHz: hz })
      t.teardown(() => browser.close())
      return { hz, page: await AgentPage.signIn(browser, server, await server.person(name)) }
    }),
  )
  const phones = await Promise.all(
    CALLERS.map(async caller => {
      const phone = await SipPhone.create({ server: server.sip('udp'), number: caller.number })
      t.teardown(() => phone.close())
      return { ...caller, phone }
    }),
  )
  const calls = await Promise.all(
    phones.map(async ({ phone, hz, ...caller }) => ({
      ...caller,
      hz,
      call: await phone.call('4008001234', { says: tone(hz) }),
    })),
  )
  await within('both ringing', 5000, Promise.all(calls.map(({ call }) => call.rings)))
  // Each agent takes whichever call is first on the screen, one right after the other.
  for (const agent of agents) {
    await agent.page.answer()
    await sleep(300)
  }
  await within('both answered', 15_000, Promise.all(calls.map(({ call }) => call.answered)))
  const pairs = await Promise.all(
    calls.map(async one => {
      const heard = await Promise.any(agents.map(agent => phoneHears(one.call, agent.hz).then(() => agent)))
      return { ...one, agent: heard }
    }),
  )
  t.not(pairs[0]?.agent, pairs[1]?.agent, 'each caller has an agent of their own')
  for (const { agent, hz } of pairs) t.ok(await agent.page.hears(hz), `the agent of ${hz} Hz hears it`)

  await Promise.all(
    pairs.map(async ({ agent, camera }) => {
      const browser = await TestBrowser.launch({
        phone: true,
        camera: { camera, text: `CAM ${camera}`, colour: camera === 3 ? '#0050d0' : '#008040' },
      })
      t.teardown(() => browser.close())
      const page = await PhonePage.open(browser, (await agent.page.sendCode()).link)
      await page.startCamera()
      const seen = await until('a frame', () => codeIn(agent.page.by('remote-video')).catch(() => undefined), {
        timeoutMs: 20_000,
      })
      t.equal(seen.camera, camera, `the agent sees camera ${camera}`)
    }),
  )
  await sleep(4000)
  await Promise.all(pairs.map(({ call }) => call.hangUp()))
  const hungUpMs = performance.now()
  const tookMs = () => Math.round(performance.now() - hungUpMs)
  const whose = (number: string) => async (one: string) => (await readManifest(one)).from.includes(number)
  // The seal, which must not take long, apart from the replay, which may.
  for (const { number } of pairs) await server.sealedArchive({ which: whose(number) })
  t.comment(`both sealed within ${tookMs()} ms`)

  for (const { number, hz, camera, agent } of pairs) {
    const folder = await server.sealedArchive({ muxed: true, which: whose(number) })
    t.comment(`${number}: replay within ${tookMs()} ms`)
    const { tracks } = await readManifest(folder)
    for (const [name, own] of [
      ['caller-voice', hz],
      ['agent-voice', agent.hz],
    ] as const) {
      const track = tracks.find(one => one.track === name)
      if (!track) throw new Error(`${name} is missing`)
      const { samples } = await voiceOf(folder, track.file)
      t.ok(samples.length > 4 * 8000, `${name}: ${(samples.length / 8000).toFixed(1)} s`)
      const share = shareInPieces(own, samples.subarray(-3 * 8000), 8000)
      t.ok(share > 0.6, `${number} ${name} carries ${own} Hz (${share.toFixed(2)})`)
      for (const other of ALL_HZ.filter(one => one !== own)) {
        const foreign = shareInPieces(other, samples, 8000)
        t.ok(foreign < 0.002, `and of ${other} Hz only ${foreign.toExponential(1)}`)
        const most = mostInAPacket(other, samples, 8000)
        t.ok(most < 0.5, `in no packet more than ${most.toExponential(1)}`)
        // The measure would notice: one packet of the other voice, or all of it very softly.
        const strayed = Int16Array.from(samples)
        for (let i = 0; i < 160; i++) strayed[16_000 + i] = tone(other)(i, 1)[0] ?? 0
        t.ok(mostInAPacket(other, strayed, 8000) > 0.9, `one packet of ${other} Hz would be noticed`)
        const mixed = samples.map((sample, i) => sample + ((tone(other)(i, 1)[0] ?? 0) >> 2))
        t.ok(shareInPieces(other, mixed, 8000) > 0.002, `${other} Hz mixed in at a quarter would be noticed`)
      }
    }
    const codes = (await codesInFilm(join(folder, 'derived/replay.webm'), 5)).filter(code => code !== undefined)
    t.ok(codes.length > 10, `${codes.length} frames of the replay read`)
    t.same([...new Set(codes.map(code => code.camera))], [camera], 'only this caller’s camera')
  }
})
