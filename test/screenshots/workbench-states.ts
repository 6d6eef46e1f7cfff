import { CAMERA, TEXT_BAND } from '../harness/fake-camera.ts'
import { fitted } from '../harness/ink.ts'
import { drawSpecimen } from '../harness/specimen-documents.ts'
import { until } from '../harness/until.ts'
import { type PicturedCall, SMALL_DESK, SMALL_PHONE } from './pictured-call.ts'

type Place = readonly [x: number, y: number]
const READING_LIMIT_MS = 60_000

/** Places of the frozen picture as places of the agent's canvas. */
async function onPicture({ agent }: PicturedCall): Promise<(x: number, y: number) => Place> {
  const box = await agent.by('stage-canvas').boundingBox()
  if (!box) throw new Error('no stage')
  const on = fitted(box, { width: CAMERA.widthPx, height: CAMERA.heightPx })
  return (x, y) => [on.x + x * on.width, on.y + y * on.height]
}

export async function workbenchRings(call: PicturedCall): Promise<void> {
  const { album, agent } = call
  await album.shot(agent.page, 'agent-waiting')
  await call.ring(() => album.shot(agent.page, 'agent-ringing'))
  await album.shot(agent.page, 'agent-answered')
}

/** The plate, framed as a person frames it. */
async function readPlate({ agent }: PicturedCall): Promise<void> {
  await agent.page.keyboard.press('r')
  await agent.by('region-layer').waitFor()
  await agent.drag([
    [0.02, TEXT_BAND.y - 0.01],
    [0.98, TEXT_BAND.y + TEXT_BAND.height + 0.01],
  ])
  await agent.by('findings').waitFor({ timeout: READING_LIMIT_MS })
}

/** The picture of the README: the plate read, then a circle, an arrow and a stroke. */
export async function workbenchMarks(call: PicturedCall): Promise<void> {
  const { album, agent, phone } = call
  await call.freeze()
  await readPlate(call)
  await agent.page.keyboard.press('Escape')
  const at = await onPicture(call)
  await agent.by('tool-circle').click()
  await agent.drag([at(0.04, 0.33), at(0.96, 0.61)])
  await agent.by('tool-arrow').click()
  await agent.drag([at(0.86, 0.9), at(0.76, 0.63)])
  await agent.by('tool-pen').click()
  await agent.drag([at(0.06, 0.64), at(0.16, 0.655), at(0.3, 0.64)])
  await album.shot(agent.page, 'agent-marks')
  await album.shotAt(agent.page, SMALL_DESK, 'agent-marks-1280')
  await album.shot(phone.page, 'phone-marks')
  await album.shotAt(phone.page, SMALL_PHONE, 'phone-marks-320')
}

/** Every tool once. */
export async function workbenchInk(call: PicturedCall): Promise<void> {
  const { agent, album, phone } = call
  const { page } = agent
  await page.keyboard.press('Delete')
  const at = await onPicture(call)
  const drawn: readonly (readonly [key: string, places: readonly Place[]])[] = [
    ['p', [at(0.03, 0.39), at(0.06, 0.55), at(0.09, 0.39)]],
    ['h', [at(0.3, 0.47), at(0.88, 0.47)]],
    ['d', [at(0.05, 0.62), at(0.3, 0.62)]],
    ['a', [at(0.36, 0.78), at(0.3, 0.7)]],
    ['n', [at(0.5, 0.3), at(0.4, 0.42)]],
    ['n', [at(0.7, 0.3), at(0.6, 0.42)]],
    ['c', [at(0.42, 0.62), at(0.65, 0.96)]],
    ['b', [at(0.68, 0.64), at(0.8, 0.76)]],
    ['w', [at(0.9, 0.68), at(0.9, 0.68)]],
    ['g', [at(0.74, 0.86), at(0.74, 0.86)]],
    ['y', [at(0.84, 0.86), at(0.84, 0.86)]],
    ['x', [at(0.93, 0.86), at(0.93, 0.86)]],
    ['.', [at(0.16, 0.88), at(0.16, 0.88)]],
  ]
  for (const [key, places] of drawn) {
    await page.keyboard.press(key)
    await agent.drag(places)
  }
  const box = await agent.by('stage-canvas').boundingBox()
  await page.keyboard.press('t')
  const [x, y] = at(0.06, 0.3)
  await page.mouse.click((box?.x ?? 0) + x * (box?.width ?? 0), (box?.y ?? 0) + y * (box?.height ?? 0))
  await agent.by('text-entry').fill(album.say('按这里 3 秒', 'Hold 3 s'))
  await page.keyboard.press('Enter')
  await album.shot(page, 'agent-ink')
  await album.shot(phone.page, 'phone-ink')
}

