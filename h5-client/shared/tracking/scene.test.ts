import t from 'tap'
import { HOME, photograph, simulatedSurface, VIEW } from './harness/simulated-view.ts'
import { apply } from './homography.ts'
import type { FrameData } from './messages.ts'
import { MOST_PLACES, Scene } from './scene.ts'
import { newTracking } from './work.ts'

const surface = simulatedSurface(11)
const shot = (x: number, seed: number) => photograph({ surface, pose: { ...HOME, x: HOME.x + x } }, seed)

t.test('[TRK11] a second mark nearby shares the anchor, and its points go back into the anchor frame', async t => {
  const scene = new Scene()
  t.equal(scene.penDown(shot(0, 1), 0.5, 0.5, 'a').kind, 'new')
  scene.update(shot(8, 2))
  const second = scene.penDown(shot(16, 3), 0.5, 0.5, 'b')
  t.equal(second.kind, 'known')
  if (second.kind !== 'known') return
  t.equal(second.placeId, 'a')
  // The camera went 16 px to the right: what is in the middle now was 16 px right of the middle in the anchor frame.
  const at = apply(second.toAnchor, 0.5, 0.5)
  t.ok(Math.abs(at.x - (0.5 + 16 / VIEW.width)) < 0.003 && Math.abs(at.y - 0.5) < 0.003, `${at.x}, ${at.y}`)
  t.equal(scene.penDown(shot(16, 4), 0.95, 0.9, 'c').kind, 'new', 'too far from the first one')
  t.same(scene.placeIds, ['a', 'c'])
  t.same(scene.penDown(shot(16, 4), 0.95, 0.9, 'c'), {
    kind: 'known',
    placeId: 'c',
    toAnchor: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  })
})

t.test('[TRK12] the oldest anchor gives way', async t => {
  const scene = new Scene()
  const other = (index: number) => photograph({ surface: simulatedSurface(20 + index), pose: HOME }, index)
  for (let index = 0; index <= MOST_PLACES; index += 1) scene.penDown(other(index), 0.5, 0.5, `p${index}`)
  t.equal(scene.placeIds.length, MOST_PLACES)
  t.notOk(scene.placeIds.includes('p0'))
})

t.test('[TRK4] a pen on a smooth wall is told so at once', async t => {
  const flat = { ...VIEW, data: new Uint8Array(VIEW.width * VIEW.height).fill(90) }
  const down = new Scene().penDown(flat, 0.5, 0.5, 'a')
  t.ok(down.kind === 'new' && !down.hasTexture)
})

t.test('[TRK7] from one worker to another: the phone finds what the agent marked', async t => {
  const rgba = (x: number, seed: number): FrameData => {
    const grey = shot(x, seed)
    const data = new Uint8Array(grey.data.length * 4)
    for (const [index, value] of grey.data.entries()) data.fill(value, index * 4, index * 4 + 3)
    return { width: grey.width, height: grey.height, rgba: data.buffer }
  }
  const agent = newTracking(() => 0)
  const phone = newTracking(() => 0)
  const down = agent({ kind: 'pen', frameId: 1, data: rgba(0, 1), x: 0.5, y: 0.5, newId: 'a' })
  if (down?.kind !== 'pen' || down.down.kind !== 'new') throw new Error('no anchor')
  const box = { x: 0.43, y: 0.43, width: 0.14, height: 0.14 }
  phone({ kind: 'features', placeId: 'a', features: down.down.features, box })
  phone({ kind: 'box', placeId: 'a', box: { ...box, width: 0.2 } })
  let state = ''
  for (let frameId = 2; frameId < 8; frameId += 1) {
    const said = phone({ kind: 'frame', frameId, data: rgba(30, frameId) })
    if (said?.kind !== 'frame') throw new Error('no poses')
    const [pose] = said.poses
    state = pose?.state ?? ''
    if (!pose?.homography) continue
    const at = apply(pose.homography, 0.5, 0.5)
    t.ok(Math.abs(at.x - (0.5 - 30 / VIEW.width)) < 0.006 && Math.abs(at.y - 0.5) < 0.006)
  }
  t.equal(state, 'tracking')
  phone({ kind: 'remove', placeId: 'a' })
  const last = phone({ kind: 'frame', frameId: 9, data: rgba(30, 9) })
  t.ok(last?.kind === 'frame' && last.poses.length === 0)
})
