import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { AskedTransfer } from '../../scripts/simulated-caller/asked-transfer.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import { writeWav } from '../../scripts/simulated-caller/wav.ts'
import type { RecordSpans } from '../../signaling/protocol/record-span.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { readEntries, readManifest } from '../harness/archive-reader.ts'
import { phoneHears } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { watchFrames } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { simulateScreen } from '../harness/simulated-screen.ts'
import { meanSquare } from '../harness/tone.ts'
import { until, within } from '../harness/until.ts'

// The voice panel of a real workbench, a real phone page, and a SIP phone on the wire.
t.setTimeout(180_000)

const CALLER_HZ = 440
const AGENT_HZ = 620
const MUSIC_HZ = 880
const EVENT_TYPE = 101

const folder = t.testdir({})
const holdMusicFile = join(folder, 'hold.wav')
await writeFile(holdMusicFile, writeWav({ sampleRateHz: 8000, samples: tone(MUSIC_HZ)(0, 16_000) }))
const server = await InnerServer.start({ voice: { holdMusicFile } })
const [agentBrowser, phoneBrowser] = await Promise.all([
  TestBrowser.launch({ microphoneHz: AGENT_HZ, language: 'en-US' }),
  TestBrowser.launch({ phone: true, language: 'en-US', camera: { camera: 5, text: '', colour: '#0050d0' } }),
])
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
const transfers: AskedTransfer[] = []
const sip = await SipPhone.create({ server: server.sip('udp'), number: '13800138000' })
const call = await sip.call('4008001234', {
  says: tone(CALLER_HZ),
  onTransfer: transfer => {
    transfers.push(transfer)
    return 202
  },
})
await within('the ringing', 5000, call.rings)
await agent.answer()
await within('the answer', 10_000, call.answered)
await agent.page.locator('.invite select').selectOption('en')
const phone = await PhonePage.open(phoneBrowser, (await agent.sendCode()).link)
await phone.startCamera()
t.teardown(async () => {
  sip.close()
  await Promise.all([agentBrowser.close(), phoneBrowser.close()])
  await server.close()
})
const state = (wanted: string) =>
  until(
    `voice ${wanted}`,
    async () => (await agent.by('voice-state').getAttribute('data-state', { timeout: 1000 })) === wanted,
  )
const frames = async () => (await watchFrames(agent.by('remote-video'), 600).catch(() => [])).length
const heardNow = () => {
  const nowMs = wallClockMs()
  return call.voice.samplesBetween(nowMs - 400, nowMs)
}

t.test(
  '[VC40] hold: music at the phone, the page says so, the picture rests; taken back, all of it is back',
  async t => {
    await Promise.all([agent.hears(CALLER_HZ), phoneHears(call, AGENT_HZ)])
    await until('the picture', async () => (await frames()) > 3)
    await agent.by('hold').click()
    await state('hold-held')
    t.equal(call.offers.at(-1)?.direction, 'sendonly', 'on the wire')
    await phoneHears(call, MUSIC_HZ, { windowMs: 500 })
    await phone.by('veil').waitFor()
    t.match(await phone.by('veil').textContent(), /on hold.*by itself/s)
    t.match(await agent.by('camera-state').textContent(), /On hold/)
    await until('no picture any more', async () => (await frames()) <= 1)
    const version = call.offers.at(-1)?.version ?? 0
    await agent.page.keyboard.press('Shift+L')
    await state('connected')
    t.match(call.offers.at(-1), { direction: 'sendrecv', version: version + 1 })
    await Promise.all([agent.hears(CALLER_HZ), phoneHears(call, AGENT_HZ, { windowMs: 500 })])
    await phone.by('veil').waitFor({ state: 'hidden' })
    await until('the picture again', async () => (await frames()) > 3)
  },
)

