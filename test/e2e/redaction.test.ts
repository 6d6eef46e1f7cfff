import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { pino } from 'pino'
import type { Page } from 'playwright-core'
import t from 'tap'
import { FaceComparer } from '../../media/picture/face/face-comparer.ts'
import { InnerServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { DEMO_FACES, demoFaces } from '../harness/demo-face.ts'
import { ReviewPage } from '../harness/review-page.ts'
import { SimulatedCall } from '../harness/simulated-call.ts'
import { needTool, runTool } from '../harness/tools.ts'
import { unzip } from '../harness/unzip.ts'

// A real call that shows two real faces; two people in two browsers cover them, let the copy go, and take the originals out.
t.setTimeout(400_000)
const NUMBER = '13800138000'
const taken = await mkdtemp(join(tmpdir(), 'taken-'))
const server = await InnerServer.start()
const detector = await FaceComparer.create({ logger: pino({ level: 'silent' }), timeoutMs: 120_000 })
const askerBrowser = await TestBrowser.launch({ language: 'en-US' })
const officerBrowser = await TestBrowser.launch({ language: 'zh-CN' })
t.teardown(async () => {
  await Promise.all([askerBrowser.close(), officerBrowser.close()])
  await detector.close()
  await server.close()
  await rm(taken, { recursive: true, force: true })
})
const photo = await demoFaces()
const call = await SimulatedCall.start(server, photo)
await call.agent.signaling.request('stage.freeze', { callId: call.callId })
await call.told('page.added')
await sleep(3_000)
await call.call.hangUp()
const folder = await server.sealedArchive({ muxed: true, timeoutMs: 120_000 })
call.close()

const asker = await ReviewPage.signIn(askerBrowser, server, await server.person('reviewer'))
const officer = await ReviewPage.signIn(officerBrowser, server, await server.person('compliance'))
const copyIs = (review: ReviewPage, what: string) =>
  review.page.locator(`[data-test="redact-copy"]${what}`).waitFor({ timeout: 120_000 })
const reopen = (review: ReviewPage) => review.open({ number: NUMBER, reason: 'to answer a request' })

const shot = async (page: Page, name: string) => {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) })
}

