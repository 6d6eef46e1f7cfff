import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { readEntries } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { PAPER, TEXT_BAND } from '../harness/fake-camera.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'

t.setTimeout(220_000)

const SERIAL = 'TP-2026-0815'
const QR = 'https://help.example/d/HG8245'
const server = await InnerServer.start()
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620, language: 'en-US' })
const phoneBrowser = await TestBrowser.launch({
  phone: true,
  camera: { camera: 6, text: `SN: ${SERIAL}`, colour: '#0050d0', qr: QR },
})
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close()])
  await server.close()
})
await agentBrowser.context.grantPermissions(['clipboard-read', 'clipboard-write', 'microphone'])
const { phone, call } = await callUp({ server, agent, says: tone(440) })
t.teardown(() => phone.close())
const { link } = await agent.sendCode()
const phonePage = await PhonePage.open(phoneBrowser, link)
await phonePage.startCamera()
await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
const copied = () => agent.page.evaluate(() => navigator.clipboard.readText())

t.test('[WB50] a code before the lens is found in the live picture and put on record once', async t => {
  await agent.by('scan-codes').click()
  await until('the code', async () => (await agent.by('scan-state').textContent()) === QR, { timeoutMs: 40_000 })
  const points = await agent.page.locator('[data-test="code-outlines"] polygon').getAttribute('points')
  const area = await agent.by('code-outlines').boundingBox()
  const [x = 0, y = 0] = (points ?? '').split(' ')[0]?.split(',').map(Number) ?? []
  const at = { x: x / (area?.width ?? 1), y: y / (area?.height ?? 1) }
  t.ok(
    at.x > PAPER.x && at.x < PAPER.x + 0.2 && at.y > PAPER.y && at.y < PAPER.y + 0.2,
    `outlined from ${at.x}, ${at.y}`,
  )
  await agent.by('code').waitFor()
  t.match(await agent.by('code').textContent(), QR)
  // Some more readings of the same code pass; nothing more is reported (counted in the record below).
  await until('the outline to have moved on', async () => (await agent.by('code-outlines').count()) === 1)
  await agent.by('scan-codes').click()
  await agent.by('code-outlines').waitFor({ state: 'detached' })
})

t.test('[WB51] the serial plate is dragged out of the page, read, corrected and copied', async t => {
  const read = async () => {
    await agent.by('freeze').click()
    await agent.by('stage-canvas').waitFor()
    await agent.page.keyboard.press('r')
    await agent.by('region-layer').waitFor()
    await agent.drag([
      [0.02, TEXT_BAND.y - 0.01],
      [0.98, TEXT_BAND.y + TEXT_BAND.height + 0.01],
    ])
    return until(
      'a reading',
      async () => (await agent.by('ocr-text').count()) > 0 && agent.by('ocr-text').inputValue(),
      {
        timeoutMs: 40_000,
      },
    )
  }
  let text = await read()
  // On a loaded machine the encoder's first pictures are poor; then a person freezes once more, and so does this test.
  for (let again = 0; again < 2 && !text.includes(SERIAL); again += 1) {
    t.comment(`read ${JSON.stringify(text)}; one more picture`)
    await agent.by('live').click()
    await agent.by('stage-canvas').waitFor({ state: 'detached' })
    text = await read()
  }
  t.match(text, SERIAL)
  t.match(await agent.by('findings').textContent(), SERIAL, 'the operator’s pattern found it')
  await agent.page.locator('[data-test="findings"] button').first().click()
  await until('the serial number in the clipboard', async () => (await copied()) === SERIAL)
  await agent.by('ocr-text').fill(`SN: ${SERIAL}/B`)
  await agent.by('save-correction').click()
  await until('the correction', async () => /corrected/.test((await agent.by('confidence').textContent()) ?? ''))
  await agent.page.locator('.reading .row.between button').last().click()
  await until('the corrected text in the clipboard', async () => (await copied()) === `SN: ${SERIAL}/B`)
})

t.test('[WB52] codes of a page are read by the server; the page tells where its picture comes from', async t => {
  await agent.page.keyboard.press('Escape')
  await agent.by('read-codes').click()
  await until('a code of the page', async () => /Frozen picture/.test((await agent.by('code').textContent()) ?? ''), {
    timeoutMs: 40_000,
  })
  t.match(await agent.by('code').textContent(), QR)
  t.equal(await agent.by('provenance').getAttribute('data-source'), 'server-key-frame')
  await until('the phone to have seen it', async () => (await agent.by('film').getAttribute('data-phone')) === 'seen')
  t.equal(await agent.by('mirror').getAttribute('data-look'), 'same', 'both sides look at the same page')
})

t.test('[WB53] another kind of call takes its tools away on the spot', async t => {
  await agent.by('scenario').selectOption('identity')
  await agent.by('consent-document').waitFor()
  await agent.by('read-codes').waitFor({ state: 'detached' })
  t.equal(await agent.by('guest').count(), 0)
})

t.test('[WB54] the record has the region, the correction, each code once, and the kind of call', async t => {
  await agent.hangUp()
  await call.ended
  const entries = await readEntries(await server.sealedArchive())
  const of = <T extends JournalEntry['type']>(type: T) =>
    entries.filter((entry): entry is Extract<JournalEntry, { type: T }> => entry.type === type)
  const corrected = of('text.corrected').at(-1)
  const reading = of('text.recognised').find(entry => entry.seq === corrected?.reading)
  t.ok(reading?.result.region, 'the reading that was corrected is of a region')
  t.equal(corrected?.text, `SN: ${SERIAL}/B`)
  const live = of('codes.found').filter(entry => 'rtpTimestamp' in entry.result.at)
  t.equal(live.length, 1, 'seen in the live picture many times, on record once')
  t.equal(of('codes.found').length, 2)
  t.equal(of('scenario.chosen').at(-1)?.scenario, 'identity')
  t.same(complaintsOf(agentBrowser, phoneBrowser), [], 'no page complained')
})
