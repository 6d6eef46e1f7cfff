import t from 'tap'
import { buildPages } from '../../scripts/build-pages.mjs'
import type { RecordJob } from '../../signaling/protocol/record-job.ts'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { until } from '../../test/harness/until.ts'
import { SimulatedArchive } from './harness/simulated-archive.ts'
import { simulatedFilm } from './harness/simulated-film.ts'

// A real Chromium against a SIMULATED archive; the jobs of the server are tested in server/evidence.
t.setTimeout(120_000)

t.test('[DL14] a bar moves with the work, an MP4 can be asked for and fetched, a failure has words', async t => {
  const pagesFolder = t.testdir({})
  await buildPages({ pages: ['review'], outFolder: pagesFolder, log: () => {} })
  const browser = await TestBrowser.launch({ language: 'en-US' })
  const archive = await SimulatedArchive.create(pagesFolder, await simulatedFilm())
  t.teardown(async () => {
    await browser.close()
    await archive.close()
  })
  const address = `/api/review/calls/${archive.opened.record.callId}/jobs`
  const tell = (...jobs: Partial<RecordJob>[]) =>
    archive.answers.set(address, { jobs: jobs.map(job => ({ id: job.kind, attempts: 1, progress: 0, ...job })) })
  tell({ kind: 'replay', state: 'done', progress: 1 })
  const page = await browser.context.newPage()
  const by = (name: string) => page.locator(`[data-test="${name}"]`).first()
  await page.goto(archive.address)
  await by('sign-in-name').fill('zhou')
  await by('sign-in-password').fill('right')
  await by('sign-in-submit').click()
  await by('review-row').click()
  await by('reason').fill('complaint 4711')
  await by('open-record').click()
  await by('make-mp4').waitFor()

  tell({ kind: 'replay', state: 'done', progress: 1 }, { kind: 'mp4', state: 'running', progress: 0.4, etaMs: 150_000 })
  await by('make-mp4').click()
  await by('job-mp4').waitFor()
  const asked = archive.asked.filter(one => one.path === address).map(one => one.body)
  t.match(
    asked.find(body => body !== undefined),
    { kind: 'mp4' },
  )
  t.equal(await by('job-mp4').locator('progress').getAttribute('value'), '40')
  t.match(await by('job-mp4').textContent(), /40 % · about 3 min left/)
  t.equal(await by('make-mp4').count(), 0, 'not twice')
  if (process.env.TEST_PICTURES)
    await by('jobs-card').screenshot({ path: `${process.env.TEST_PICTURES}/jobs-running.png` })

  tell({ kind: 'replay', state: 'done', progress: 1 }, { kind: 'mp4', state: 'retrying', failure: 'disk-full' })
  await until('the reason', async () => /disk is full/.test((await by('job-mp4').textContent()) ?? ''))
  tell({ kind: 'replay', state: 'done' }, { kind: 'mp4', state: 'done', progress: 1, file: 'derived/call.mp4' })
  await by('download-mp4').waitFor()
  t.match(await by('download-mp4').getAttribute('href'), /\/files\/derived\/call\.mp4$/)
  if (process.env.TEST_PICTURES)
    await by('jobs-card').screenshot({ path: `${process.env.TEST_PICTURES}/jobs-done.png` })
})
