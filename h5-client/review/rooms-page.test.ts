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
    '#/redactions',
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

t.test('[RC24] a lead gives a record to a colleague, without opening it and when it is open', async t => {
  const { archive, page } = await browser.signedIn(t, archive => {
    archive.rights = ['lead']
  })
  const orders = () =>
    archive.asked.filter(one => one.path === '/api/review/assignments' && one.body).map(one => one.body)
  await by(page, 'review-row').click()
  await page.locator('[data-test="assign-unopened"] summary').click()
  t.ok(await by(page, 'assign-submit').isDisabled(), 'not to nobody')
  await by(page, 'assign-reviewer').selectOption(COLLEAGUE.id)
  await by(page, 'assign-sheet').selectOption('service')
  await by(page, 'assign-due').fill('2026-12-01')
  await by(page, 'assign-note').fill('second complaint')
  await by(page, 'assign-submit').click()
  await until('assigned', async () => (await by(page, 'assign-done').textContent())?.includes(COLLEAGUE.name))
  t.match(orders(), [
    {
      ...{ callIds: [SIMULATED_CALL], reviewerIds: [COLLEAGUE.id], sheetId: 'service', note: 'second complaint' },
      dueAt: /^2026-12-0[12]T/,
    },
  ])
  t.equal(archive.times('/open'), 0, 'nothing was opened')
  await by(page, 'reason').fill('complaint 4711')
  await by(page, 'open-record').click()
  await by(page, 'assign-card').locator('select').first().waitFor()
})

t.test('[RC24] without the right there is no such form', async t => {
  const { page } = await browser.signedIn(t)
  await by(page, 'review-row').click()
  await by(page, 'reason').waitFor()
  t.equal(await page.locator('[data-test="assign-unopened"]').count(), 0)
  await by(page, 'reason').fill('complaint 4711')
  await by(page, 'open-record').click()
  await by(page, 'verdict').waitFor()
  t.equal(await page.locator('[data-test="assign-card"]').count(), 0)
})

t.test(
  '[RC25] a restricted or destroyed record says what happened; its certificate is linked where it may be read',
  async t => {
    const { archive, page } = await browser.signedIn(t, archive => {
      archive.rights = ['retention']
      archive.refusal = { status: 403, code: 'forbidden' }
    })
    const path = `/api/review/calls/${SIMULATED_CALL}/standing`
    const tried = async (standing: object) => {
      archive.answers.set(path, standing)
      await by(page, 'review-row').click()
      await by(page, 'reason').fill('complaint 4711')
      await by(page, 'open-record').click()
      await by(page, 'closed-record').waitFor()
      return by(page, 'closed-record').textContent()
    }
    const held = [{ holdId: 'hold_1', caseReference: 'case 12/2026', since: '2026-11-01T00:00:00.000Z', by: 'Wang' }]
    const restricted = await tried({
      kind: 'restricted',
      since: '2026-11-20T00:00:00.000Z',
      requestId: 'ers_1',
      holds: held,
    })
    t.match(restricted, /may only be stored/)
    t.match(restricted, /case 12\/2026/)
    t.equal(await by(page, 'closed-retention').getAttribute('href'), '#/retention')
    await by(page, 'closed-back').click()
    await by(page, 'closed-record').waitFor({ state: 'detached' })
    archive.refusal = { status: 404, code: 'not-found' }
    const certificate = { file: `${SIMULATED_CALL}.json`, sha256: 'f'.repeat(64) }
    const told = { kind: 'destroyed', at: '2026-11-21T00:00:00.000Z', because: 'erasure', pending: 1 }
    t.match(await tried({ ...told, certificate }), /was destroyed.*erasure was asked for.*1 copies/)
    t.equal(
      await by(page, 'closed-certificate').getAttribute('href'),
      `/api/review/retention/certificates/${SIMULATED_CALL}.json`,
    )
    await by(page, 'closed-back').click()
    t.match(await tried(told), /right “retention” can see/)
    t.equal(await page.locator('[data-test="closed-certificate"]').count(), 0)
  },
)

t.test(
  '[RC26] redacted copies that wait and that were released have a room; those that wait are for the right `release`',
  async t => {
    const release = {
      ...{ askedBy: COLLEAGUE, askedAt: '2026-11-20T00:00:00.000Z', reason: 'for the court', answeredBy: null },
      ...{ answeredAt: null, answer: null },
    }
    const copy = {
      ...{ redactionId: 'red_1', callId: SIMULATED_CALL, title: 'Without the card', state: 'applied', progress: null },
      version: { version: 1, items: [], by: COLLEAGUE, at: '2026-11-20T00:00:00.000Z' },
      ...{ failure: null, mayAnswer: true, release: { ...release, state: 'asked' } },
      applied: {
        ...{ by: COLLEAGUE, at: '2026-11-20T00:00:00.000Z', manifestSha256: 'e'.repeat(64) },
        files: [{ path: 'derived/redactions/red_1/replay-redacted.webm', bytes: 5, sha256: 'd'.repeat(64) }],
      },
    }
    const released = {
      ...copy,
      redactionId: 'red_2',
      release: {
        ...release,
        state: 'released',
        answeredBy: { id: 'x', name: 'Wang' },
        answeredAt: '2026-11-21T00:00:00.000Z',
      },
    }
    const rooms = async (rights: readonly 'release'[]) => {
      const { page } = await browser.signedIn(t, archive => {
        archive.rights = rights
        archive.answers.set('/api/review/redactions/asked', { redactions: [copy] })
        archive.answers.set('/api/review/redactions/released', {
          redactions: [
            {
              ...released,
              applied: {
                ...copy.applied,
                files: [{ ...copy.applied.files[0], path: 'derived/redactions/red_2/replay-redacted.webm' }],
              },
            },
          ],
        })
      })
      await by(page, 'section-redactions').click()
      await page.locator('[data-release="released"]').waitFor()
      return page
    }
    const page = await rooms(['release'])
    await page.locator('[data-release="asked"]').waitFor()
    t.match(await page.locator('[data-release="asked"]').textContent(), /for the court/)
    t.match(await page.locator('[data-release="released"]').textContent(), /released by Wang/)
    const file = page.locator('[data-release="released"] a[download]')
    t.equal(await file.getAttribute('href'), '/api/review/redactions/red_2/files/replay-redacted.webm')
    await by(page, 'redaction-open').click()
    await by(page, 'reason').waitFor()
    const other = await rooms([])
    t.equal(await other.locator('[data-test="redactions-asked"]').count(), 0)
  },
)

t.test('[RC27] on a telephone list and record take turns, and nothing is wider than the screen', async t => {
  const { page } = await browser.signedIn(t)
  await page.setViewportSize({ width: 390, height: 844 })
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)
  t.ok(await by(page, 'review-row').isVisible())
  t.ok(await fits())
  await by(page, 'review-row').click()
  t.notOk(await by(page, 'review-row').isVisible())
  await by(page, 'reason').fill('complaint 4711')
  await by(page, 'open-record').click()
  await by(page, 'verdict').waitFor()
  t.ok(await fits())
  const box = await by(page, 'timeline').boundingBox()
  t.ok((box?.width ?? 0) > 300, `the timeline has the whole width: ${box?.width}`)
  const cut = await page.locator('.record-head').evaluate(node => node.scrollHeight - node.clientHeight)
  t.ok(cut <= 1, `the head is whole: ${cut} px stick out`)
  await by(page, 'to-list').click()
  t.ok(await by(page, 'review-row').isVisible())
})
