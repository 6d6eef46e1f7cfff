import { execFileSync } from 'node:child_process'
import sharp from 'sharp'
import t from 'tap'
import { jpegOfH264KeyFrame } from './h264-picture.ts'
import { KeyFrameCatcher } from './key-frame-catcher.ts'
import { pictureOfVp8KeyFrame } from './picture.ts'
import { h264Packets, rtpPacket, vp8Packets } from './rtp-fixture.ts'
import { viewRtp } from './rtp-payload.ts'

/** libwebp's lossy output is a VP8 key frame, so it makes real key frames without a video encoder. */
async function keyFrame(widthPx: number, heightPx: number, colour: string): Promise<{ webp: Buffer; frame: Buffer }> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 }
  const webp = await sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: colour, noise } })
    .webp({ quality: 70 })
    .toBuffer()
  return { webp, frame: webp.subarray(20, 20 + webp.readUInt32LE(16)) }
}
const deltaFrame = (bytes: number): Buffer => Buffer.alloc(bytes, 0x31)

t.test('[PI1] a VP8 key frame becomes a WebP of the very same bits', async t => {
  const { webp, frame } = await keyFrame(641, 359, '#336699')
  const catcher = new KeyFrameCatcher('VP8')
  t.teardown(() => catcher.close())
  const next = catcher.next(1000)
  for (const packet of vp8Packets(frame, { sequence: 65_530, timestamp: 90_000 })) catcher.push(packet)
  const caught = await next
  t.match(caught, { codec: 'VP8', widthPx: 641, heightPx: 359, rtpTimestamp: 90_000 })
  const picture = await pictureOfVp8KeyFrame(caught.frame)
  t.ok(picture.webp.equals(webp.subarray(0, picture.webp.length)), 'identical to what the encoder wrote')
  t.equal(picture.webp.length % 2, 0, 'RIFF chunks are padded to even length')
  t.match(await sharp(await picture.jpeg()).metadata(), { format: 'jpeg', width: 641, height: 359 })
})

t.test('[PI2] packets in any order, and duplicates, give the same frame', async t => {
  const { frame } = await keyFrame(640, 360, '#663399')
  const catcher = new KeyFrameCatcher('VP8')
  t.teardown(() => catcher.close())
  const packets = vp8Packets(frame, { sequence: 10, timestamp: 5 })
  t.ok(packets.length > 10)
  for (const packet of [...packets.slice(3), ...packets.slice(3), ...packets.slice(0, 3).reverse()])
    catcher.push(packet)
  t.ok(catcher.last()?.frame.equals(frame))
})

t.test('[PI3] a frame with a lost packet is dropped; the next key frame is taken', async t => {
  const lossy = await keyFrame(640, 360, '#111111')
  const whole = await keyFrame(320, 240, '#222222')
  const catcher = new KeyFrameCatcher('VP8')
  t.teardown(() => catcher.close())
  const next = catcher.next(2000)
  const broken = vp8Packets(lossy.frame, { sequence: 100, timestamp: 1000 })
  for (const packet of broken.toSpliced(4, 1)) catcher.push(packet)
  t.equal(catcher.last(), undefined)
  let sequence = 100 + broken.length
  for (let i = 1; i < 60; i++) {
    for (const packet of vp8Packets(deltaFrame(3000), { sequence, timestamp: 1000 + i * 3000 })) catcher.push(packet)
    sequence += 3
  }
  t.equal(catcher.last(), undefined)
  for (const packet of vp8Packets(whole.frame, { sequence, timestamp: 500_000 })) catcher.push(packet)
  t.match(await next, { widthPx: 320, rtpTimestamp: 500_000 })
})

t.test('[PI3] a retransmission that completes an old frame does not replace a newer one', async t => {
  const older = await keyFrame(640, 360, '#111111')
  const newer = await keyFrame(320, 240, '#222222')
  const catcher = new KeyFrameCatcher('VP8')
  t.teardown(() => catcher.close())
  const packets = vp8Packets(older.frame, { sequence: 0, timestamp: 0xffff_ff00 })
  const [late, ...early] = packets
  for (const packet of early) catcher.push(packet)
  for (const packet of vp8Packets(newer.frame, { sequence: packets.length, timestamp: 3000 })) catcher.push(packet)
  if (late !== undefined) catcher.push(late)
  t.equal(catcher.last()?.widthPx, 320)
})

