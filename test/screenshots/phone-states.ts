import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { drawLabel } from '../harness/label-pictures.ts'
import { until, within } from '../harness/until.ts'
import { type PicturedCall, SMALL_PHONE } from './pictured-call.ts'

/** From the code to the live picture: what is asked, what the browser asks, what is then seen. */
export async function phoneJoins(call: PicturedCall): Promise<void> {
  const { agent, album } = call
  const { link } = await agent.sendCode()
  await album.shot(agent.page, 'agent-code')
  const phone = await call.openLink(link)
  await phone.by('start-camera').waitFor()
  await album.shot(phone.page, 'phone-ask')
  await album.shotAt(phone.page, SMALL_PHONE, 'phone-ask-320')
  await phone.by('large-type').click()
  await album.shot(phone.page, 'phone-large-type')
  await phone.by('large-type').click()
  await phone.page.evaluate(holdCamera)
  for (const consent of ['consent-camera', 'consent-recording']) await phone.by(consent).check()
  await phone.by('start-camera').click()
  await phone.by('waiting').waitFor()
  await album.shot(phone.page, 'phone-waiting')
  await phone.page.evaluate(() => (window as unknown as { letCamera(): void }).letCamera())
  await phone.by('preview').waitFor()
  await call.cameraLive()
  await album.shot(phone.page, 'phone-live')
  await album.shot(agent.page, 'agent-live')
}

/** The browser's own question stays open until the page is told otherwise: no picture of it can be made, only of the wait. */
function holdCamera(): void {
  const media = navigator.mediaDevices
  const ask = media.getUserMedia.bind(media)
  const held = new Promise<void>(letCamera => Object.assign(window, { letCamera }))
  media.getUserMedia = async constraints => {
    await held
    return ask(constraints)
  }
}

export async function phonePauses({ agent, album, phone }: PicturedCall): Promise<void> {
  await phone.by('pause').click()
  await album.shot(phone.page, 'phone-paused')
  await album.shot(agent.page, 'agent-paused')
  await phone.by('pause').click()
  await until('the picture again', () => agent.by('freeze').isEnabled())
}

export async function phoneHoldsStill({ agent, album, phone }: PicturedCall): Promise<void> {
  await agent.by('camera-controls').waitFor()
  const button = agent.by('camera-controls').locator('[data-test="hold-still"]')
  await button.click()
  await phone.by('hold-still').waitFor()
  await album.shot(phone.page, 'phone-hold-still')
  await button.click()
  await phone.by('hold-still').waitFor({ state: 'hidden' })
}

/** On a page that is on the stage, where callers may draw. */
export async function phoneDraws({ album, phone }: PicturedCall): Promise<void> {
  const { page } = phone
  await phone.by('draw').click()
  await phone.by('draw-bar').waitFor()
  await phone.by('draw-circle').click()
  const box = await phone.by('stage').boundingBox()
  if (!box) throw new Error('the phone shows no stage')
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const
  await page.mouse.move(...at(0.42, 0.52))
  await page.mouse.down()
  await page.mouse.move(...at(0.68, 0.6), { steps: 8 })
  await page.mouse.up()
  await album.shot(page, 'phone-draw')
  await album.shotAt(page, SMALL_PHONE, 'phone-draw-320')
  await phone.by('draw-done').click()
}

/** Photos of the phone's own: the first is sent, the second is held half-way. Leaves pages of both in the call. */
export async function phoneUploads({ album, phone, agent }: PicturedCall): Promise<void> {
  const photos = await Promise.all([3, 4].map(seed => largePhoto(seed)))
  const { page } = phone
  const gate = holdUploads(page, 6)
  await phone.by('more').click()
  await album.shot(page, 'phone-more')
  await page
    .locator('[data-test="choose-photos"]')
    .setInputFiles(photos.map((buffer, at) => ({ name: `plate-${at + 1}.jpg`, mimeType: 'image/jpeg', buffer })))
  await page.locator('[data-test="upload"]').first().waitFor()
  await within('photos half-way', 30_000, gate.reached).catch(error => {
    gate.open()
    throw error
  })
  await album.shot(page, 'phone-upload')
  gate.open()
  const done = page.locator('[data-test="upload"][data-state="done"]')
  await until('both photos', async () => (await done.count()) === 2, { timeoutMs: 60_000 })
  await album.shot(page, 'phone-upload-done')
  await phone.by('upload-close').click()
  await album.shot(agent.page, 'agent-uploads')
}

/** A plate as a phone photographs it: some megabytes. */
async function largePhoto(seed: number): Promise<Buffer> {
  const { png } = await drawLabel('rating plate', seed)
  const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const
  const grain = await sharp({ create: { width: 2400, height: 1350, channels: 3, background: '#808080', noise } })
    .png()
    .toBuffer()
  return sharp(png)
    .resize(2400, 1350)
    .composite([{ input: grain, blend: 'soft-light' }])
    .jpeg({ quality: 96 })
    .toBuffer()
}

/** Lets so many requests of uploads pass, then keeps the others waiting. */
function holdUploads(page: Page, passes: number): { reached: Promise<void>; open(): void } {
  let open = () => {}
  let reach = () => {}
  const opened = new Promise<void>(resolve => (open = resolve))
  const reached = new Promise<void>(resolve => (reach = resolve))
  let count = 0
  void page.route(/uploads/, async route => {
    count += 1
    if (count > passes) {
      reach()
      await opened
    }
    await route.continue()
  })
  return { reached, open: () => open() }
}

/** The ways down from video, here at the agent's wish; a bad network takes the same ones. */
export async function pictureFallsBack({ agent, album, phone }: PicturedCall): Promise<void> {
  await agent.by('prefer-slow-scan').click()
  await agent.by('rung-notice').waitFor({ timeout: 30_000 })
  await until('the phone to say so', async () => (await phone.by('ladder').getAttribute('data-rung')) === 'slow-scan')
  await agent.by('scan-still').waitFor({ timeout: 30_000 })
  await album.shot(phone.page, 'phone-slow-scan')
  await album.shot(agent.page, 'agent-slow-scan')
  await agent.by('prefer-photo').click()
  await phone.by('send-photo').waitFor({ timeout: 30_000 })
  await phone.page.locator('.notice.urgent').waitFor({ state: 'hidden' })
  await album.shot(phone.page, 'phone-photo')
  await agent.by('prefer-auto').click()
  await agent.by('rung-notice').waitFor({ state: 'detached', timeout: 60_000 })
}
