import { readFile, stat } from 'node:fs/promises'
import sharp from 'sharp'
import t from 'tap'
import { readCode } from './counter-code.ts'
import { CAMERA, fakeCameraFile, frameSvg } from './fake-camera.ts'

const camera = { camera: 5, text: 'SN: TP-2026-0815', colour: '#d08000' }

t.test('[HAR2] the counter is read back through JPEG and scaling', async t => {
  for (const counter of [0, 1, 77, 599, 4095]) {
    const jpeg = await sharp(Buffer.from(frameSvg(camera, counter)))
      .resize(427, 320)
      .jpeg({ quality: 40 })
      .toBuffer()
    const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true })
    t.same(readCode({ data, ...info }), { camera: 5, counter })
  }
})

t.test('[HAR2] pictures without a code are refused', async t => {
  for (const grey of [0, 128, 255]) {
    const data = new Uint8Array(64 * 48 * 3).fill(grey)
    t.equal(readCode({ data, width: 64, height: 48, channels: 3 }), undefined)
  }
})

t.test('[HAR2] the file holds one JPEG per frame', async t => {
  const file = await fakeCameraFile(camera)
  const bytes = await readFile(file)
  let frames = 0
  for (let at = bytes.indexOf('ffd8ff', 0, 'hex'); at >= 0; at = bytes.indexOf('ffd8ff', at + 3, 'hex')) frames += 1
  t.equal(frames, CAMERA.frames)
  t.ok((await stat(file)).size < 40_000_000)
})
