import sharp from 'sharp'
import t from 'tap'
import { plainJpeg } from './plain-jpeg.ts'

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#806040' } })

t.test('[NET6] a still keeps its picture and loses place and device', async t => {
  const place = { IFD3: { GPSLatitude: '31/1 13/1 0/1', GPSLatitudeRef: 'N' }, IFD0: { Model: 'A-PHONE-MODEL' } }
  const tagged = await picture(64, 48).withExif(place).jpeg().toBuffer()
  t.ok(tagged.includes('A-PHONE-MODEL'), 'the metadata is there')
  const { bytes, widthPx, heightPx } = plainJpeg(Buffer.concat([tagged, Buffer.from('what follows the end')]))
  t.notOk(bytes.includes('A-PHONE-MODEL'))
  t.notOk(bytes.includes('what follows'))
  t.same([widthPx, heightPx], [64, 48])
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
  t.same([info.width, info.height], [64, 48])
  t.ok(Math.abs((data[0] ?? 0) - 0x80) < 6, 'and it is still that picture')
  t.equal((await sharp(bytes).metadata()).exif, undefined)
})

t.test('[NET6] progressive pictures, with restart markers or not, pass', async t => {
  const { bytes } = plainJpeg(await picture(320, 240).jpeg({ progressive: true }).toBuffer())
  t.same((await sharp(bytes).stats()).channels.length, 3)
})

t.test('[NET6] what is no JPEG, is cut off, or too large, is refused', async t => {
  const good = await picture(64, 48).jpeg().toBuffer()
  const refused = (bytes: Buffer, name: string) => t.throws(() => plainJpeg(bytes), { code: 'bad-request' }, name)
  refused(Buffer.alloc(0), 'nothing')
  refused(await picture(8, 8).png().toBuffer(), 'a PNG')
  refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'a script in waiting')
  for (const length of [2, 5, 30, good.length - 4]) refused(good.subarray(0, length), `cut at ${length}`)
  refused(await picture(5_000, 16).jpeg().toBuffer(), 'too wide')
  for (let at = 0; at < good.length; at += 7) {
    const broken = Buffer.from(good)
    broken[at] = 0xff
    // Either refused, or a picture with bounds: never anything else.
    try {
      const { widthPx, heightPx } = plainJpeg(broken)
      t.ok(widthPx > 0 && widthPx <= 4_096 && heightPx > 0 && heightPx <= 4_096)
    } catch (error) {
      t.match(error, { code: 'bad-request' })
    }
  }
})
