import type { Page } from 'playwright-core'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { until } from '../harness/until.ts'
import { signInToWatch, watchedBy } from '../harness/watch-page.ts'
import type { PicturedCall } from './pictured-call.ts'

const DESK = { width: 1440, height: 900 } as const

/** An expert by link: the invitation, the door, and the pen. A page is on the stage. */
export async function guestHelps(call: PicturedCall): Promise<void> {
  const { agent, album } = call
  await agent.by('guest').click()
  await agent.by('guest-name').fill(album.say('周工', 'Dr. Zhou'))
  await agent.by('guest-make').click()
  const shown = agent.by('guest-link')
  await shown.waitFor()
  await shown.scrollIntoViewIfNeeded()
  await album.shot(agent.page, 'agent-guest')
  const link = await shown.getAttribute('data-link')
  const browser = await TestBrowser.launch({ language: album.language })
  try {
    const guest = await browser.page(link ?? '')
    await watchedBy(guest, 'guest-enter').waitFor()
    await album.shot(guest, 'watch-guest-door')
    await watchedBy(guest, 'guest-enter').click()
    await watchedBy(guest, 'watched-page').waitFor()
    await drawAcross(guest)
    await until(
      'the mark at the agent',
      async () => Number(await agent.by('stage-canvas').getAttribute('data-marks')) > 0,
    )
    await album.shot(guest, 'watch-guest-draws')
    await album.shot(agent.page, 'agent-guest-drew')
    await agent.by('remove-guest').click()
    await watchedBy(guest, 'watch-notice').waitFor()
    await album.shot(guest, 'watch-guest-shown-out')
  } finally {
    await browser.close()
  }
}

async function drawAcross(guest: Page): Promise<void> {
  await watchedBy(guest, 'watch-tool-pen').click()
  const box = await watchedBy(guest, 'watched-page').boundingBox()
  if (!box) throw new Error('no page at the expert')
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const
  await guest.mouse.move(...at(0.25, 0.6))
  await guest.mouse.down()
  for (const [x, y] of [
    [0.45, 0.63],
    [0.75, 0.59],
  ] as const)
    await guest.mouse.move(...at(x, y), { steps: 8 })
  await guest.mouse.up()
}

/** A supervisor: the list of calls, then the page and the live picture. */
export async function supervisorLooksOn(call: PicturedCall): Promise<void> {
  const { album, server } = call
  const browser = await TestBrowser.launch({ language: album.language })
  try {
    const page = await signInToWatch(browser, server, await server.person('supervisor'))
    await page.setViewportSize(DESK)
    await watchedBy(page, 'watch-call').waitFor()
    await album.shot(page, 'watch-list')
    await watchedBy(page, 'watch-call').click()
    await watchedBy(page, 'watched-page').waitFor()
    await album.shot(page, 'watch-page')
    await call.live()
    await until('the live picture', () => codeIn(watchedBy(page, 'watched-video')).catch(() => undefined), {
      timeoutMs: 20_000,
    })
    await album.shot(page, 'watch-live')
  } finally {
    await browser.close()
  }
}
