import { setTimeout as sleep } from 'node:timers/promises'
import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { readEntries } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { CAMERA } from '../harness/fake-camera.ts'
import { type Box, changedInk, fitted } from '../harness/ink.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { ReviewPage } from '../harness/review-page.ts'
import { until } from '../harness/until.ts'

t.setTimeout(240_000)
type Place = readonly [number, number]

const server = await InnerServer.start()
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
const phoneBrowser = await TestBrowser.launch({ phone: true, camera: { camera: 5, text: 'INK', colour: '#0050d0' } })
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close()])
  await server.close()
})
/** Texts as they are painted on any canvas: the numbers of arrows are nowhere else in the page. */
const noteTexts = () => {
  const noted = window as unknown as { painted: string[] }
  noted.painted = []
  const real = CanvasRenderingContext2D.prototype.fillText
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, maxWidth) {
    noted.painted.push(text)
    return maxWidth === undefined ? real.call(this, text, x, y) : real.call(this, text, x, y, maxWidth)
  }
}
const lastTexts = (page: Page, count: number) =>
  page.evaluate(last => (window as unknown as { painted: string[] }).painted.slice(-last), count)
await agentBrowser.context.addInitScript(noteTexts)
await phoneBrowser.context.addInitScript(noteTexts)

const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
const { phone, call } = await callUp({ server, agent, says: tone(440) })
t.teardown(() => phone.close())
const { link } = await agent.sendCode()
const phonePage = await PhonePage.open(phoneBrowser, link)
await phonePage.startCamera()
await until('the camera', async () => (await agent.inviteState()) === 'camera-live')
await until('a picture to freeze', () => agent.by('freeze').isEnabled())
await agent.by('freeze').click()
await agent.by('stage-canvas').waitFor()
const stage = phonePage.by('stage')
await stage.waitFor()

/** The picture on the phone's stage, 0..1 of it. */
const pictureOnPhone = async (): Promise<Box> => {
  const box = await stage.boundingBox()
  if (!box) throw new Error('the phone shows no stage')
  return fitted(box, { width: CAMERA.widthPx, height: CAMERA.heightPx })
}
/** A screenshot that stays the same: whatever was on its way has come. */
async function settled(locator: Locator): Promise<Buffer> {
  let last = await locator.screenshot()
  return until('a picture that stands still', async () => {
    await sleep(250)
    const now = await locator.screenshot()
    const same = (await changedInk(last, now)).pixels === 0
    last = now
    return same && now
  })
}
const newInk = async (before: Buffer) => changedInk(before, await stage.screenshot(), await pictureOnPhone())
const inkComes = (what: string, before: Buffer, pixels = 150) =>
  until(what, async () => {
    const ink = await newInk(before)
    return ink.pixels > pixels && ink
  })
const inkGoes = (what: string, before: Buffer) => until(what, async () => (await newInk(before)).pixels < 20)
const key = (name: string) => agent.page.keyboard.press(name)
const marks = async () => Number(await agent.by('stage-canvas').getAttribute('data-marks'))
/** A click in 0..1 of the agent's page. */
async function click([x, y]: Place): Promise<void> {
  const box = await agent.by('stage-canvas').boundingBox()
  if (!box) throw new Error('no stage')
  await agent.page.mouse.click(box.x + x * box.width, box.y + y * box.height)
}
const round = (x: number, y: number, radius: number): Place[] =>
  Array.from({ length: 25 }, (_, step) => {
    const angle = (step / 24) * Math.PI * 2
    return [x + radius * Math.cos(angle), y + radius * (CAMERA.widthPx / CAMERA.heightPx) * Math.sin(angle)]
  })
// The phone's own photo of the moment takes the place of the frame; what is drawn later is compared with that.
await stage.locator('img[src*="picture="]').waitFor()
const blank = await settled(stage)

