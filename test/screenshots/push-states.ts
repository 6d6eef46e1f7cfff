import { pdfFixture } from '../../media/picture/pdf-fixture.ts'
import { runLibrary } from '../../scripts/library.ts'
import { simulateScreen } from '../harness/simulated-screen.ts'
import { until } from '../harness/until.ts'
import { type PicturedCall, SMALL_DESK, SMALL_PHONE } from './pictured-call.ts'

/** A network and its password in the large type of a card, and a link that opens by the caller's tap only. */
export async function cardsArePushed({ agent, album, phone }: PicturedCall): Promise<void> {
  await agent.page.keyboard.press('Shift+P')
  await agent.by('push-about-wifi').click()
  await agent.by('push-field-network').fill('Home-5G')
  await agent.by('push-field-password').fill('kX7-0OlI')
  await agent.page.keyboard.press('Enter')
  await phone.by('push-card').waitFor()
  await until('seen', async () => (await agent.by('push-last').getAttribute('data-state')) === 'seen')
  await album.shot(phone.page, 'phone-card')
  await album.shotAt(phone.page, SMALL_PHONE, 'phone-card-320')
  await album.shot(agent.page, 'agent-push-card')
  await album.shotAt(agent.page, SMALL_DESK, 'agent-push-card-1280')
  await agent.by('push-about-link').click()
  await agent.by('push-field-url').fill('https://shop.example.com/pay?order=1')
  await agent.by('push-send').click()
  await phone.by('push-open').waitFor()
  await album.shot(phone.page, 'phone-link')
  await album.shot(agent.page, 'agent-push-link')
}

export async function pagesArePushed({ agent, album, phone }: PicturedCall): Promise<void> {
  const pdf = pdfFixture([
    { words: 'Boiler X', rgb: [0.16, 0.4, 0.75] },
    { words: '1 Close the valve', rgb: [0.85, 0.45, 0.1] },
    { words: '2 Open the lid', rgb: [0.1, 0.55, 0.3] },
  ])
  await agent.by('push-tab-file').click()
  await agent.by('push-file').setInputFiles({ name: 'boiler-x.pdf', mimeType: 'application/pdf', buffer: pdf })
  await agent.by('push-send').click()
  await agent.by('push-document').waitFor()
  await agent.page.locator('[data-test="push-pdf-page"]').nth(1).click()
  await phone.by('stage').waitFor()
  await until('seen', async () => (await agent.by('push-last').getAttribute('data-state')) === 'seen')
  await album.shot(agent.page, 'agent-push-pdf')
  await album.shot(phone.page, 'phone-pdf')
}

export async function diagramIsPushed({ agent, album, phone, server }: PicturedCall): Promise<void> {
  const env = { TONGPING_DATA_DIR: server.dataDir }
  if ((await runLibrary(['samples'], { env, say: () => {} })) !== 0) throw new Error('no sample diagrams')
  await agent.by('push-tab-library').click()
  await agent.by('push-search').fill('router')
  await agent.page.locator('[data-test="push-diagram"]', { hasText: '10' }).first().click()
  await until('the diagram on the stage', async () => {
    const last = agent.by('push-last')
    return /10/.test((await last.textContent()) ?? '') && (await last.getAttribute('data-state')) === 'seen'
  })
  await album.shot(agent.page, 'agent-push-library')
  await album.shot(phone.page, 'phone-diagram')
}

/** The screen is SIMULATED: a headless browser has none. */
export async function screenIsShared({ agent, album, phone }: PicturedCall): Promise<void> {
  await agent.page.evaluate(simulateScreen, { colour: '#1f4e8c', words: album.say('订单 4711', 'Order 4711') })
  await agent.by('push-tab-share').click()
  await agent.by('share-start').click()
  await phone.by('share').waitFor()
  const isPlaying = () =>
    phone
      .by('share-video')
      .evaluate(node => (node as HTMLVideoElement).videoWidth > 0 && !(node as HTMLVideoElement).paused)
  await until('the screen on the phone', isPlaying, { timeoutMs: 30_000 })
  await album.shot(phone.page, 'phone-share')
  await album.shot(agent.page, 'agent-share')
  await agent.by('share-stop').click()
  await phone.by('share').waitFor({ state: 'hidden' })
  await agent.by('push-close').click()
}
