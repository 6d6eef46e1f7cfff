import { ReviewPage } from '../harness/review-page.ts'
import { until } from '../harness/until.ts'
import type { PicturedCall } from './pictured-call.ts'

/** The call is over and sealed: the list, the record at a page with marks, and at a card. */
export async function reviewerReplays({ agentBrowser, album, server }: PicturedCall): Promise<void> {
  await server.sealedArchive({ muxed: true, timeoutMs: 120_000 })
  const review = await ReviewPage.signIn(agentBrowser, server, await server.person('reviewer'))
  const { page } = review
  await page.setViewportSize({ width: 1440, height: 900 })
  await review.by('search-submit').click()
  await review.by('review-row').waitFor()
  await album.shot(page, 'review-list')
  await review.open({ number: '138', reason: album.say('投诉复核 4711', 'Complaint 4711') })
  const seek = async (seconds: number) =>
    review.by('replay-video').evaluate(async (node, to) => {
      const video = node as HTMLVideoElement
      video.currentTime = to
      await new Promise(resolve => {
        video.addEventListener('seeked', resolve, { once: true })
        setTimeout(resolve, 3000)
      })
    }, seconds)
  const durationS = await until('the film', () =>
    review.by('replay-video').evaluate(node => {
      const { duration } = node as HTMLVideoElement
      return duration > 1 && Number.isFinite(duration) && duration
    }),
  )
  const marks = async () =>
    Number(
      await review
        .by('replay-canvas')
        .getAttribute('data-marks', { timeout: 200 })
        .catch(() => '0'),
    )
  const isCard = async () => (await review.by('replay-card').count()) > 0
  let most = { marks: 0, atS: 0 }
  let cardAtS: number | undefined
  for (let atS = 1; atS < durationS; atS += 2) {
    await seek(atS)
    await page.waitForTimeout(120)
    const now = await marks()
    if (now > most.marks) most = { marks: now, atS }
    if (cardAtS === undefined && (await isCard())) cardAtS = atS
  }
  await seek(most.atS)
  await album.shot(page, 'review')
  if (cardAtS === undefined) return
  await seek(cardAtS)
  await album.shot(page, 'review-card')
}