t.test('[INK50] every shape that the agent draws lands in the phone’s pixels, at its place of the picture', async t => {
  const from: Place = [0.3, 0.35]
  const to: Place = [0.6, 0.65]
  const drawn: [string, string, readonly Place[], Box][] = [
    ['pen', 'p', [from, [0.45, 0.4], to], { x: 0.3, y: 0.35, width: 0.3, height: 0.3 }],
    ['highlighter', 'h', [from, [0.6, 0.36]], { x: 0.3, y: 0.35, width: 0.3, height: 0.01 }],
    ['line', 'd', [from, to], { x: 0.3, y: 0.35, width: 0.3, height: 0.3 }],
    ['arrow', 'a', [from, to], { x: 0.3, y: 0.35, width: 0.3, height: 0.3 }],
    ['numbered arrow', 'n', [from, to], { x: 0.3, y: 0.35, width: 0.3, height: 0.3 }],
    ['circle', 'c', [from, to], { x: 0.3, y: 0.35, width: 0.3, height: 0.3 }],
    ['box', 'b', [from, to], { x: 0.3, y: 0.35, width: 0.3, height: 0.3 }],
    ['snapped circle', 's', round(0.45, 0.5, 0.1), { x: 0.35, y: 0.3667, width: 0.2, height: 0.2667 }],
    [
      'warning',
      'w',
      [
        [0.45, 0.5],
        [0.45, 0.5],
      ],
      { x: 0.43, y: 0.47, width: 0.04, height: 0.06 },
    ],
    [
      'press',
      'g',
      [
        [0.45, 0.5],
        [0.45, 0.5],
      ],
      { x: 0.43, y: 0.48, width: 0.05, height: 0.1 },
    ],
    [
      'tick',
      'y',
      [
        [0.45, 0.5],
        [0.45, 0.5],
      ],
      { x: 0.43, y: 0.47, width: 0.04, height: 0.06 },
    ],
    [
      'cross',
      'x',
      [
        [0.45, 0.5],
        [0.45, 0.5],
      ],
      { x: 0.43, y: 0.47, width: 0.04, height: 0.06 },
    ],
    [
      'turn left',
      ',',
      [
        [0.45, 0.5],
        [0.45, 0.5],
      ],
      { x: 0.43, y: 0.47, width: 0.04, height: 0.06 },
    ],
    [
      'turn right',
      '.',
      [
        [0.45, 0.5],
        [0.45, 0.5],
      ],
      { x: 0.43, y: 0.47, width: 0.04, height: 0.06 },
    ],
  ]
  for (const [name, tool, places, at] of drawn) {
    await key(tool)
    await agent.drag(places)
    await inkComes(`${name} on the phone`, blank)
    const ink = await changedInk(blank, await settled(stage), await pictureOnPhone())
    // Strokes have a width, arrows a head, and a small picture gets wider strokes.
    const near = (one: number, other: number) => Math.abs(one - other) < 0.06
    t.ok(
      near(ink.box.x, at.x) &&
        near(ink.box.y, at.y) &&
        near(ink.box.x + ink.box.width, at.x + at.width) &&
        near(ink.box.y + ink.box.height, at.y + at.height),
      `${name} covers ${JSON.stringify(ink.box)}`,
    )
    await key('Delete')
    await inkGoes(`${name} to go`, blank)
  }
  await key('t')
  await click([0.3, 0.5])
  await agent.by('text-entry').fill('HERE 这里')
  await key('Enter')
  const text = await inkComes('the text on the phone', blank)
  t.ok(Math.abs(text.box.x - 0.3) < 0.05 && text.box.y > 0.35 && text.box.y < 0.5, JSON.stringify(text.box))
  await click([0.33, 0.48])
  t.equal(await agent.by('text-entry').inputValue(), 'HERE 这里', 'one’s own text can be changed')
  await agent.by('text-entry').fill('THERE')
  await key('Enter')
  await until('the other words', async () => (await lastTexts(phonePage.page, 1))[0] === 'THERE')
  await until('one mark', async () => (await marks()) === 1)
  await key('Delete')
  await inkGoes('the text to go', blank)
})

