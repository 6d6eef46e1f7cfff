import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { mixedCall, NUMBER } from '../../server/evidence/export/fixture.ts'
import { OuterServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { ReviewPage } from '../harness/review-page.ts'
import { until } from '../harness/until.ts'
import { unzip } from '../harness/unzip.ts'

t.setTimeout(240_000)

t.test(
  '[EP15] in the console: originals refused, a viewing copy made and fetched; its page opens from a folder and plays',
  async t => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tongping-data-'))
    const call = await mixedCall(t)
    await cp(call.folder, join(dataDir, 'recordings', relative(call.root, call.folder)), { recursive: true })
    await cp(join(call.root, 'keys'), join(dataDir, 'secrets'), { recursive: true })
    const server = await OuterServer.start({ dataDir })
    t.teardown(() => server.close())
    const browser = await TestBrowser.launch()
    t.teardown(() => browser.close())
    const taken = await mkdtemp(join(tmpdir(), 'taken-'))
    t.teardown(() => rm(taken, { recursive: true, force: true }))

    const review = await ReviewPage.signIn(browser, server, await server.person('reviewer'))
    const { page } = review
    const shot = async (name: string, of = page) => {
      if (process.env.SHOTS) await of.screenshot({ path: join(process.env.SHOTS, `${name}.png`) })
    }
    await review.open({ number: NUMBER, reason: 'complaint' })
    await review.by('export-card').scrollIntoViewIfNeeded()
    t.ok(await review.by('export-start').isDisabled(), 'not without a reason')
    await review.by('export-evidence').click()
    await review.by('export-reason').fill('complaint 4711')
    await review.by('export-start').click()
    await review.by('export-needs-release').waitFor()
    await shot('refused')

    await review.by('export-viewing').click()
    t.equal(await review.by('export-needs-release').count(), 0, 'what was refused is not said of another choice')
    await review.by('export-start').click()
    await review.by('export-job').waitFor()
    await shot('running')
    const job = page.locator('[data-test="export-job"][data-state="done"]')
    await job.waitFor({ timeout: 90_000 })
    await review.by('export-card').scrollIntoViewIfNeeded()
    await shot('done')
    const downloading = page.waitForEvent('download')
    await review.by('export-download').click()
    const download = await downloading
    t.equal(download.suggestedFilename(), `${call.callId}-viewing.zip`)
    const zip = join(taken, 'viewing.zip')
    await download.saveAs(zip)
    const names = await unzip(await readFile(zip), taken)
    t.ok(names.includes('index.html') && !names.some(name => name.startsWith('originals/')))

    const opened = await browser.context.newPage()
    const asked: string[] = []
    opened.on('request', request => {
      if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url())
    })
    await opened.goto(pathToFileURL(join(taken, 'index.html')).href)
    await opened.locator('[data-test="events"] li').first().waitFor()
    t.equal(await opened.locator('[data-test="verdict-chip"].intact').count(), 1)
    t.match(await opened.title(), /阅览副本|Viewing copy/)
    t.match(await opened.locator('h1').textContent(), /阅览副本|Viewing copy/)
    t.notMatch(await opened.locator('body').textContent(), NUMBER)
    const video = opened.locator('[data-test="replay-video"]')
    await until('the film', () => video.evaluate(node => (node as HTMLVideoElement).readyState >= 2))
    await opened.locator('[data-test="play"]').click()
    await until('it plays', () => video.evaluate(node => (node as HTMLVideoElement).currentTime > 0.5))
    await shot('package', opened)
    t.same(asked, [], 'nothing is asked of any network')
    t.same(
      browser.complaints.filter(one => !/40[13]/.test(one)),
      [],
    )
  },
)
