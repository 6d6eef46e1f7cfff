import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { demoFaces } from '../harness/demo-face.ts'
import { drawSpecimen } from '../harness/specimen-documents.ts'
import { until } from '../harness/until.ts'
import type { Album } from './album.ts'
import { evidenceHouse, evidenceServer } from './evidence-house.ts'
import { LABEL_CAMERA, PicturedCall, SMALL_DESK } from './pictured-call.ts'
import { wholeTour } from './review-office.ts'
import { ReviewTour } from './review-rooms.ts'
import { workbenchMarks } from './workbench-states.ts'

/** A call that leaves everything there is, then everything that is done with it. */
export async function evidenceIsMade(album: Album): Promise<void> {
  const server = await evidenceServer(await evidenceHouse())
  const call = await PicturedCall.start(album, { camera: { camera: LABEL_CAMERA }, server })
  try {
    await callLeavesEvidence(call)
    await album.part('marks', () => workbenchMarks(call))
    await album.part('card shutter', () => cardIsPaid(call))
    await album.part('faces', () => facesAreShown(call))
    await call.hangUp()
    await server.sealedArchive({ muxed: true, timeoutMs: 120_000, which: hasCamera })
    const tour = await ReviewTour.start(album, server)
    await wholeTour(album, tour).finally(() => tour.close())
  } finally {
    await call.close()
  }
}

/** Of the records of the house only this call's has a camera. */
const hasCamera = async (folder: string) =>
  (await readdir(join(folder, 'tracks')).catch(() => [])).some(name => name.startsWith('caller-camera'))

/** What of the call is kept, as agent and caller see it: asked by text message, recorded by hand, flagged, shut while a card is paid. */
export async function callLeavesEvidence(call: PicturedCall): Promise<void> {
  const { album, agent } = call
  await call.ring()
  await agent.by('sms-yes').waitFor()
  await album.shot(agent.page, 'evidence-sms')
  await agent.by('sms-yes').check()
  const { link } = await agent.sendCode()
  const phone = await call.openLink(link)
  await phone.by('start-camera').waitFor()
  await album.shot(phone.page, 'evidence-phone-consents')
  for (const consent of ['consent-camera', 'consent-recording']) await phone.by(consent).check()
  await phone.by('start-camera').click()
  await phone.by('preview').waitFor()
  await call.cameraLive()
  await album.shot(agent.page, 'evidence-not-recorded')
  await album.shot(phone.page, 'evidence-phone-not-recorded')
  await agent.by('record').click()
  await until('it to be recorded', async () => (await agent.by('recording').getAttribute('data-state')) === 'on')
  await agent.by('flag-complaint').click()
  await sleep(1_500)
  await album.shot(agent.page, 'evidence-recorded')
  await album.shotAt(agent.page, SMALL_DESK, 'evidence-recorded-1280')
  await album.shot(phone.page, 'evidence-phone-recorded')
  await phone.by('more').click()
  await album.shot(phone.page, 'evidence-phone-more')
  await phone.page.keyboard.press('Escape')
}

export async function cardIsPaid({ album, agent, phone }: PicturedCall): Promise<void> {
  await agent.by('card-shutter').click()
  await agent.by('shutter-banner').waitFor()
  await phone.by('card-shutter').waitFor()
  await album.shot(agent.page, 'evidence-shutter')
  await album.shotAt(agent.page, SMALL_DESK, 'evidence-shutter-1280')
  await album.shot(phone.page, 'evidence-phone-shutter')
  await agent.by('shutter-end').click()
  await agent.by('shutter-banner').waitFor({ state: 'detached' })
}

/** A person's photo and a specimen of a card, as pages of the call. */
export async function facesAreShown({ agent, phone }: PicturedCall): Promise<void> {
  const { png } = await drawSpecimen('cn-id-front', 7)
  const files = [
    { name: 'persons.jpg', mimeType: 'image/jpeg', buffer: await demoFaces() },
    { name: 'specimen.png', mimeType: 'image/png', buffer: png },
  ]
  for (const file of files) {
    await agent.page.keyboard.press('Shift+P')
    await agent.by('push-tab-file').click()
    await agent.by('push-file').setInputFiles(file)
    await agent.by('push-send').click()
    await phone.by('stage').waitFor()
    await agent.by('push-close').click()
    await until('the page at the phone', async () => (await agent.by('mirror').getAttribute('data-look')) === 'same')
    await sleep(1_000)
  }
}
