import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { KeyFrameCatcher } from '../../media/picture/key-frame-catcher.ts'
import { pdfFixture } from '../../media/picture/pdf-fixture.ts'
import { pictureOfVp8KeyFrame } from '../../media/picture/picture.ts'
import { verifyArchive } from '../../recordings/seal/verify-archive.ts'
import { readRtpJournal } from '../../recordings/tracks/read-rtp-journal.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import { runLibrary } from '../../scripts/library.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { readEntries, readManifest } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { simulateScreen } from '../harness/simulated-screen.ts'
import { needTool, runTool } from '../harness/tools.ts'
import { until } from '../harness/until.ts'

t.setTimeout(280_000)

const server = await InnerServer.start({ push: { linkDomains: ['example.com'] } })
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
const phoneBrowser = await TestBrowser.launch({ phone: true, camera: { camera: 5, text: 'METER', colour: '#0050d0' } })
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close()])
  await server.close()
})
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
const { phone, call } = await callUp({ server, agent, says: tone(440) })
t.teardown(() => phone.close())
const { link } = await agent.sendCode()
const phonePage = await PhonePage.open(phoneBrowser, link)
await phoneBrowser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
await phonePage.startCamera()
await until('the camera', async () => (await agent.inviteState()) === 'camera-live')

/** Share of pixels of an element that are nearly this colour. */
async function shareOfColour(page: PhonePage, name: string, [r, g, b]: readonly [number, number, number]) {
  const { data, info } = await sharp(await page.by(name).screenshot())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  let near = 0
  for (let at = 0; at < data.length; at += 3) {
    const away = Math.abs((data[at] ?? 0) - r) + Math.abs((data[at + 1] ?? 0) - g) + Math.abs((data[at + 2] ?? 0) - b)
    if (away < 60) near += 1
  }
  return near / (info.width * info.height)
}
const phoneState = () =>
  agent
    .by('push-last')
    .getAttribute('data-state', { timeout: 2_000 })
    .catch(() => null)

t.test('[PUSH9] a card reaches the phone in large type, is copied there, and the agent sees that', async t => {
  await agent.page.keyboard.press('Shift+P')
  await agent.by('push-about-wifi').click()
  await agent.by('push-field-network').fill('Home-5G')
  await agent.by('push-field-password').fill('kX7-0OlI')
  await agent.page.keyboard.press('Enter')
  await phonePage.by('push-card').waitFor()
  const values = phonePage.page.locator('[data-test="push-value"]')
  t.same(await values.allTextContents(), ['Home-5G', 'kX7-0OlI'])
  const size = await values.nth(1).evaluate(node => Number.parseFloat(getComputedStyle(node).fontSize))
  t.ok(size >= 32, `${size} px`)
  await until('seen', async () => (await phoneState()) === 'seen')
  await phonePage.page.locator('[data-test="push-copy"]').nth(1).click()
  await until('copied', async () => (await phoneState()) === 'copied')
  t.equal(await phonePage.page.evaluate(() => navigator.clipboard.readText()), 'kX7-0OlI')
  await phonePage.by('look').click()
  await until('the agent to see where the caller looks', async () => {
    return (await agent.by('mirror').getAttribute('data-look')) === 'other'
  })
  await phonePage.by('look').click()
  await until('both at the same', async () => (await agent.by('mirror').getAttribute('data-look')) === 'same')
})

t.test('[PUSH4] a link card shows its host and opens only by the caller’s tap; other domains are refused', async t => {
  await agent.by('push-about-link').click()
  await agent.by('push-field-url').fill('https://evil.test/')
  t.ok(await agent.by('push-send').isDisabled(), 'said before it is sent')
  await agent.by('push-field-url').fill('https://shop.example.com/pay?order=1')
  await agent.by('push-send').click()
  const open = phonePage.by('push-open')
  await open.waitFor()
  t.equal(await phonePage.by('push-host').textContent(), 'shop.example.com')
  t.equal(await open.getAttribute('rel'), 'noopener noreferrer')
  t.equal(await open.getAttribute('target'), '_blank')
})