async function fetched(page: Page, click: () => Promise<void>, name: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()])
  const path = join(taken, name)
  await download.saveAs(path)
  return readFile(path)
}
/** A frame of a film as a picture. */
async function frameOf(film: string, atS: number): Promise<Buffer> {
  const out = `${film}-${atS}.png`
  const args = ['-y', '-v', 'error', '-ss', `${atS}`, '-i', film, '-frames:v', '1', out]
  const { status, stderr } = await runTool(process.env.FFMPEG_BIN ?? needTool('ffmpeg', 'ffmpeg'), args)
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`)
  return readFile(out)
}

t.test(
  '[RX13] real faces on a page of a call are suggested where they are, and covered where a person agrees',
  async t => {
    await asker.open({ number: NUMBER, reason: 'a third person asked' })
    const { page } = asker
    await asker.by('redact-begin').click()
    await asker.by('redact-reason').fill('faces of third persons')
    await asker.by('redact-faces').click()
    const found = page.locator('[data-test="redact-suggestion"]')
    await found.first().waitFor({ timeout: 120_000 })
    t.equal(await found.count(), DEMO_FACES.length, 'as many as there are')
    for (const one of await found.all()) await one.check()
    await asker.by('redact-tab-pages').click()
    const boxes = await page.locator('[data-test="redact-box"]').evaluateAll(all =>
      all.map(node => {
        const outer = node.parentElement?.getBoundingClientRect() ?? new DOMRect()
        const box = node.getBoundingClientRect()
        const [x, y] = [(box.x - outer.x) / outer.width, (box.y - outer.y) / outer.height]
        return { x, y, width: box.width / outer.width, height: box.height / outer.height }
      }),
    )
    for (const nose of DEMO_FACES)
      t.ok(
        boxes.some(
          box => nose.x > box.x && nose.x < box.x + box.width && nose.y > box.y && nose.y < box.y + box.height,
        ),
        `a box is over the face at ${nose.x}, ${nose.y}`,
      )
    t.ok(
      boxes.every(box => box.width < 0.4 && box.height < 0.7),
      'and not over the whole picture',
    )

    await asker.by('redact-tab-film').click()
    await asker.by('redact-video').waitFor()
    await asker.by('redact-fromMs').fill('0')
    await asker.by('redact-fromMs').blur()
    await asker.by('redact-toMs').fill('3600')
    await asker.by('redact-toMs').blur()
    const place = await asker.by('redact-place').boundingBox()
    if (!place) throw new Error('no film')
    await page.mouse.move(place.x + 2, place.y + 2)
    await page.mouse.down()
    await page.mouse.move(place.x + place.width * 0.9, place.y + place.height * 0.98, { steps: 5 })
    await page.mouse.up()
    await asker.by('redact-add-film').click()
    t.equal(await asker.by('redact-count').getAttribute('data-count'), `${DEMO_FACES.length + 1}`)
    await asker.by('redact-apply').click()
    await asker.by('redact-dialog').waitFor({ state: 'detached' })
    await copyIs(asker, '[data-state="applied"]')
  },
)

t.test('[RX13] nobody finds a face in the copy; another person lets it go, each by their own buttons', async t => {
  t.ok(await asker.by('redact-ask').isDisabled(), 'not without a reason')
  await asker.by('redact-release-reason').fill('letter of the court')
  await asker.by('redact-ask').click()
  await copyIs(asker, '[data-release="asked"]')
  t.equal(await asker.by('redact-agree').count(), 0, 'nobody agrees to what they asked for')

  await reopen(officer)
  await copyIs(officer, '[data-release="asked"]')
  await officer.by('redact-release-reason').fill('looked at, nothing left')
  await officer.by('redact-card').scrollIntoViewIfNeeded()
  await shot(officer.page, 'redaction-to-answer')
  await officer.by('redact-agree').click()
  await copyIs(officer, '[data-release="released"]')
  t.match(await officer.by('redact-release-state').textContent(), /Demo compliance officer/)

  await reopen(asker)
  await copyIs(asker, '[data-release="released"]')
  const links = asker.by('redact-copy').locator('details a')
  await asker.by('redact-copy').locator('summary').click()
  await shot(asker.page, 'redaction-released')
  const paths = await links.allTextContents()
  const at = (ends: string) => paths.findIndex(path => path.endsWith(ends))
  const picture = await fetched(asker.page, () => links.nth(at('.png')).click(), 'covered.png')
  t.equal((await detector.find(photo)).length, DEMO_FACES.length, 'the detector finds them in the original')
  t.same(await detector.find(picture), [], 'and none in the copy')
  await fetched(asker.page, () => links.nth(at('replay-redacted.webm')).click(), 'covered.webm')
  const original = await frameOf(join(folder, 'derived/replay.webm'), 3)
  t.equal((await detector.find(original)).length, DEMO_FACES.length, 'in the film, too')
  t.same(await detector.find(await frameOf(join(taken, 'covered.webm'), 3)), [], 'and none in the copy of the film')
})

t.test('[EP25] originals asked for, agreed by another person, built, fetched and verified, all by buttons', async t => {
  await asker.by('release-ask').click()
  await asker.by('release-reason').fill('letter of the court')
  await asker.by('release-send').click()
  await asker.by('release-sent').waitFor()
  await asker.page.keyboard.press('Escape')

  await officer.by('section-release').click()
  t.ok(await officer.by('release-agree').isDisabled(), 'not without a reason')
  await officer.by('release-answer').fill('court order seen')
  await shot(officer.page, 'originals-to-answer')
  await officer.by('release-agree').click()
  await officer.page.locator('[data-test="release"][data-state="agreed"]').waitFor()

  await shot(officer.page, 'originals-agreed')
  await asker.by('export-evidence').click()
  await asker.by('export-reason').fill('letter of the court')
  await asker.by('export-start').click()
  await asker.by('export-job').waitFor()
  await asker.page.locator('[data-test="export-job"][data-state="done"]').waitFor({ timeout: 120_000 })
  const told = await asker.by('export-job').locator('code').textContent()
  const zip = await fetched(asker.page, () => asker.by('export-download').click(), 'evidence.zip')
  t.equal(told?.replace('SHA-256 ', ''), createHash('sha256').update(zip).digest('hex'), 'the hash that is told')
  const to = join(taken, 'unpacked')
  const names = await unzip(zip, to)
  t.ok(names.includes('originals/manifest.json') && names.includes('index.html'))
  const opened = await askerBrowser.context.newPage()
  await opened.goto(pathToFileURL(join(to, 'index.html')).href)
  await opened.locator('[data-test="events"] li').first().waitFor()
  t.equal(
    await opened.locator('[data-test="verdict-chip"].intact').count(),
    1,
    'and by the page in it, without a server',
  )
  await shot(opened, 'package')
  const verifier = ['verify/tongping-verify.mjs', 'originals', '--key', 'verify/seal-key.pub.pem']
  const { status, stdout, stderr } = spawnSync(process.execPath, verifier, { cwd: to, encoding: 'utf8', env: {} })
  t.equal(status, 0, stderr)
  t.match(stdout, /intact/i)
  t.same(
    [...askerBrowser.complaints, ...officerBrowser.complaints].filter(one => !/40[13]/.test(one)),
    [],
  )
})