t.test('[INK51] arrows count 1, 2, 3 on both sides', async t => {
  await key('n')
  for (const x of [0.3, 0.5, 0.7])
    await agent.drag([
      [x, 0.7],
      [x, 0.4],
    ])
  for (const page of [agent.page, phonePage.page])
    await until('three numbers', async () => (await lastTexts(page, 3)).join() === '1,2,3')
  await key('Control+z')
  await until('two numbers', async () => (await lastTexts(phonePage.page, 2)).join() === '1,2')
  await agent.drag([
    [0.6, 0.7],
    [0.6, 0.4],
  ])
  for (const page of [agent.page, phonePage.page])
    await until('a third one again', async () => (await lastTexts(page, 3)).join() === '1,2,3')
  await key('Delete')
  await inkGoes('the arrows to go', blank)
  t.equal(await marks(), 0)
})

t.test('[INK52] undo, redo, eraser and clearing are seen on the phone as they are meant', async t => {
  await key('p')
  await agent.drag([
    [0.2, 0.3],
    [0.5, 0.3],
  ])
  await inkComes('one line', blank)
  await until('one mark', async () => (await marks()) === 1)
  const one = await settled(stage)
  await agent.drag([
    [0.2, 0.6],
    [0.5, 0.6],
  ])
  await inkComes('another line', one)
  await until('two marks', async () => (await marks()) === 2)
  const two = await settled(stage)
  await key('Control+z')
  await inkGoes('the second to go', one)
  await key('Control+Shift+z')
  await inkGoes('the second to be back', two)
  await key('e')
  await agent.drag([
    [0.35, 0.5],
    [0.35, 0.7],
  ])
  await inkGoes('the second to be erased', one)
  await key('Control+z')
  await inkGoes('the second to be back', two)
  await key('Delete')
  await inkGoes('everything to go', blank)
  await key('Control+z')
  await inkGoes('everything to be back', two)
  t.equal(await marks(), 2)
  await key('Delete')
  await inkGoes('everything to go', blank)
})

t.test('[INK53] the caller draws with a finger; the agent sees it at its place, in the caller’s colour', async t => {
  const canvas = agent.by('stage-canvas')
  const before = await settled(canvas)
  await phonePage.by('draw').click()
  await phonePage.by('draw-bar').waitFor()
  const box = await stage.boundingBox()
  if (!box) throw new Error('no stage')
  const on = fitted(box, { width: CAMERA.widthPx, height: CAMERA.heightPx })
  const at = ([x, y]: Place) => ({
    x: box.x + (on.x + x * on.width) * box.width,
    y: box.y + (on.y + y * on.height) * box.height,
  })
  const touch = await phoneBrowser.context.newCDPSession(phonePage.page)
  const finger = async (places: readonly Place[]) => {
    for (const [index, place] of places.entries()) {
      const type = index === 0 ? 'touchStart' : 'touchMove'
      await touch.send('Input.dispatchTouchEvent', { type, touchPoints: [at(place)] })
    }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  }
  for (const [tool, places] of [
    [
      'draw-pen',
      [
        [0.3, 0.4],
        [0.4, 0.5],
        [0.5, 0.45],
        [0.6, 0.6],
      ],
    ],
    [
      'draw-arrow',
      [
        [0.3, 0.4],
        [0.45, 0.5],
        [0.6, 0.6],
      ],
    ],
    [
      'draw-circle',
      [
        [0.3, 0.4],
        [0.5, 0.5],
        [0.6, 0.6],
      ],
    ],
  ] as [string, Place[]][]) {
    await phonePage.by(tool).click()
    await finger(places)
    const ink = await until(`${tool} at the agent`, async () => {
      const found = await changedInk(before, await canvas.screenshot())
      return found.pixels > 150 && found
    })
    t.ok(
      Math.abs(ink.box.x - 0.3) < 0.06 && Math.abs(ink.box.y - 0.4) < 0.06 && ink.box.width < 0.42,
      `${tool} covers ${JSON.stringify(ink.box)}`,
    )
    await phonePage.by('draw-undo').click()
    await until(`${tool} to go`, async () => (await changedInk(before, await canvas.screenshot())).pixels < 20)
  }
  await phonePage.by('draw-pen').click()
  await finger([
    [0.3, 0.4],
    [0.6, 0.6],
  ])
  await until('the caller’s line', async () => (await marks()) === 1)
  await phonePage.by('draw-done').click()
  await phonePage.by('draw-bar').waitFor({ state: 'hidden' })
  await key('Control+z')
  await until('the agent’s two lines to be back beside it', async () => (await marks()) === 3)
  await key('Control+y')
  await until('the caller’s line alone', async () => (await marks()) === 1)
})

