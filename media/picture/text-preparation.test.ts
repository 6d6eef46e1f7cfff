import sharp from 'sharp'
import t from 'tap'
import { drawLabel } from '../../test/harness/label-pictures.ts'
import { spoil } from '../../test/harness/picture-conditions.ts'
import { greyOf } from './grey.ts'
import { layoutOf } from './text-preparation.ts'
import { turnedBy, turnedByQuarter } from './text-turn.ts'

const plate = await drawLabel('rating plate', 5)
const layout = async (picture: Buffer) => layoutOf(await greyOf(picture), false)

t.test('[DOC1] the angle of print is found within 1°, to both sides and up to 15°', async t => {
  for (const turned of [-15, -9, -4, -1.5, 0, 2.5, 6, 12, 15]) {
    const picture = await sharp(plate.png).rotate(turned, { background: '#6c7076' }).png().toBuffer()
    const { skewDeg, rows, sideways } = await layout(picture)
    t.ok(Math.abs(skewDeg + turned) < 1, `turned by ${turned}°, found ${skewDeg.toFixed(2)}°`)
    const long = rows.filter(row => row.lengthPx > row.letterPx * 4)
    t.equal(long.length, plate.lines.length)
    t.notOk(sideways)
  }
})

t.test('[DOC2] print that runs down is noticed', async t => {
  t.ok((await layout(await spoil(plate.png, 'turned 90°'))).sideways)
  t.notOk((await layout(await spoil(plate.png, 'upside down'))).sideways)
})

t.test('[DOC4][DOC5] lines are found in the dark, faint, uneven and noisy picture, and nothing but lines', async t => {
  for (const condition of ['dark', 'low contrast', 'uneven light', 'JPEG noise', 'perspective', 'small'] as const) {
    const { rows } = await layout(await spoil(plate.png, condition))
    const long = rows.filter(row => row.lengthPx > row.letterPx * 4)
    t.equal(long.length, plate.lines.length, condition)
  }
  const empty = await sharp({ create: { width: 1280, height: 720, channels: 3, background: '#8c8c8c' } })
    .png()
    .toBuffer()
  t.same((await layout(empty)).rows, [])
})

t.test('[DOC3] a turned picture knows where its points were', async t => {
  const data = new Uint8Array(40 * 20).fill(255)
  data[5 * 40 + 30] = 0
  const grey = { data, widthPx: 40, heightPx: 20 }
  for (const quarter of [0, 90, 180, 270] as const) {
    const turned = turnedByQuarter(grey, quarter)
    const at = turned.grey.data.indexOf(0)
    const found = turned.back({
      x: (at % turned.grey.widthPx) + 0.5,
      y: Math.floor(at / turned.grey.widthPx) + 0.5,
    })
    t.same([Math.floor(found.x), Math.floor(found.y)], [30, 5], `${quarter}°`)
  }
  const { grey: bent, back } = turnedBy(grey, 12)
  const darkest = bent.data.reduce((best, value, i) => (value < (bent.data[best] ?? 0) ? i : best), 0)
  const found = back({ x: (darkest % bent.widthPx) + 0.5, y: Math.floor(darkest / bent.widthPx) + 0.5 })
  t.ok(Math.hypot(found.x - 30.5, found.y - 5.5) < 1.2)
})
