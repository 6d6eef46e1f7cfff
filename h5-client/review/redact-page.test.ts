import t from 'tap'
import type { Redaction } from '../../signaling/protocol/redaction.ts'
import { by, ReviewBrowser } from './harness/review-browser.ts'

// A real Chromium with a real film, against a SIMULATED archive; what the server does is tested in server/evidence/redaction.
t.setTimeout(180_000)

const by1 = { id: 'u1', name: 'Zhou' }
const at = '2026-01-02T03:04:05.000Z'
const PICTURES = process.env.TEST_PICTURES

t.test(
  '[RX12] suggestions, boxes, a followed box, a voice span and a text become one draft; the result says who let it go',
  async t => {
    const review = await ReviewBrowser.create(t)
    let callId = ''
    const { archive, page } = await review.opened(t, simulated => {
      callId = simulated.opened.record.callId
      simulated.answers.set(`/api/review/calls/${callId}/redactions`, { redactions: [] })
      simulated.answers.set(`/api/review/calls/${callId}/redactions/suggest`, {
        suggestions: [
          {
            ...{
              kind: 'id-number',
              confidence: 0.98,
              because: ['check-digit', 'region', 'date'],
              shown: '11▇▇▇▇▇▇▇▇▇▇▇▇▇▇58',
            },
            ...{
              atMs: 2000,
              items: [{ kind: 'text', itemId: 't-1', reason: 'suggested', seq: 1, path: 'text', ranges: [[0, 4]] }],
            },
          },
        ],
      })
    })
    const shot = (name: string) => (PICTURES ? page.screenshot({ path: `${PICTURES}/redact-${name}.png` }) : undefined)
    const count = async () => Number(await by(page, 'redact-count').getAttribute('data-count'))
    await by(page, 'redact-begin').click()
    await by(page, 'redact-reason').fill('a third person is seen')
    await by(page, 'redact-suggestion').check()
    t.equal(await count(), 1)
    await shot('found')

    await by(page, 'redact-tab-film').click()
    await by(page, 'redact-video').waitFor()
    await page.waitForFunction(() => {
      const video = document.querySelector<HTMLVideoElement>('[data-test="redact-video"]')
      return (video?.readyState ?? 0) >= 2 && !video?.seeking
    })
    const place = await by(page, 'redact-place').boundingBox()
    if (!place) throw new Error('no picture to draw on')
    const point = (x: number, y: number) => [place.x + place.width * x, place.y + place.height * y] as const
    await page.mouse.move(...point(0.3, 0.3))
    await page.mouse.down()
    await page.mouse.move(...point(0.6, 0.7), { steps: 4 })
    await page.mouse.up()
    t.equal(await by(page, 'redact-box').count(), 1)
    await by(page, 'redact-toMs').fill('2.00')
    await by(page, 'redact-toMs').press('Tab')
    await by(page, 'redact-follow').click()
    await page.waitForFunction(
      () => Number(document.querySelector('[data-test="redact-keyframes"]')?.getAttribute('data-count')) > 1,
    )
    await shot('film')
    await by(page, 'redact-add-film').click()
    t.equal(await count(), 2)

    await by(page, 'redact-tab-pages').click()
    await shot('pages')
    await by(page, 'redact-tab-voices').click()
    const wave = await by(page, 'redact-wave').boundingBox()
    if (!wave) throw new Error('no waveform')
    await page.mouse.move(wave.x + wave.width * 0.25, wave.y + 10)
    await page.mouse.down()
    await page.mouse.move(wave.x + wave.width * 0.5, wave.y + 10, { steps: 4 })
    await page.mouse.up()
    await shot('voices')
    await by(page, 'redact-add-voice').click()
    t.equal(await count(), 3)
    await by(page, 'redact-tab-texts').click()
    await shot('texts')

    const draft: Redaction = {
      ...{ redactionId: 'red_1', callId: archive.opened.record.callId, title: 'Redaction', state: 'draft' as const },
      ...{
        version: { version: 1, items: [], by: by1, at },
        progress: null,
        failure: null,
        applied: null,
        mayAnswer: false,
      },
      release: {
        state: 'none',
        askedBy: null,
        askedAt: null,
        reason: null,
        answeredBy: null,
        answeredAt: null,
        answer: null,
      },
    }
    const list = `/api/review/calls/${callId}/redactions`
    archive.answers.set(list, draft)
    await by(page, 'redact-save').click()
    await page.waitForFunction(() => document.body.textContent?.includes('Draft, version 1'))
    const posted = archive.asked.find(
      one => one.path === list && (one.body as { items?: unknown })?.items !== undefined,
    )
    const items = (
      (posted?.body ?? { items: [] }) as {
        items: { kind: string; reason: string; keyframes?: { box: unknown }[]; party?: string }[]
      }
    ).items
    t.strictSame(
      items.map(one => one.kind),
      ['text', 'video-region', 'audio-span'],
    )
    t.ok(items.every(one => one.reason === 'a third person is seen'))
    t.ok((items[1]?.keyframes?.length ?? 0) > 1)
    t.ok(items[1]?.keyframes?.[0]?.box)
    t.equal(items[2]?.party, 'both')

    archive.answers.set('/api/review/redactions/red_1/versions', {
      ...draft,
      version: { ...draft.version, version: 2 },
    })
    archive.answers.set('/api/review/redactions/red_1/apply', { ...draft, state: 'applying' })
    archive.answers.set(list, { redactions: [{ ...draft, state: 'applying', progress: 0.4 }] })
    await by(page, 'redact-apply').click()
    await by(page, 'redact-copy').waitFor()
    t.equal(await by(page, 'redact-copy').locator('progress').getAttribute('value'), '0.4')
    archive.answers.set(list, {
      redactions: [
        {
          ...draft,
          state: 'applied',
          applied: {
            ...{ by: by1, at, manifestSha256: 'ab12'.repeat(16) },
            files: [{ path: 'derived/redactions/red_1/replay-redacted.webm', bytes: 1, sha256: 'c' }],
          },
          release: {
            ...draft.release,
            state: 'released',
            askedBy: by1,
            answeredBy: { id: 'u2', name: 'Wang' },
            answeredAt: at,
          },
        },
      ],
    })
    await by(page, 'redact-hash').waitFor()
    t.match(await by(page, 'redact-release-state').textContent(), /Released by Wang/)
    await by(page, 'redact-copy').scrollIntoViewIfNeeded()
    await shot('card')
    // What is not simulated is answered with 404.
    t.strictSame(
      review.complaints.filter(one => one.startsWith('uncaught')),
      [],
    )
  },
)
