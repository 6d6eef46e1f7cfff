import sharp from 'sharp'
import t from 'tap'
import { isSameView } from './same-view.ts'

/** A made-up appliance with print, knobs and edges; drawn larger than the views cut from it. */
const scene = await sharp(
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="1500"><rect width="2000" height="1500" fill="#b9b2a4"/>
  <rect x="260" y="220" width="1460" height="1060" rx="40" fill="#e9e9ea" stroke="#444" stroke-width="14"/>
  ${Array.from({ length: 24 }, (_, i) => `<circle cx="${380 + (i % 6) * 240}" cy="${360 + Math.floor(i / 6) * 260}" r="${30 + ((i * 37) % 50)}" fill="hsl(${(i * 53) % 360} 60% ${30 + ((i * 17) % 40)}%)"/>`).join('')}
  <text x="420" y="700" font-family="DejaVu Sans" font-size="90">TP-2026-0815</text></svg>`),
)
  .png()
  .toBuffer()
/** What a camera sees: a window of the scene, in a size of its own. */
const view = (left: number, top: number, width: number, height: number, widthPx: number) =>
  sharp(scene).extract({ left, top, width, height }).resize({ width: widthPx })
const frame = await view(200, 150, 1600, 1200, 640).webp({ quality: 40 }).toBuffer()
const same = async (still: Promise<Buffer>) => isSameView({ frame, still: await still })

t.test('[PIC30] the same view in more pixels, in other light, sharpness and noise is the same view', async t => {
  t.ok(await same(view(200, 150, 1600, 1200, 1600).jpeg().toBuffer()))
  t.ok(await same(view(200, 150, 1600, 1200, 1600).linear(0.7, 40).jpeg().toBuffer()), 'in other light')
  t.ok(await same(view(200, 150, 1600, 1200, 1600).blur(3).jpeg({ quality: 30 }).toBuffer()), 'less sharp')
  t.ok(await same(view(206, 154, 1600, 1200, 1600).jpeg().toBuffer()), 'moved by half a per cent')
})

t.test('[PIC31] a view that moved, turned or zoomed is another one', async t => {
  t.notOk(await same(view(280, 150, 1600, 1200, 1600).jpeg().toBuffer()), 'moved by five per cent')
  t.notOk(await same(view(200, 0, 1600, 1200, 1600).jpeg().toBuffer()), 'moved by an eighth')
  t.notOk(await same(view(280, 210, 1440, 1080, 1600).jpeg().toBuffer()), 'zoomed by a tenth')
  const turned = sharp(scene).rotate(6, { background: '#b9b2a4' }).toBuffer()
  const { width, height } = await sharp(await turned).metadata()
  const cut = { left: Math.round((width - 1600) / 2), top: Math.round((height - 1200) / 2), width: 1600, height: 1200 }
  t.notOk(
    await same(
      sharp(await turned)
        .extract(cut)
        .jpeg()
        .toBuffer(),
    ),
    'turned by six degrees',
  )
  t.notOk(
    await same(
      sharp({ create: { width: 1600, height: 1200, channels: 3, background: '#888' } })
        .jpeg()
        .toBuffer(),
    ),
  )
})

t.test('[PIC32] where nothing can be recognised, nothing is called the same', async t => {
  const wall = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer()
  t.notOk(await isSameView({ frame: wall, still: wall }))
})