t.test(
  '[VC54] on hold a shared screen rests too, said on both pages, and nothing is drawn on a picture that stands',
  async t => {
    await agent.page.evaluate(simulateScreen, { colour: '#c800c8' })
    t.ok(await agent.by('tool-pen').isEnabled())
    await agent.page.keyboard.press('Shift+P')
    await agent.by('push-tab-share').click()
    await agent.by('share-start').click()
    await phone.by('share').waitFor()
    const count = () =>
      phone.by('share-video').evaluate(node => (node as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames)
    const screenFrames = async () => {
      const before = await count()
      await sleep(500)
      return (await count()) - before
    }
    await until('the screen on the phone', async () => (await screenFrames()) > 2, { timeoutMs: 30_000 })
    await agent.by('hold').click()
    await state('hold-held')
    await phone.by('veil').waitFor()
    t.match(await phone.by('veil').textContent(), /what the agent shows you is paused/is)
    t.match(await agent.by('share-held').textContent(), /screen is not sent/)
    t.match(await agent.by('share-state').textContent(), /screen is not sent/)
    await until('no screen any more', async () => (await screenFrames()) <= 1)
    await agent.by('share-stop').click()
    await phone.by('share').waitFor({ state: 'hidden' })
    t.match(await phone.by('veil').textContent(), /Your picture is paused/, 'the camera rests as well')
    t.ok(await agent.by('tool-pen').isDisabled(), 'no drawing on a picture that stands')
    // Shared while on hold: it waits for the caller.
    await agent.by('share-start').click()
    await phone.by('share').waitFor()
    await sleep(1000)
    t.equal(await screenFrames(), 0)
    await agent.by('hold').click()
    await state('connected')
    await phone.by('veil').waitFor({ state: 'hidden' })
    await until('the screen again', async () => (await screenFrames()) > 2)
    t.equal(await agent.by('share-held').count(), 0)
    await agent.by('share-stop').click()
    await phone.by('share').waitFor({ state: 'hidden' })
    await until('the picture again', async () => (await frames()) > 3)
    t.ok(await agent.by('tool-pen').isEnabled())
    await agent.page.keyboard.press('Escape')
  },
)

t.test('[VC40] keys go out as RFC 4733 events, mute is silence on the wire', async t => {
  await agent.page.keyboard.press('Shift+D')
  await agent.by('keys').waitFor()
  const from = call.voice.heard.length
  for (const key of ['4', '2', '#']) await agent.page.keyboard.press(key)
  const ends = () => [
    ...new Map(
      call.voice.heard
        .slice(from)
        .filter(({ payloadType, payload }) => payloadType === EVENT_TYPE && (payload[1] ?? 0) & 0x80)
        .map(({ timestamp, payload }) => [timestamp, '0123456789*#'[payload[0] ?? 0]] as const),
    ).values(),
  ]
  await until('three keys', () => ends().length === 3)
  t.same(ends(), ['4', '2', '#'])
  await agent.page.keyboard.press('Escape')
  await phoneHears(call, AGENT_HZ, { windowMs: 500 })
  await agent.page.keyboard.press('m')
  await until('silence', () => heardNow().length > 1600 && meanSquare(heardNow()) < 100)
  await agent.page.keyboard.press('m')
  await phoneHears(call, AGENT_HZ, { windowMs: 500 })
})

const sendTo = async (number: string) => {
  await agent.page.keyboard.press('Shift+X')
  await agent.by('transfer-to').fill(number)
  await agent.page.keyboard.press('Enter')
  return until('the REFER', () => transfers.find(({ referTo }) => referTo.includes(number)))
}

t.test('[VC40] a transfer that fails says why and the caller is back; one that succeeds ends the call', async t => {
  const failing = await sendTo('8002')
  await state('transfer-asked')
  t.equal(await failing.tell(180, 'Ringing'), 200)
  await state('transfer-ringing')
  await failing.tell(486, 'Busy Here')
  await agent.by('voice-failed').waitFor()
  t.match(await agent.by('voice-failed').textContent(), /8002.*busy/)
  await state('connected')
  await Promise.all([agent.hears(CALLER_HZ), phoneHears(call, AGENT_HZ, { windowMs: 500 })])
  await agent.by('voice-failed-read').click()
  const done = await sendTo('8003')
  await done.tell(100, 'Trying')
  await done.tell(200, 'OK')
  await agent.by('ended-call').waitFor()
  t.match(await agent.by('ended-call').textContent(), /transferred/i)
  t.match(await within('BYE', 5000, call.ended), { by: 'peer' })
})

t.test('[VC40] the record shows hold, keys and transfers', async t => {
  const sealed = await server.sealedArchive({ muxed: true })
  t.match(await readManifest(sealed), { end: { cause: 'transferred' } })
  const entries = await readEntries(sealed)
  const types = entries
    .map(({ type }) => type)
    .filter(type => /^(voice\.(held|retrieved|muted|key)|transfer\.|camera\.(paused|resumed|interrupted))/.test(type))
  t.same(
    types.filter(type => !/muted|key/.test(type)),
    [
      ...['voice.held', 'camera.paused', 'voice.retrieved', 'camera.resumed'],
      ...['voice.held', 'camera.paused', 'voice.retrieved', 'camera.resumed'],
      ...['transfer.asked', 'voice.held', 'camera.paused', 'transfer.failed', 'voice.retrieved', 'camera.resumed'],
      ...['transfer.asked', 'voice.held', 'camera.paused', 'transfer.done'],
    ],
    'the picture pauses and comes back with the voice',
  )
  t.same(
    types.filter(type => /muted|key/.test(type)).sort(),
    ['voice.key', 'voice.key', 'voice.key', 'voice.muted', 'voice.muted'],
    'mute does not wait for the keys under way',
  )
  const held = entries.filter(({ type }) => type === 'voice.held' || type === 'voice.retrieved')
  const { spans } = JSON.parse(await readFile(join(sealed, 'derived/spans.json'), 'utf8')) as RecordSpans
  const holds = spans.filter(({ kind }) => kind === 'hold')
  t.equal(holds.length, 4)
  t.match(holds[0], { by: 'agent', fromMs: Math.round(held[0]?.atMs ?? 0), toMs: Math.round(held[1]?.atMs ?? 0) })
  const pauses = spans.filter(({ kind, track }) => kind === 'pause' && track === 'caller-camera')
  t.equal(pauses.length, 4)
  t.ok(Math.abs((pauses[0]?.fromMs ?? 0) - (holds[0]?.fromMs ?? 1000)) < 100, 'the picture pauses with the voice')
  t.same(complaintsOf(agentBrowser, phoneBrowser), [])
})