t.test('[INK54] the laser pointer shows on the phone and fades', async t => {
  await key('k')
  const box = await agent.by('stage-canvas').boundingBox()
  if (!box) throw new Error('no stage')
  const dot = phonePage.by('stage-pointers')
  await until('a dot on the phone', async () => {
    const x = 0.4 + 0.2 * Math.random()
    await agent.page.mouse.move(box.x + x * box.width, box.y + 0.5 * box.height, { steps: 4 })
    return (await dot.getAttribute('data-pointers')) === '1'
  })
  await agent.page.mouse.move(box.x + box.width / 2, box.y - 30)
  await until('the dot to fade', async () => (await dot.getAttribute('data-pointers')) === '0')
  t.equal(await marks(), 1, 'it leaves no ink')
})

t.test('[INK55] a phone that comes late sees the same', async t => {
  await key('n')
  await agent.drag([
    [0.7, 0.7],
    [0.7, 0.4],
  ])
  await key('2')
  await key('b')
  await agent.drag([
    [0.2, 0.65],
    [0.4, 0.85],
  ])
  await key('1')
  await until('three marks', async () => (await marks()) === 3)
  await agent.page.mouse.move(5, 5)
  const before = await settled(stage)
  await phonePage.page.reload()
  await stage.waitFor()
  // The words above the page change with time; the picture and what is drawn on it do not.
  await until('the same page again', async () => (await newInk(before).catch(() => ({ pixels: 1e9 }))).pixels < 60)
  t.pass('the same picture with the same marks')
})

t.test('[INK56] the record tells who drew what', async t => {
  await agent.hangUp()
  await call.ended
  const entries = await readEntries(await server.sealedArchive())
  const begun = entries.flatMap(entry => (entry.type === 'mark.begun' ? [entry] : []))
  const authors = new Map<string, Set<string>>()
  for (const { by, mark } of begun) authors.set(by, (authors.get(by) ?? new Set()).add(mark.colour))
  t.equal(authors.size, 2)
  t.ok(
    [...authors.values()].some(colours => [...colours].join() === 'green'),
    'the caller’s marks are green',
  )
  t.equal(begun.filter(entry => entry.replaces !== undefined).length, 2, 'a snapped circle and a text rewritten')
})

t.test('[INK57] the replay shows what both sides saw', async t => {
  const review = await ReviewPage.signIn(agentBrowser, server, await server.person('reviewer'))
  // The film is made after the call.
  await until('the replay', async () => {
    await review.page.goto(`${server.url}/review`)
    await review.open({ number: '138', reason: 'ink' })
    return (await review.by('replay-video').evaluate(node => (node as HTMLVideoElement).duration)) > 1
  })
  await review.by('replay-video').evaluate(node => {
    const video = node as HTMLVideoElement
    video.currentTime = video.duration - 0.3
  })
  const canvas = review.by('replay-canvas')
  await until('the three marks of the end', async () => (await canvas.getAttribute('data-marks')) === '3')
  await until('its number', async () => (await lastTexts(review.page, 1))[0] === '1')
  t.same(complaintsOf(agentBrowser, phoneBrowser), [], 'no page complained')
})
