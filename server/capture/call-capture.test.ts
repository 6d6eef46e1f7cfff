import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import type { Scenario } from '../../signaling/protocol/scenario.ts'
import { InnerServer } from '../../test/harness/app.ts'
import { readEntries, readManifest } from '../../test/harness/archive-reader.ts'
import { jsonOf, SimulatedCall } from '../../test/harness/simulated-call.ts'
import { until } from '../../test/harness/until.ts'
import { Scenarios } from '../scenarios/scenarios.ts'

t.setTimeout(180_000)

const camera = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#205080' } })
  .png()
  .toBuffer()
const jpeg = await sharp(camera).jpeg().toBuffer()
const folder = await mkdtemp(join(tmpdir(), 'tongping-capture-'))
const [usual] = (await Scenarios.load()).all
if (!usual) throw new Error('no scenario')
const scenarios: Scenario[] = [
  { ...usual, cardShutter: { maxMs: 60_000, pauseKeys: '*1', resumeKeys: '*0' } },
  { ...usual, id: 'unrecorded', recording: { voice: 'off', picture: 'off' } },
  {
    ...usual,
    id: 'by-hand',
    recording: { voice: 'manual', picture: 'manual' },
    consents: { recording: 'required', sms: 'required' },
  },
]
const file = join(folder, 'scenarios.json')
await writeFile(file, JSON.stringify(scenarios))
const server = await InnerServer.start({ scenariosFile: file })
const call = await SimulatedCall.start(server, camera)
t.teardown(async () => {
  call.close()
  await server.close()
  await rm(folder, { recursive: true })
})
const { callId } = call
const agent = call.agent.signaling
const phone = call.phone.signaling
const picture = { 'content-type': 'image/jpeg' }
const begin = () =>
  call.http('POST', '/uploads', { body: { name: 'a.jpg', type: 'image/jpeg', sizeBytes: jpeg.length } })
const scan = () => call.http('POST', '/scan', { body: jpeg, headers: picture })
/** Of the files of tracks the journal alone tells. */
const track = (type: 'track.opened' | 'track.closed', name: string) =>
  until(`${name} ${type}`, async () => {
    const [open] = await server.archives()
    const entries = open === undefined ? [] : await readEntries(open)
    return entries.some(entry => entry.type === type && entry.file === `tracks/${name}.rtpj`)
  })
const segment = (name: string) => track('track.opened', name)
const count = (type: string) => call.entries.filter(entry => entry.type === type).length

t.test('[CS10] [CS17] behind the shutter everything that captures is refused, whoever asks', async t => {
  const { pageId } = await agent.request('stage.freeze', { callId })
  await agent.request('capture.pause', { callId })
  t.match(await call.told('capture.paused'), { trigger: 'agent', limitMs: 60_000 })
  const refusals: Promise<unknown>[] = [
    agent.request('stage.freeze', { callId }),
    agent.request('text.read', { callId, pageId }),
    agent.request('codes.read', { callId, pageId }),
    agent.request('codes.seen', {
      callId,
      rtpTimestamp: 1,
      codes: [
        {
          format: 'qr',
          text: 'x',
          corners: [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
          ],
        },
      ],
    }),
    agent.request('document.read', { callId, pageId, kind: 'bank-card' }),
    agent.request('face.compare', { callId, documentPageId: pageId, facePageId: pageId }),
  ]
  for (const refused of refusals) await t.rejects(refused, /refused: paused/)
  const still = call.http('POST', `/pages/${pageId}/still`, {
    body: jpeg,
    headers: { ...picture, 'x-still-kind': 'photo' },
  })
  for (const answer of [await begin(), await scan(), await still]) t.match(answer, { status: 423 })
  t.match(jsonOf(await scan()), { code: 'paused' })
  await until('the phone to be told', () => call.phoneEntries.some(entry => entry.type === 'capture.paused'))
  await agent.request('capture.resume', { callId })
  t.match(await call.told('capture.resumed'), { because: 'agent' })
  await agent.request('stage.freeze', { callId })
})

/** All that is said in entries, without hashes, ids and numbers: any digits may stand in those by chance. */
const wordsOf = (entries: unknown) =>
  JSON.stringify(entries, (_key, value: unknown) => {
    if (typeof value === 'number') return undefined
    return typeof value === 'string' ? value.replaceAll(/[0-9a-f]{64}|[a-z]+_[0-9a-z]{20}/g, '') : value
  })