t.test('[PUSH9] a picture, a page of a PDF and a diagram appear on the phone as they are', async t => {
  const red = await sharp({ create: { width: 600, height: 400, channels: 3, background: '#e01010' } })
    .jpeg()
    .toBuffer()
  await agent.by('push-tab-file').click()
  await agent.by('push-file').setInputFiles({ name: '接线 图.jpg', mimeType: 'image/jpeg', buffer: red })
  await agent.by('push-preview').waitFor()
  t.notOk(await phonePage.by('stage').isVisible(), 'nothing is shown before the agent says so')
  await agent.by('push-send').click()
  await phonePage.by('stage').waitFor()
  await until('the red picture', async () => (await shareOfColour(phonePage, 'stage', [0xe0, 0x10, 0x10])) > 0.2)

  const pdf = pdfFixture([
    { words: 'One', rgb: [0, 0.6, 0] },
    { words: 'Two', rgb: [0, 0, 1] },
  ])
  await agent.by('push-file').setInputFiles({ name: 'manual.pdf', mimeType: 'application/pdf', buffer: pdf })
  await agent.by('push-send').click()
  await agent.by('push-document').waitFor()
  await agent.page.locator('[data-test="push-pdf-page"]').nth(1).click()
  await until('the blue square', async () => (await shareOfColour(phonePage, 'stage', [0, 0, 255])) > 0.01)
  t.equal(await shareOfColour(phonePage, 'stage', [0, 153, 0]), 0, 'not the first page')
  await until('seen', async () => (await phoneState()) === 'seen')

  const file = join(t.testdir({}), 'green.png')
  await sharp({ create: { width: 800, height: 600, channels: 3, background: '#10c040' } }).toFile(file)
  const about = ['--product', 'Boiler X', '--fault', 'E7', '--title', 'Open the valve']
  const said: string[] = []
  // Beside the running server, as an operator does.
  const env = { TONGPING_DATA_DIR: server.dataDir }
  t.equal(await runLibrary(['add', file, ...about], { env, say: line => said.push(line) }), 0)
  t.match(said, [/\tv1\tBoiler X\tE7\t/])
  await agent.by('push-tab-library').click()
  await agent.by('push-search').fill('boiler e7')
  await agent.by('push-diagram').click()
  await until('the green diagram', async () => (await shareOfColour(phonePage, 'stage', [0x10, 0xc0, 0x40])) > 0.2)
})

t.test('[PUSH10] the agent’s screen is seen on the phone, without sound, and ends with either stop', async t => {
  await agent.page.evaluate(simulateScreen, { colour: '#c800c8' })
  await agent.by('push-tab-share').click()
  await agent.by('share-start').click()
  await phonePage.by('share').waitFor()
  await until(
    'the screen on the phone',
    async () => (await shareOfColour(phonePage, 'share-video', [200, 0, 200])) > 0.1,
    {
      timeoutMs: 30_000,
    },
  )
  t.equal(await phonePage.page.locator('audio').count(), 0)
  t.ok(await phonePage.by('share-video').evaluate(node => (node as HTMLVideoElement).muted))
  // Who looks on sees it too.
  const watch = new PhonePage(await agentBrowser.context.newPage())
  await watch.page.goto(`${server.url}/watch`)
  const supervisor = await server.person('supervisor')
  await watch.by('sign-in-name').fill(supervisor.name)
  await watch.by('sign-in-password').fill(supervisor.password)
  await watch.by('sign-in-submit').click()
  await watch.by('watch-call').click()
  await until('the screen at a supervisor', async () => {
    const shown = await watch.by('watched-stage').getAttribute('data-showing')
    return shown === 'share' && (await shareOfColour(watch, 'watched-video', [200, 0, 200])) > 0.1
  })
  await watch.page.close()
  await agent.page.bringToFront()
  await until('both at the same', async () => (await agent.by('mirror').getAttribute('data-look')) === 'same')
  await agent.by('share-stop').click()
  await phonePage.by('share').waitFor({ state: 'hidden' })
  await agent.by('share-start').click()
  await phonePage.by('share').waitFor()
  await until('the screen again', async () => (await shareOfColour(phonePage, 'share-video', [200, 0, 200])) > 0.1, {
    timeoutMs: 30_000,
  })
  // The browser's own "stop sharing" ends the track.
  await agent.page.evaluate(() => (window as unknown as { endScreen(): void }).endScreen())
  await phonePage.by('share').waitFor({ state: 'hidden' })
})