t.test('[PI4] header extension, CSRC and padding are stepped over', async t => {
  const { frame } = await keyFrame(160, 120, '#888888')
  const catcher = new KeyFrameCatcher('VP8')
  t.teardown(() => catcher.close())
  for (const packet of vp8Packets(frame, { sequence: 7, timestamp: 9 })) {
    const head = Buffer.from(packet.subarray(0, 12))
    head[0] = 0xb1
    const extension = Buffer.from([0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0])
    catcher.push(Buffer.concat([head, Buffer.alloc(4), extension, packet.subarray(12), Buffer.from([0, 0, 3])]))
  }
  t.ok(catcher.last()?.frame.equals(frame))
})

t.test('[PI5] arbitrary bytes neither throw nor make a frame', async t => {
  const vp8 = new KeyFrameCatcher('VP8')
  const h264 = new KeyFrameCatcher('H264')
  t.teardown(() => [vp8.close(), h264.close()])
  let seed = 42
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return Math.floor((seed / 0x7fffffff) * below)
  }
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.from(Array.from({ length: random(60) }, () => random(256)))
    if (bytes.length > 0 && i % 2 === 0) bytes[0] = 0x80
    for (const catcher of [vp8, h264]) catcher.push(bytes)
    if (i % 3 === 0) vp8.push(rtpPacket({ sequence: i, timestamp: i, marker: true }, bytes))
    if (i % 3 === 1) h264.push(rtpPacket({ sequence: i, timestamp: i, marker: true }, bytes))
  }
  t.equal(vp8.last(), undefined)
  t.equal(viewRtp(Buffer.from([0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200])), undefined, 'padding longer than the packet')
})

t.test('[PI6] waiting ends with a typed error when no key frame comes or the video ends', async t => {
  const catcher = new KeyFrameCatcher('VP8')
  await t.rejects(catcher.next(20), { name: 'PictureError', trouble: 'timeout' })
  const waiting = catcher.next(5000)
  catcher.close()
  catcher.close()
  await t.rejects(waiting, { name: 'PictureError', trouble: 'closed' })
  await t.rejects(catcher.next(5000), { name: 'PictureError', trouble: 'closed' })
})

t.test('[PI7] a frame that is no key frame, or cut off, is refused', async t => {
  const { frame } = await keyFrame(320, 240, '#444444')
  await t.rejects(pictureOfVp8KeyFrame(deltaFrame(500)), { name: 'PictureError', trouble: 'not-a-key-frame' })
  await t.rejects(pictureOfVp8KeyFrame(Buffer.alloc(0)), { name: 'PictureError', trouble: 'not-a-key-frame' })
  await t.rejects(pictureOfVp8KeyFrame(frame.subarray(0, 40)), { name: 'PictureError', trouble: 'truncated' })
})

t.test('[PI8] [PI9] H.264: the IDR picture with its parameter sets, its size, and a JPEG of it', async t => {
  const ffmpeg = process.env.FFMPEG_BIN ?? 'ffmpeg'
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=638x358:rate=10', '-frames:v', '1', '-pix_fmt', 'yuv420p']
  const coded = ['-c:v', 'libx264', '-profile:v', 'baseline', '-bsf:v', 'h264_mp4toannexb', '-f', 'h264', 'pipe:1']
  const annexB = execFileSync(ffmpeg, ['-v', 'error', ...source, ...coded])
  const catcher = new KeyFrameCatcher('H264')
  t.teardown(() => catcher.close())
  const packets = h264Packets(annexB, { sequence: 65_534, timestamp: 77 })
  t.ok(packets.length > 3)
  for (const packet of [...packets].reverse()) catcher.push(packet)
  const caught = catcher.last()
  t.match(caught, { codec: 'H264', widthPx: 638, heightPx: 358, rtpTimestamp: 77 })

  const picture = await jpegOfH264KeyFrame(caught?.frame ?? Buffer.alloc(0), ffmpeg)
  t.match(picture, { widthPx: 638, heightPx: 358 })
  t.match(await sharp(picture.jpeg).metadata(), { format: 'jpeg', width: 638, height: 358 })
  await t.rejects(jpegOfH264KeyFrame(Buffer.from('nothing'), ffmpeg), {
    name: 'PictureError',
    trouble: 'not-a-key-frame',
  })
  await t.rejects(jpegOfH264KeyFrame(caught?.frame ?? Buffer.alloc(0), '/nonexistent/ffmpeg'), {
    name: 'PictureError',
    trouble: 'unsupported',
  })
})