t.test('[CS13] the caller’s keys close and open it, where the scenario names them', async t => {
  call.call.voice.press('*1')
  t.match(await call.told('capture.paused', entry => entry.trigger === 'caller-keys'), { limitMs: 60_000 })
  call.call.voice.press('4111#*0')
  t.ok(await call.told('capture.resumed', entry => entry.because === 'caller-keys'))
})

t.test(
  '[CS2] recording taken back alone: nothing of the picture is kept from then on, and everything else goes on',
  async t => {
    await phone.request('consent.withdraw', { kind: 'recording' })
    await track('track.closed', 'caller-camera-1')
    await t.rejects(agent.request('stage.freeze', { callId }), /forbidden/)
    t.equal((await begin()).status, 403)
    t.equal((await scan()).status, 204)
    t.match(await call.told('scan.frame'), { picture: { file: '' } }, 'seen, not kept')
    t.equal(count('camera.stopped'), 0, 'the live picture goes on')
    t.equal(count('call.ended'), 0, 'and the call')
    await phone.request('consent.answer', {
      consent: { kind: 'recording', textVersion: 'test-1', language: 'zh-CN', given: true },
    })
    t.ok(await segment('caller-camera-2'))
    await until('a frame to be frozen', () => agent.request('stage.freeze', { callId }).then(() => true))
  },
)

t.test('[CS3] nothing is read by machines once the caller objects, asked or not', async t => {
  const { pageId } = await agent.request('stage.freeze', { callId })
  await phone.request('consent.withdraw', { kind: 'analysis' })
  await t.rejects(agent.request('text.read', { callId, pageId }), /forbidden/)
  await t.rejects(agent.request('codes.read', { callId, pageId }), /forbidden/)
})

t.test('[CS4] no text message before the caller was asked; a refusal is noted and none is sent', async t => {
  await agent.request('scenario.choose', { callId, scenario: 'by-hand' })
  await t.rejects(agent.request('invite.issue', { callId, language: 'en' }), /forbidden/)
  const sms = { given: false, textVersion: 'sms-1' }
  const invite = await agent.request('invite.issue', { callId, language: 'en', sms })
  t.equal(invite.delivery.channel, 'none')
  t.match(await call.told('consent.given', entry => entry.consent.kind === 'sms'), {
    recordedBy: 'agent',
    consent: sms,
  })
  const handedOver = count('invite.handed-over')
  await agent.request('invite.issue', { callId, language: 'en', sms: { ...sms, given: true } })
  await until('the message', () => count('invite.handed-over') > handedOver)
})

t.test('[CS5] [CS6] [CS8] off, by hand, and back: segments of their own, both sides are told', async t => {
  await until('the tracks to close', () => call.entries.some(entry => entry.type === 'recording.stopped'))
  await agent.request('recording.start', { callId })
  t.match(await call.told('recording.started'), { parts: ['voice', 'picture'], because: 'agent' })
  t.ok(await segment('caller-voice-2'))
  t.ok(await segment('caller-camera-3'))
  await until('the phone to be told', () => call.phoneEntries.some(entry => entry.type === 'recording.started'))
  await agent.request('scenario.choose', { callId, scenario: 'unrecorded' })
  await call.told('recording.stopped', entry => entry.because === 'scenario')
  await t.rejects(agent.request('recording.start', { callId }), /forbidden/)
})

t.test('[CS1] [CS7] the record: consents as records, no finding about what was not to be recorded', async t => {
  await call.call.hangUp()
  const sealed = await server.sealedArchive()
  const manifest = await readManifest(sealed)
  t.match(
    manifest.consents?.map(one => [one.kind, one.given, one.recordedBy, one.withdrawnAtMs !== undefined]),
    [
      ['camera', true, 'caller', false],
      ['recording', true, 'caller', true],
      ['recording', true, 'caller', false],
      ['sms', false, 'agent', false],
      ['sms', true, 'agent', false],
    ],
  )
  t.match(manifest.consents?.[0]?.device, { idHash: /^[0-9a-f]{16}$/ })
  t.same(manifest.findings, [])
  t.notMatch(wordsOf(await readEntries(sealed)), /4111/)
})
