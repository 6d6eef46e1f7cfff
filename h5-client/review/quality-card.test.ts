import t from 'tap'
import type { RecordQuality } from '../../signaling/protocol/quality.ts'
import { by, place, ReviewBrowser } from './harness/review-browser.ts'

const title = (zh: string, en: string) => ({ 'zh-CN': zh, en })
const rule = { severity: 'minor', kind: 'event', certainty: 'estimate' } as const

t.test('[QC4] a finding leads to its moment; what is not configured is said', { timeout: 90_000 }, async t => {
  const browser = await ReviewBrowser.create(t)
  const { page } = await browser.opened(t, archive => {
    const { callId } = archive.opened.record
    const quality: RecordQuality = {
      state: 'done',
      report: {
        ...{
          format: 'tongping-quality/1',
          callId,
          run: 1,
          madeAt: '2026-01-02T03:04:05.000Z',
          engine: 'tongping-quality-engine/1',
        },
        ...{
          rules: { version: 'house-1', sha256: 'x' },
          journalHead: 'x',
          measures: [],
          events: [],
          sensitive: [],
          transcript: null,
        },
        findings: [
          {
            ruleId: 'long-silence',
            title: title('双方无声', 'Both silent for long'),
            ...rule,
            evidence: [{ atMs: 3000, toMs: 5000 }],
          },
        ],
        undecided: [{ ruleId: 'said', title: title('说出卡号', 'Card number said'), why: 'no-transcript' }],
        checklists: [
          {
            ...{ checklistId: 'service', version: '1', title: title('服务规范', 'Service standard') },
            items: [
              {
                itemId: 'polite',
                title: title('得体', 'Courteous'),
                answer: 'unknown',
                good: 'yes',
                weight: null,
                by: 'nobody',
                why: 'left-to-a-person',
                evidence: [],
              },
            ],
          },
        ],
        services: { speechToText: { state: 'not-configured' }, languageModel: { state: 'not-configured' } },
      },
      ...{ transcript: null, answers: [], scores: [], rulesVersion: 'house-1' },
      configured: { speechToText: false, languageModel: false },
    }
    archive.answers.set(`/api/review/calls/${callId}/quality`, quality)
  })
  const card = by(page, 'quality')
  await card.scrollIntoViewIfNeeded()
  const text = (await card.textContent()) ?? ''
  t.match(text, /Both silent for long · estimate/)
  t.match(text, /Card number said \(there is no transcript\)/)
  t.match(text, /Courteous: Unknown \(open, left to a person\)/)
  t.match(text, /Speech to textnot configured/)
  await by(page, 'quality-findings').locator('button').click()
  for (let n = 0; n < 50 && (await place(page)) !== 3000; n++) await page.waitForTimeout(100)
  t.equal(await place(page), 3000)
})