t.test('[PUSH11] the record holds all that was shown and what became of it', async t => {
  await agent.hangUp()
  await call.ended
  const folder = await server.sealedArchive()
  const entries = await readEntries(folder)
  const count = (type: string) => entries.filter(entry => entry.type === type).length
  t.equal(count('page.copied'), 1)
  t.equal(count('share.started'), 2)
  t.equal(count('share.stopped'), 2)
  t.equal(count('file.received'), 1)
  t.ok(count('page.seen') >= 3)
  t.ok(entries.some(entry => entry.type === 'caller.looked' && entry.at === 'share'))
  const { pages, tracks, files } = await readManifest(folder)
  t.same(
    pages.map(page => (page.kind === 'pushed' ? page.from.kind : page.kind)),
    ['card', 'card', 'file', 'pdf', 'library'],
  )
  for (const page of pages) {
    if (page.kind !== 'pushed') continue
    t.ok(
      files.some(file => file.path === page.picture.file && file.sha256 === page.picture.sha256),
      page.title,
    )
  }
  const document = files.find(file => file.path.startsWith('documents/'))
  t.match((await readFile(join(folder, document?.path ?? ''))).subarray(0, 8).toString(), '%PDF-1.4', 'as it came')
  const screens = tracks.filter(track => track.track === 'agent-screen')
  t.equal(screens.length, 2)
  for (const { file, codec, packets } of screens) {
    t.equal(codec, 'VP8')
    t.ok(packets > 0, `${packets} packets`)
    t.match(await firstPixel(join(folder, file)), { near: true }, 'the kept track shows the screen')
  }
  t.same((await verifyArchive(new PlainCallFiles(folder))).problems, [])
  await server.sealedArchive({ muxed: true })
  const stopped = entries.findLast(entry => entry.type === 'share.stopped')
  const at = String(((stopped?.atMs ?? 0) - 100) / 1000)
  const film = ['-i', join(folder, 'derived/screen.webm'), '-ss', at, '-frames:v', '1']
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1']
  const { stdout, stderr } = await runTool(process.env.FFMPEG_BIN ?? needTool('ffmpeg', 'ffmpeg'), [
    ...['-v', 'error', ...film, ...raw],
  ])
  t.ok(nearScreen([...stdout.subarray(0, 3)]), `the film of the screen is on the call’s clock ${stderr.slice(-200)}`)
  t.same(complaintsOf(agentBrowser, phoneBrowser), [], 'no page complained')
})

/** The corner of the first key frame of a kept track. */
async function firstPixel(path: string): Promise<{ rgb: number[]; near: boolean }> {
  const catcher = new KeyFrameCatcher('VP8')
  const next = catcher.next(10_000)
  for await (const record of await readRtpJournal(path)) if (record.kind === 'rtp') catcher.push(record.body)
  const { webp } = await pictureOfVp8KeyFrame((await next).frame)
  catcher.close()
  const { data } = await sharp(webp).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const rgb = [...data.subarray(0, 3)]
  return { rgb, near: nearScreen(rgb) }
}

function nearScreen([r = 0, g = 0, b = 0]: readonly number[]): boolean {
  return Math.abs(r - 200) + g + Math.abs(b - 200) < 90
}
