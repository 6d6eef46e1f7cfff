import { setTimeout as sleep } from 'node:timers/promises'
import { discOn, sampleLive } from '../harness/live-ink.ts'
import { movingCameraFile } from '../harness/moving-camera.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'
import type { Album } from './album.ts'
import { LABEL_CAMERA, PicturedCall } from './pictured-call.ts'

const INVITE_TTL_MS = 12_000
const WECHAT =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.49'

/** A moving camera: the mark that stays on its thing, and the word when the thing is gone. */
export async function marksOnTheMove(album: Album): Promise<void> {
  const call = await PicturedCall.start(album, { camera: { cameraFile: await movingCameraFile() } })
  try {
    const { agent } = call
    await call.ring()
    await call.join()
    const see = () => sampleLive(agent.by('stage'), 'remote-video', 'live-canvas')
    const start = await until(
      'the thing in the middle',
      async () => {
        const { disc } = await see()
        return disc && Math.abs(disc.x - 0.5) < 0.2 && Math.abs(disc.y - 0.5) < 0.2 && disc
      },
      { timeoutMs: 60_000 },
    )
    await agent.page.keyboard.press('c')
    const box = await agent.by('live-canvas').boundingBox()
    if (!box) throw new Error('no canvas')
    const corner = { x: box.x + start.x * box.width - 60, y: box.y + start.y * box.height - 60 }
    await agent.page.mouse.move(corner.x, corner.y)
    await agent.page.mouse.down()
    const held = await until('the thing on the held frame', () => discOn(agent.by('live-canvas')))
    const middle = { x: box.x + held.x * box.width, y: box.y + held.y * box.height }
    await agent.page.mouse.move(2 * middle.x - corner.x, 2 * middle.y - corner.y, { steps: 4 })
    await agent.page.mouse.up()
    await until('the mark beside its thing', async () => {
      const { disc, ink } = await see()
      return disc && ink
    })
    await until('the mark on the phone', async () => {
      return (await sampleLive(call.phone.by('live'), 'preview', 'live-marks')).ink
    })
    await album.shot(agent.page, 'agent-live-marks')
    await album.shot(call.phone.page, 'phone-live-marks')
    await until('the mark to be lost', async () => (await see()).isNoticeShown, { timeoutMs: 60_000 })
    await album.shot(agent.page, 'agent-mark-lost')
    await album.shot(call.phone.page, 'phone-mark-lost')
  } finally {
    await call.close()
  }
}

/** Codes that lead nowhere, a browser that cannot, and a caller who refuses the recording. */
export async function refusals(album: Album): Promise<void> {
  const settings = { calls: { inviteTtlMs: INVITE_TTL_MS } }
  const call = await PicturedCall.start(album, { camera: { camera: LABEL_CAMERA }, settings })
  try {
    const { agent, phoneBrowser, server } = call
    const start = await PhonePage.open(phoneBrowser, server.url)
    await start.by('digits-input').waitFor()
    await album.shot(start.page, 'phone-digits')
    await call.ring()
    const { link } = await agent.sendCode()
    await openInWeChat(call, link)
    await sleep(INVITE_TTL_MS)
    await call.openLink(link)
    await call.phone.refusal()
    await album.shot(call.phone.page, 'phone-expired-link')
    const next = await agent.sendCode()
    const phone = await call.openLink(next.link)
    await phone.by('consent-camera').check()
    await phone.by('start-camera').click()
    await call.cameraLive()
    await agent.by('not-kept').waitFor()
    await album.shot(agent.page, 'agent-not-kept')
    await album.shot(phone.page, 'phone-not-kept')
    await phone.by('stop').click()
    await phone.by('stopped').waitFor()
    await album.shot(phone.page, 'phone-stopped')
  } finally {
    await call.close()
  }
}

/** An app's own browser without a camera interface; only what it says of itself is SIMULATED. */
async function openInWeChat({ album, phoneBrowser }: PicturedCall, link: string): Promise<void> {
  const page = await phoneBrowser.context.newPage()
  const devtools = await phoneBrowser.context.newCDPSession(page)
  await devtools.send('Emulation.setUserAgentOverride', { userAgent: WECHAT })
  await page.addInitScript(() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined }))
  await page.goto(link)
  await new PhonePage(page).by('trouble').waitFor()
  await album.shot(page, 'phone-open-in-browser')
  await page.close()
}
