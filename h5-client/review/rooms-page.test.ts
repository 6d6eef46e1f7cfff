import t from 'tap'
import { until } from '../../test/harness/until.ts'
import { by, ReviewBrowser } from './harness/review-browser.ts'
import { SIMULATED_CALL } from './harness/simulated-record.ts'

// The other sections of the console in a real Chromium, against a SIMULATED archive.
t.setTimeout(120_000)
const browser = await ReviewBrowser.create(t)
const ALL = ['release', 'retention', 'audit', 'lead'] as const
const COLLEAGUE = { id: 'user_colleague000000000', name: '周敏' }

t.test('[RC17] sections are shown by right; an assignment leads to its record and the reason form', async t => {
  const { page } = await browser.signedIn(t)
  t.same(await page.locator('.section-bar a').evaluateAll(links => links.map(link => link.getAttribute('href'))), [
    '#/records',
    '#/work',
    '#/release',
  ])
  await page.evaluate(() => {
    location.hash = '#/audit'
  })
  await by(page, 'review-row').waitFor()
  t.equal(await by(page, 'audit').count(), 0, 'an address is no right')
  await by(page, 'section-work').click()
  await by(page, 'work-item').waitFor()
  t.match(await by(page, 'work-item').textContent(), /overdue/)
  await by(page, 'work-next').click()
  await until('in work', async () => (await by(page, 'work-item').getAttribute('data-state')) === 'in-work')
  await by(page, 'work-open').click()
  await by(page, 'reason').waitFor()
  t.match(new URL(page.url()).hash, new RegExp(`records/${SIMULATED_CALL}`))
})

t.test(
  '[RC18] originals: asked with a reason; the page offers nobody their own answer, a colleague’s it does',
  async t => {
    const { archive, page } = await browser.opened(t, archive => {
      archive.rights = ['release']
    })
    await by(page, 'release-ask').click()
    t.ok(await by(page, 'release-send').isDisabled())
    await by(page, 'release-reason').fill('court order 12/2026')
    await by(page, 'release-send').click()
    await by(page, 'release-sent').waitFor()
    t.match(archive.work.releases[0], { reason: 'court order 12/2026', files: 'package' })
    await page.keyboard.press('Escape')
    archive.work.releases.push({
      ...archive.work.releases[0],
      ...{ releaseId: 'rel_colleague', askedBy: COLLEAGUE, mayAnswer: true },
    })
    await by(page, 'section-release').click()
    await by(page, 'release').waitFor()
    t.equal(await page.locator('[data-test="release-agree"]').count(), 1)
    await by(page, 'release-answer').fill('seen the order')
    await by(page, 'release-agree').click()
    await until('agreed', async () => (await page.locator('[data-state="agreed"]').count()) === 1)
    t.match(archive.asked.find(one => one.path.endsWith('/agree'))?.body, {
      reason: 'seen the order',
      validMinutes: 60,
    })
  },
)

t.test('[RC19] a sample by quota, drawn again; a score sheet as JSON with its preview', async t => {
  const { archive, page } = await browser.signedIn(t, archive => {
    archive.rights = ['lead']
  })
  await by(page, 'section-lead').click()
  await by(page, 'sample-title').fill('November')
  await by(page, 'sample-method').selectOption('quota')
  await page.locator('[data-test="people-picker"] .chip').first().click()
  await by(page, 'sample-draw').click()
  await by(page, 'sample').waitFor()
  t.match(archive.work.samples[0], {
    title: 'November',
    method: { kind: 'quota', perAgent: 10, period: 'week' },
    assign: { reviewerIds: ['user_simulated000000000'] },
  })
  await by(page, 'sample-check').click()
  await until('the comparison', async () => /The same/.test((await by(page, 'sample').textContent()) ?? ''))
  await by(page, 'lead-sheets').click()
  await by(page, 'sheet-new').click()
  t.equal(await by(page, 'sheet-editor').locator('[role="radiogroup"]').count(), 3)
  const json = await by(page, 'sheet-json').inputValue()
  await by(page, 'sheet-json').fill('{')
  t.ok(await by(page, 'sheet-save').isDisabled())
  t.match(await by(page, 'sheet-editor').locator('[role=alert]').textContent(), /not JSON/)
  await by(page, 'sheet-json').fill(json)
  await by(page, 'sheet-save').click()
  await until('version 2', async () => /version 2/.test((await by(page, 'sheet').textContent()) ?? ''))
})

