import { readFile } from 'node:fs/promises'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import t from 'tap'
import { PictureIntake } from './intake.ts'
import type { IntakeError } from './intake-error.ts'
import { typeOf } from './picture-type.ts'
import { boundedSize, makeSafe } from './safe-picture.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const fixture = (name: string) => readFile(new URL(`./fixtures/${name}`, import.meta.url))

/** 96 x 64: green top left, blue elsewhere. */
const drawn = () =>
  sharp({ create: { width: 96, height: 64, channels: 3, background: '#0000c0' } }).composite([
    { input: { create: { width: 32, height: 32, channels: 3, background: '#00c000' } }, left: 0, top: 0 },
  ])
const GPS = {
  IFD0: { Make: 'Secretcam', Model: 'S-1' },
  IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '39/1 54/1 26/1', GPSLongitudeRef: 'E', GPSLongitude: '116/1 23/1 29/1' },
}
const pixel = async (picture: Buffer, left: number, top: number) => [
  ...(await sharp(picture).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw().toBuffer()),
]
const near = (one: readonly number[], other: readonly number[]) =>
  one.length === other.length && one.every((value, index) => Math.abs(value - (other[index] ?? 999)) <= 8)
const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'taken',
    (error: IntakeError) => error.reason,
  )

/** A PNG header that promises a size, with a body of zeros: a few hundred KB that would become gigabytes. */
function bomb(widthPx: number, heightPx: number): Buffer {
  const chunk = (type: string, body: Buffer) => {
    const typed = Buffer.concat([Buffer.from(type, 'latin1'), body])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(body.length)
    sum.writeUInt32BE(crc32(typed))
    return Buffer.concat([length, typed, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(widthPx, 0)
  header.writeUInt32BE(heightPx, 4)
  header.set([1, 0, 0, 0, 0], 8)
  const rows = deflateSync(Buffer.alloc(Math.ceil(widthPx / 8 + 1) * heightPx))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

t.test('[PIC1] the type of a file is told by its content', async t => {
  t.equal(typeOf(await drawn().jpeg().toBuffer()), 'image/jpeg')
  t.equal(typeOf(await drawn().png().toBuffer()), 'image/png')
  t.equal(typeOf(await drawn().webp().toBuffer()), 'image/webp')
  t.equal(typeOf(await drawn().gif().toBuffer()), 'image/gif')
  t.equal(typeOf(await drawn().avif().toBuffer()), 'image/avif')
  t.equal(typeOf(await fixture('with-place.heic')), 'image/heic')
  t.equal(typeOf(Buffer.from('%PDF-1.7 and so on')), 'application/pdf')
  for (const other of [
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'GIF',
    '',
    'MZ',
    'II*\0',
    '\0\0\0\x18ftypmp42isommp42',
  ])
    t.equal(typeOf(Buffer.from(other, 'latin1')), undefined, JSON.stringify(other))
})

t.test('[PIC2] place, device and every other metadata are gone; the picture is upright', async t => {
  // Orientation 6: what is kept as 96 x 64 is shown as 64 x 96, turned a quarter clockwise.
  const photo = await drawn()
    .withExif(GPS)
    .withMetadata({ orientation: 6 })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret-xmp/></x:xmpmeta>')
    .jpeg()
    .toBuffer()
  t.match((await sharp(photo).metadata()).exif?.toString('latin1'), /Secretcam/, 'the source does carry it')
  t.match(photo.toString('latin1'), /secret-xmp/)
  const heic = await fixture('with-place.heic')
  t.match(heic.toString('latin1'), /Secretcam/)
  const webp = await drawn().withExif(GPS).webp().toBuffer()
  const png = await drawn().withExif(GPS).png().toBuffer()
  for (const [name, source] of Object.entries({ photo, heic, webp, png })) {
    const safe = await makeSafe(source)
    const { exif, xmp, iptc, icc, orientation } = await sharp(safe.bytes).metadata()
    t.same([exif, xmp, iptc, icc, orientation], [undefined, undefined, undefined, undefined, undefined], name)
    t.notMatch(safe.bytes.toString('latin1'), /Exif|GPS|Secretcam|secret-xmp|http:\/\/ns\.adobe/, name)
  }
  const upright = await makeSafe(photo)
  t.same([upright.widthPx, upright.heightPx], [64, 96])
  t.ok(
    near(await pixel(upright.bytes, 56, 8), [0, 192, 0]),
    'the top left of the sensor is the top right of the picture',
  )
  t.ok(near(await pixel(upright.bytes, 8, 8), [0, 0, 192]))
  const turned = await makeSafe(await fixture('turned.heic'))
  t.same([turned.widthPx, turned.heightPx], [192, 256])
  t.ok(near(await pixel(turned.bytes, 172, 20), [0, 192, 0]), 'a HEIC is turned once, by its own property')
  t.ok(near(await pixel(turned.bytes, 20, 20), [136, 136, 136]))
})

t.test('[PIC3] photos stay JPEG, drawings PNG; what came in is told by hash, size and type', async t => {
  const png = await drawn().png().toBuffer()
  const safe = await makeSafe(png)
  t.equal(safe.type, 'image/png')
  t.equal(safe.received.bytes, png.length)
  t.equal(safe.received.type, 'image/png')
  t.match(safe.received.sha256, /^[0-9a-f]{64}$/)
  t.equal((await makeSafe(await drawn().webp().toBuffer())).type, 'image/jpeg')
  t.equal((await makeSafe(await drawn().avif().toBuffer())).type, 'image/jpeg')
  t.equal((await makeSafe(await drawn().gif().toBuffer())).type, 'image/png')
  const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#0000' } })
    .png()
    .toBuffer()
  t.same(await pixel((await makeSafe(clear)).bytes, 4, 4), [255, 255, 255], 'what is transparent becomes white')
})

t.test('[PIC4] a picture in another colour space is turned into sRGB, HEIC too', async t => {
  const p3 = await drawn().withIccProfile('p3').jpeg({ quality: 95 }).toBuffer()
  t.ok((await sharp(p3).metadata()).icc, 'the source has another profile')
  t.ok(near(await pixel((await makeSafe(p3)).bytes, 8, 8), [0, 192, 0]))
  const heic = await makeSafe(await fixture('display-p3.heic'))
  t.same([heic.widthPx, heic.heightPx, heic.type], [256, 192, 'image/jpeg'])
  t.ok(near(await pixel(heic.bytes, 20, 20), [0, 192, 0]), 'green as drawn')
  const grid = await makeSafe(await fixture('grid.heic'))
  t.same([grid.widthPx, grid.heightPx], [512, 192], 'tiles as iPhones write them')
  t.ok(near(await pixel(grid.bytes, 20, 20), [0, 192, 0]) && near(await pixel(grid.bytes, 492, 20), [0, 0, 192]))
  const cmyk = await drawn().toColourspace('cmyk').jpeg().toBuffer()
  t.equal((await sharp((await makeSafe(cmyk)).bytes).metadata()).space, 'srgb')
})

t.test('[PIC5] the longest side is bounded, and a long screenshot keeps its width', async t => {
  t.same(boundedSize(640, 480), { width: 640, height: 480 })
  t.same(boundedSize(8192, 6144), { width: 4096, height: 3072 })
  t.same(boundedSize(6144, 8192), { width: 3072, height: 4096 })
  t.same(boundedSize(1080, 12_000), { width: 1080, height: 12_000 })
  const wide = boundedSize(2000, 24_000)
  t.ok(wide.width * wide.height <= 4096 * 4096 && wide.height <= 12_288)
  t.same(boundedSize(1, 60_000), { width: 1, height: 12_288 })
  const large = await sharp({ create: { width: 5000, height: 2500, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer()
  const safe = await makeSafe(large)
  t.same([safe.widthPx, safe.heightPx], [4096, 2048])
})

t.test('[PIC6] a decompression bomb is refused by its header, before anything is decoded', async t => {
  const heavy = bomb(30_000, 30_000)
  t.ok(heavy.length < 1_000_000, 'small outside')
  const startedMs = performance.now()
  t.equal(await reasonOf(makeSafe(heavy)), 'too-many-pixels')
  t.ok(performance.now() - startedMs < 1_000, 'nothing was decoded')
  t.equal(await reasonOf(makeSafe(bomb(20_000, 20_000))), 'too-many-pixels')
})

t.test('[PIC7] what is no whole picture is refused with its reason', async t => {
  const jpeg = await sharp({
    create: {
      width: 800,
      height: 800,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  })
    .jpeg()
    .toBuffer()
  t.equal(await reasonOf(makeSafe(jpeg.subarray(0, jpeg.length / 2))), 'undecodable', 'cut off')
  t.equal(await reasonOf(makeSafe(Buffer.concat([jpeg.subarray(0, 3), Buffer.alloc(500)]))), 'undecodable')
  t.equal(await reasonOf(makeSafe((await fixture('with-place.heic')).subarray(0, 700))), 'undecodable', 'half a HEIC')
  t.equal(await reasonOf(makeSafe(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))), 'unknown-type')
  t.equal(await reasonOf(makeSafe(Buffer.from('%PDF-1.7'))), 'not-a-picture')
  t.equal(await reasonOf(makeSafe(Buffer.alloc(0))), 'empty')
})

t.test(
  '[PIC8] pictures are taken in by a process of their own: bounded, restarted after a crash, gone after close',
  async t => {
    const intake = await PictureIntake.create({ logger, maxWaiting: 2 })
    t.teardown(() => intake.close())
    const photo = await drawn().withExif(GPS).jpeg().toBuffer()
    const safe = await intake.take(photo)
    t.ok(Buffer.isBuffer(safe.bytes))
    t.same([safe.widthPx, safe.heightPx, safe.received.bytes], [96, 64, photo.length])
    t.notMatch(safe.bytes.toString('latin1'), /Exif/)
    t.equal((await intake.take(await fixture('display-p3.heic'))).widthPx, 256, 'HEIC in the child as well')
    t.equal(await reasonOf(intake.take(bomb(30_000, 30_000))), 'too-many-pixels')
    t.equal(await reasonOf(intake.take(photo.subarray(0, 200))), 'undecodable')
    t.equal(await reasonOf(intake.take(Buffer.alloc(26 * 1024 * 1024, 'x'))), 'too-large')

    const outcomes = await Promise.all([1, 2, 3, 4].map(() => reasonOf(intake.take(photo))))
    t.same(outcomes, ['taken', 'taken', 'taken', 'busy'], 'one at work, two waiting')

    const working = reasonOf(intake.take(photo))
    process.kill(intake.stats().pid ?? 0, 'SIGKILL')
    t.equal(await working, 'crashed')
    t.equal(await reasonOf(intake.take(photo)), 'taken', 'the next one has a new process')
    t.equal(intake.stats().started, 2)

    const { pid } = intake.stats()
    const late = reasonOf(intake.take(photo))
    await intake.close()
    await intake.close()
    t.equal(await late, 'closed')
    t.equal(await reasonOf(intake.take(photo)), 'closed')
    t.throws(() => process.kill(pid ?? 0, 0), 'the process is gone')
  },
)

t.test('[PIC9] a picture that takes too long ends its process, not the queue', async t => {
  const intake = await PictureIntake.create({ logger, timeoutMs: 1 })
  t.teardown(() => intake.close())
  t.equal(await reasonOf(intake.take(await drawn().jpeg().toBuffer())), 'timeout')
  t.equal(intake.stats().running, 0)
})
