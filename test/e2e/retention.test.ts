import { mkdtemp, readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readCertificate } from '../../recordings/retention/certificate.ts'
import { filesWith, openHouse, sealCall, TEST_POLICY } from '../../server/evidence/retention-fixture.ts'
import { OuterServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { ReviewPage } from '../harness/review-page.ts'
import { until } from '../harness/until.ts'

t.setTimeout(180_000)
const TOKEN = 'a-token-of-the-operators-machines'

function ask(url: string, o: { method?: string; headers?: Record<string, string>; body?: object } = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      url,
      {
        method: o.method ?? 'GET',
        rejectUnauthorized: false,
        headers: { 'content-type': 'application/json', ...o.headers },
      },
      response => {
        let text = ''
        response.on('data', chunk => {
          text += String(chunk)
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      },
    )
    sent.on('error', reject)
    sent.end(o.body && JSON.stringify(o.body))
  })
}

t.test(
  '[RT20] in the console: dry run, hold, request under hold, release, run with a person’s agreement, certificate; machines tell events by token',
  async t => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tongping-data-'))
    const policy = { ...TEST_POLICY, runs: { mostPerRun: 10, confirmAboveShare: 0.1 } }
    const house = await openHouse({ dataDir, policy })
    const due = await sealCall(house, { from: '13912345678' })
    await sealCall(house, { from: '13700000001', retentionClass: 'dual-recording' })
    await sealCall(house, { from: '13700000002', retentionClass: 'archive' })
    await sealCall(house, { from: '13700000003', retentionClass: 'unheard-of' })
    await house.close()
    const server = await OuterServer.start({
      dataDir,
      env: { TONGPING_RETENTION_FILE: join(dataDir, 'policy.json'), TONGPING_API_TOKEN: TOKEN },
    })
    t.teardown(() => server.close())
    const browser = await TestBrowser.launch()
    t.teardown(() => browser.close())

    const plain = await ReviewPage.signIn(browser, server, await server.person('reviewer'))
    await plain.by('review-row').waitFor()
    t.equal(await plain.page.locator('[data-test="section-retention"]').count(), 0, 'no room without the right')
    await plain.page.context().clearCookies()
    await plain.page.close()

    const review = await ReviewPage.signIn(browser, server, await server.person('compliance'))
    const { page } = review
    const shot = async (name: string) => {
      if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) })
    }
    await page.setViewportSize({ width: 1440, height: 900 })
    await review.by('section-retention').click()
    await review.by('retention-class').waitFor()
    t.equal(await review.by('plan-due').textContent(), '1')
    await shot('plan')

    await review.by('retention-holds').click()
    await review.by('hold-number').fill('13912345678')
    await review.by('hold-caseReference').fill('(2026) 001')
    await review.by('hold-reason').fill('lawsuit pending')
    await review.by('set-hold').click()
    await review.by('hold').waitFor()
    await shot('holds')
    await review.by('retention-erasures').click()
    await review.by('erasure-subject').fill('139 1234 5678')
    await review.by('erasure-requester').fill('letter 7')
    await review.by('erasure-receivedAt').fill('2026-11-20')
    await review.by('ask-erasure').click()
    await review.by('erasure-open').waitFor()
    await shot('erasures')
    await review.by('section-records').click()
    await review.by('search-submit').click()
    await until('three rows', async () => (await page.locator('[data-test="review-row"]').count()) === 3)

    const told = (token: string) =>
      ask(`${server.url}/api/retention/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: {
          subject: { kind: 'number', number: '13700000001' },
          event: 'contract-end',
          at: '2026-11-01',
          reference: 'L1',
        },
      })
    t.equal((await told('a-token-of-somebody-else')).status, 401)
    t.equal((await told(TOKEN)).status, 200)

    await review.by('section-retention').click()
    await review.by('retention-events').click()
    await review.by('retention-event').waitFor()
    await shot('events')
    await review.by('retention-holds').click()
    await review.by('release-hold').click()
    await review.by('release-hold-reason').fill('settled out of court')
    await review.by('release-hold-submit').click()
    await review.by('release-hold').waitFor({ state: 'detached' })
    await review.by('retention-plan').click()
    await review.by('retention-run').click()
    await review.by('confirm-reason').fill('looked at each')
    await shot('waiting')
    await review.by('confirm-run').click()
    await review.by('run-done').waitFor({ timeout: 30_000 })
    await review.by('retention-certificates').click()
    await review.by('certificate').waitFor()
    await shot('certificates')
    for (const spelling of ['13912345678', '139 1234 5678'])
      t.same(await filesWith(dataDir, spelling), [], 'no file of the whole house knows the number')
    const certificate = readCertificate(await readFile(join(dataDir, 'certificates', `${due.callId}.json`), 'utf8'))
    t.match(certificate, { callId: due.callId, decision: { because: 'period-over', policyVersion: 'test 1' } })

    await review.by('section-records').click()
    await page.locator('[data-test="review-row"]').first().click()
    await review.by('reason').fill('a look')
    await review.by('open-record').click()
    await review.by('retention-card').waitFor()
    await review.by('retention-card').scrollIntoViewIfNeeded()
    await shot('card')
    // A page that asks whether somebody is signed in is told 401 when nobody is.
    t.same(
      browser.complaints.filter(one => !one.includes('401')),
      [],
    )
  },
)
