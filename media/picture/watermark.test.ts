import { writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import t from 'tap'
import { watermarked } from './watermark.ts'

const LINES = ['王小明 Reviewer <7> & Co', '2026-11-26 11:35:02 UTC', 'call_0123456789abcdefghij']
const plain = (widthPx: number, heightPx: number, background: string) =>
  sharp({ create: { width: widthPx, height: heightPx, channels: 3, background } })
    .png()
    .toBuffer()

/** Share of pixels of a part that differ clearly from the ground. */
async function written(
  image: Buffer,
  ground: number,
  part: { left: number; top: number; width: number; height: number },
) {
  const grey = await sharp(image).extract(part).greyscale().raw().toBuffer()
  return grey.filter(value => Math.abs(value - ground) > 20).length / grey.length
}

t.test('[RW30] a watermark shows on any ground, in every part of the picture, and leaves it legible', async t => {
  for (const [background, ground] of [
    ['#000000', 0],
    ['#808080', 128],
    ['#ffffff', 255],
  ] as const) {
    const marked = await watermarked(await plain(1600, 1200, background), LINES)
    const { width, height, format } = await sharp(marked).metadata()
    t.same([width, height, format], [1600, 1200, 'jpeg'])
    if (process.env.TEST_KEEP_DATA)
      await writeFile(`/tmp/watermark-${ground}.png`, await sharp(marked).png().toBuffer())
    for (const left of [0, 800])
      for (const top of [0, 600]) {
        const share = await written(marked, ground, { left, top, width: 800, height: 600 })
        t.ok(share > 0.005 && share < 0.25, `${background} at ${left},${top}: ${share}`)
      }
  }
})

t.test('[RW30] thumbnails and tiny pictures carry it too', async t => {
  const thumb = await watermarked(await plain(1600, 1200, '#808080'), LINES, { widthPx: 320 })
  t.equal((await sharp(thumb).metadata()).width, 320)
  t.ok((await written(thumb, 128, { left: 0, top: 0, width: 320, height: 240 })) > 0.005)
  const tiny = await watermarked(await plain(40, 30, '#808080'), LINES)
  t.equal((await sharp(tiny).metadata()).width, 40)
  await t.rejects(watermarked(Buffer.from('no picture'), LINES), { name: 'PictureError' })
})