t.test('[RC20] the log of everybody, who watched what, the chain, and alarms above every section', async t => {
  const { archive, page } = await browser.signedIn(t, archive => {
    archive.rights = [...ALL]
    const line = { userId: COLLEAGUE.id, userName: COLLEAGUE.name, callId: SIMULATED_CALL }
    archive.answers.set('/api/review/audit', {
      entries: [{ seq: 7, at: '2026-11-15T01:20:11.000Z', ...line, action: 'open', detail: 'complaint' }],
    })
    archive.answers.set(`/api/review/audit/calls/${SIMULATED_CALL}`, {
      watched: [
        {
          ...{ user: COLLEAGUE, firstAt: '2026-11-15T01:20:11.000Z', lastAt: '2026-11-15T01:22:00.000Z' },
          ...{
            reasons: ['complaint'],
            assigned: false,
            playedMs: 9_000,
            spans: [
              [0, 4_000],
              [8_000, 13_000],
            ],
          },
        },
      ],
    })
    archive.answers.set('/api/review/audit/verify', { intact: true, entries: 1_204, marksChecked: 12, problems: [] })
    archive.answers.set('/api/review/anchors', {
      ...{ lastDigest: { day: '2026-11-14', sha256: 'f'.repeat(64), late: false }, digests: 12 },
      ...{ stamps: { configured: true, stamped: 12, waiting: 0 }, published: { configured: false, waitingDays: 0 } },
      checkedAt: '2026-11-15T02:00:00.000Z',
      alarms: [{ alarm: { kind: 'rolled-back', day: '2026-11-15', newestDay: null }, key: 'k1', acknowledged: false }],
    })
  })
  await by(page, 'anchor-banner').waitFor()
  t.match(await by(page, 'anchor-banner').textContent(), /set back to an older state/)
  await by(page, 'section-audit').click()
  await by(page, 'audit-lines').waitFor()
  t.match(await by(page, 'audit-lines').textContent(), /周敏.*opened.*complaint/)
  await by(page, 'audit-lines').locator('a').click()
  await by(page, 'watched').waitFor()
  t.match(await by(page, 'watched').textContent(), /not assigned.*watched 0:09/)
  t.equal(await by(page, 'watched').locator('.span').count(), 2)
  await by(page, 'audit-chain').click()
  await by(page, 'chain-verify').click()
  t.match(await by(page, 'chain-state').textContent(), /1,204 entries, 12 anchors/)
  archive.answers.set('/api/review/audit/verify', {
    intact: false,
    entries: 9,
    marksChecked: 1,
    problems: [{ kind: 'line-changed' }],
  })
  await by(page, 'chain-verify').click()
  await until('the break', async () => /broken: line-changed/.test((await by(page, 'chain-state').textContent()) ?? ''))
})

t.test('[RC21] nothing is printed before the server knows; the sheet has all that was found', async t => {
  const { archive, page } = await browser.opened(t)
  await page.evaluate(() => {
    const counter = window as unknown as { printed: number }
    counter.printed = 0
    window.print = () => {
      counter.printed++
    }
  })
  const printed = () => page.evaluate(() => (window as unknown as { printed: number }).printed)
  await by(page, 'print').click()
  await by(page, 'print-purpose').fill('hearing 2026-12-01')
  t.equal(await printed(), 0)
  await by(page, 'print-now').click()
  await until('the print', async () => (await printed()) === 1)
  t.match(archive.asked.find(one => one.path.endsWith('/prints'))?.body, {
    what: 'record',
    detail: 'hearing 2026-12-01',
  })
  await page.emulateMedia({ media: 'print' })
  t.ok(await by(page, 'print-sheet').isVisible())
  t.notOk(await by(page, 'stages').isVisible())
  const text = (await by(page, 'print-sheet').textContent()) ?? ''
  for (const what of [
    /unchanged since it was sealed/,
    /Mark: red arrow/,
    /printed by zhou/,
    new RegExp(SIMULATED_CALL),
  ])
    t.match(text, what)
  await page.emulateMedia({ media: null })
})
