import t from 'tap'
import { MAX_SCALE, panned, WHOLE, zoomedBy, zoomedRect } from './zoom.ts'

const STAGE = { width: 1000, height: 600 }
const PICTURE = { width: 1280, height: 720 }

t.test('[WB10] the place under the pointer stays where it is', async t => {
  const at = { x: 700, y: 250 }
  const before = zoomedRect(STAGE, PICTURE, WHOLE)
  const unit = (rect: { x: number; y: number; width: number; height: number }) => [
    (at.x - rect.x) / rect.width,
    (at.y - rect.y) / rect.height,
  ]
  let zoom = WHOLE
  for (let i = 0; i < 5; i++) {
    zoom = zoomedBy(STAGE, PICTURE, zoom, 1.4, at)
    const [x = 0, y = 0] = unit(zoomedRect(STAGE, PICTURE, zoom))
    const [x0 = 0, y0 = 0] = unit(before)
    t.ok(Math.abs(x - x0) < 1e-9 && Math.abs(y - y0) < 1e-9, `scale ${zoom.scale.toFixed(2)}`)
  }
})

t.test('[WB11] a picture that could fill the stage leaves no gap, however far it is pulled', async t => {
  const close = zoomedBy(STAGE, PICTURE, WHOLE, 4)
  for (const [dx, dy] of [
    [9_999, 9_999],
    [-9_999, -9_999],
  ] as const) {
    const rect = zoomedRect(STAGE, PICTURE, panned(STAGE, PICTURE, close, dx, dy))
    t.ok(rect.x <= 1e-9 && rect.x + rect.width >= STAGE.width - 1e-9)
    t.ok(rect.y <= 1e-9 && rect.y + rect.height >= STAGE.height - 1e-9)
  }
  const pulled = panned(STAGE, PICTURE, close, 9_999, 0)
  t.not(zoomedRect(STAGE, PICTURE, panned(STAGE, PICTURE, pulled, -10, 0)).x, 0, 'and the way back begins at once')
})

t.test('[WB12] never smaller than whole, never closer than the limit', async t => {
  t.equal(zoomedBy(STAGE, PICTURE, WHOLE, 0.1), WHOLE)
  t.equal(zoomedBy(STAGE, PICTURE, WHOLE, 1e6).scale, MAX_SCALE)
  t.equal(panned(STAGE, PICTURE, WHOLE, 50, 50), WHOLE)
})