/** A framed part, what it says, and what of it is a serial number. */
export async function workbenchReads(call: PicturedCall): Promise<void> {
  const { agent, album } = call
  await agent.page.keyboard.press('Delete')
  await agent.page.keyboard.press('Escape')
  await readPlate(call)
  await album.shot(agent.page, 'agent-reading')
  await agent.page.keyboard.press('Escape')
  await agent.by('read-codes').click()
  await agent.by('code').waitFor({ timeout: READING_LIMIT_MS })
  await album.shot(agent.page, 'agent-codes')
}

export async function workbenchScans({ agent, album }: PicturedCall): Promise<void> {
  await agent.by('scan-codes').click()
  await agent.by('code-outlines').waitFor({ timeout: READING_LIMIT_MS })
  await album.shot(agent.page, 'agent-scan')
  await agent.by('scan-codes').click()
  await agent.by('code-outlines').waitFor({ state: 'detached' })
}

/** Another kind of call, the caller's leave for documents, and a specimen of nobody's. */
export async function workbenchDocument(call: PicturedCall): Promise<void> {
  const { agent, album, phone } = call
  await agent.by('scenario').selectOption('identity')
  await agent.by('consent-document').waitFor()
  await agent.by('ask-document').click()
  await phone.by('consent-sheet').waitFor()
  await album.shot(phone.page, 'phone-consent')
  await album.shot(agent.page, 'agent-consent')
  await phone.by('consent-agree').click()
  await agent.by('read-document').waitFor()
  const { png } = await drawSpecimen('cn-id-front', 7)
  await agent.page.keyboard.press('Shift+P')
  await agent.by('push-tab-file').click()
  await agent.by('push-file').setInputFiles({ name: 'specimen.png', mimeType: 'image/png', buffer: png })
  await agent.by('push-send').click()
  await phone.by('stage').waitFor()
  await agent.by('push-close').click()
  await until('the page at the phone', async () => (await agent.by('mirror').getAttribute('data-look')) === 'same')
  await agent.by('read-document').click()
  await agent.by('document').waitFor({ timeout: READING_LIMIT_MS })
  await agent.by('document').scrollIntoViewIfNeeded()
  await album.shot(agent.page, 'agent-document')
  await agent.by('scenario').selectOption('repair')
  await agent.by('guest').waitFor()
}

/** Somebody else has the link: what that browser shows, and what the agent is asked. */
export async function workbenchRebind(call: PicturedCall): Promise<void> {
  const { agent, album } = call
  const other = await call.openElsewhere()
  await other.refusal(30_000)
  await album.shot(other.page, 'phone-used-link')
  await other.by('takeover').click()
  for (const consent of ['consent-camera', 'consent-recording']) await other.by(consent).check()
  await other.by('start-camera').click()
  await agent.by('rebind').waitFor({ timeout: 30_000 })
  await other.by('takeover').waitFor()
  await album.shot(other.page, 'phone-rebind')
  await album.shot(agent.page, 'agent-rebind')
  await agent.by('rebind-refuse').click()
  await other.by('takeover-ended').waitFor()
  await album.shot(other.page, 'phone-rebind-refused')
}
