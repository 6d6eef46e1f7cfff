/**
 * Click on the timeline → frame shown, in the reviewer's console in a real Chromium, on a real record of the hot archive
 * (local disk, encrypted as configured), through the real server.
 *
 *   node scripts/bench/replay-seek.ts [seeks=60] [seconds=60]
 *
 * The clock starts with the pointer's press and ends with the browser's own word that a new frame was given to the compositor
 * (requestVideoFrameCallback). Places are spread over the later half of the call (the camera is on there) by a fixed rule; every seek leads to a place not shown
 * before. `stage` is the same for what is drawn from the journal: press → the clock of the page stands there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { ReviewPage } from '../../test/harness/review-page.ts'
import { until } from '../../test/harness/until.ts'
import { BenchPages } from './instruments/bench-pages.ts'
import { joinOnce } from './instruments/measure-join.ts'
import { printTable, spreadCells, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

const seeks = Number(process.argv[2] ?? 60)
const seconds = Number(process.argv[3] ?? 60)
/** Stepping through the call in these shares of it visits places far apart, none twice. */
const GOLDEN = 0.618_033_988_75

const finished = endAfter((seconds + seeks * 2 + 150) * 1000)
const before = surroundings()
const pages = await BenchPages.start()
const browser = await TestBrowser.launch()
try {
  await joinOnce(pages)
  await sleep(seconds * 1000)
  await pages.agent.hangUp()
  await pages.server.sealedArchive({ muxed: true, timeoutMs: 120_000 })
  const review = await ReviewPage.signIn(browser, pages.server, await pages.server.person('reviewer'))
  await review.open({ number: '138', reason: 'benchmark' })
  const { page } = review
  await until('the film', () => review.by('replay-video').evaluate(node => (node as HTMLVideoElement).readyState >= 2))
  const rounds: { frameMs: number; clockMs: number }[] = []
  for (let round = 0; round < seeks; round++) {
    rounds.push(await seekOnce(page, 0.5 + 0.45 * ((round * GOLDEN) % 1)))
    await sleep(120)
  }
  const table = [
    { what: 'press → frame shown', ...spreadCells(rounds.map(one => one.frameMs)) },
    { what: 'press → stage, marks and events of that moment', ...spreadCells(rounds.map(one => one.clockMs)) },
  ]
  printTable(`Seek in the replay, ms (${seconds} s of camera, hot archive)`, table)
  await writeReport('replay-seek', { surroundings: before, unit: 'ms', seconds, table })
} catch (error) {
  console.error(error, pages.server.output.join('').slice(-2000))
  process.exitCode = 1
} finally {
  await browser.close()
  await pages.close()
  finished()
}

/** Presses the waveform at a share of the call; measured inside the page, on its own clock. */
async function seekOnce(page: Page, share: number): Promise<{ frameMs: number; clockMs: number }> {
  const box = await page.locator('.wave-box.caller').boundingBox()
  if (!box) throw new Error('no waveform to press')
  await page.evaluate(() => {
    const video = document.querySelector('video')
    const place = document.querySelector<HTMLElement>('[data-test="place"]')
    if (!video || !place) throw new Error('no replay')
    const found: Found = { frameMs: undefined, clockMs: undefined }
    Object.assign(window, { seekFound: found })
    const begin = () => {
      const pressedMs = performance.now()
      const wasAt = place.dataset.atMs
      const look = () => {
        if (place.dataset.atMs === wasAt) requestAnimationFrame(look)
        else found.clockMs = performance.now() - pressedMs
      }
      requestAnimationFrame(look)
      video.requestVideoFrameCallback(() => {
        found.frameMs = performance.now() - pressedMs
      })
    }
    addEventListener('pointerdown', begin, { once: true, capture: true })
  })
  await page.mouse.click(box.x + share * box.width, box.y + 12)
  return until(`a frame at ${(share * 100).toFixed(0)} % of the call`, () =>
    page.evaluate(() => {
      const { frameMs, clockMs } = (window as unknown as { seekFound: Found }).seekFound
      return frameMs === undefined || clockMs === undefined ? undefined : { frameMs, clockMs }
    }),
  )
}

type Found = { frameMs: number | undefined; clockMs: number | undefined }
