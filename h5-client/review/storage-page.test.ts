import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { TierOverview, TierRow } from '../../signaling/protocol/tiers.ts'
import { until } from '../../test/harness/until.ts'
import { by, ReviewBrowser } from './harness/review-browser.ts'
import { SIMULATED_CALL, simulatedOpened } from './harness/simulated-record.ts'

// The room and the card of where records lie, in a real Chromium, against a SIMULATED archive; the routes behind them are
// tested with a real store in test/e2e/tiers-away.test.ts. `SHOTS=<folder>` keeps pictures.
t.setTimeout(120_000)

const row = (change: Partial<TierRow>): TierRow => ({
  ...{ callId: SIMULATED_CALL, tier: 'hot', state: 'settled', files: 9, bytes: 3_400_000 },
  ...{ reason: null, waitingSince: null, lockedUntil: null },
  ...change,
})
const AWAY: TierOverview = {
  store: { name: 'https://s3.example.com/evidence', state: 'store-unavailable' },
  counts: [
    { tier: 'cold', state: 'settled', calls: 1204, bytes: 5_400_000_000 },
    { tier: 'hot', state: 'settled', calls: 37, bytes: 120_000_000 },
    { tier: 'hot', state: 'copying', calls: 1, bytes: 0 },
  ],
  waiting: [
    row({ state: 'copying', reason: 'store-unavailable', waitingSince: '2026-11-26T07:00:00.000Z' }),
    row({ callId: 'call_00000000000000000002' as TierRow['callId'], state: 'refused', reason: 'damaged' }),
  ],
  alarm: true,
  lastRun: { at: '2026-11-26T09:00:00.000Z', moved: 0, ended: 'store' },
  locks: true,
}
const shot = async (page: Page, name: string) => {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`) })
}

for (const [language, words] of [
  ['en-US', { away: /cannot be reached/, damaged: /damaged/, failed: /master key/, lock: /cannot be deleted/ }],
  ['zh-CN', { away: /连不上/, damaged: /损坏/, failed: /主密钥/, lock: /不能删除/ }],
] as const)
  t.test(
    `[RC23] where records lie, what waits and why, moving one by hand; a failed encryption (${language})`,
    async t => {
      const browser = await ReviewBrowser.create(t, language)
      const { archive, page } = await browser.opened(t, archive => {
        archive.rights = ['retention']
        archive.opened = simulatedOpened({ encryption: { state: 'failed', reason: 'no-master-key' } })
        archive.answers.set('/api/review/tiers', AWAY)
        archive.answers.set(`/api/review/tiers/${SIMULATED_CALL}`, row({}))
        archive.answers.set(
          `/api/review/tiers/${SIMULATED_CALL}/move`,
          row({ tier: 'cold', lockedUntil: '2036-11-26T00:00:00.000Z' }),
        )
      })
      t.equal(await by(page, 'encryption').getAttribute('data-state'), 'failed')
      t.match(await by(page, 'encryption').textContent(), words.failed)
      await shot(page, `encryption-${language}`)
      await by(page, 'storage-move').click()
      await until('the move', async () => (await by(page, 'storage-card').getAttribute('data-tier')) === 'cold')
      await by(page, 'storage-fetch').waitFor()
      await by(page, 'storage-card').scrollIntoViewIfNeeded()
      await shot(page, `storage-card-${language}`)

      await by(page, 'section-storage').click()
      await by(page, 'storage-alarm').waitFor()
      t.match(await by(page, 'storage-state').textContent(), words.away)
      t.equal(await page.locator('[data-test="storage-count"]').count(), 3)
      const waiting = page.locator('[data-test="storage-waiting"]')
      t.match(await waiting.nth(0).textContent(), words.away)
      t.match(await waiting.nth(1).textContent(), words.damaged)
      await shot(page, `storage-away-${language}`)
      archive.answers.set('/api/review/tiers/run', {
        ...{ ...AWAY, waiting: [], alarm: false, lastRun: { at: '2026-11-26T10:00:00.000Z', moved: 1, ended: 'done' } },
        store: { name: 'https://s3.example.com/evidence', state: 'ok', objectLock: true },
      } satisfies TierOverview)
      await by(page, 'storage-run').click()
      await by(page, 'storage-alarm').waitFor({ state: 'detached' })
      t.match(await by(page, 'storage').textContent(), words.lock)
      await shot(page, `storage-back-${language}`)
    },
  )
