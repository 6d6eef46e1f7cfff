import { createHash } from 'node:crypto'
import { access, mkdir, open, readFile, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from 'qrcode'
import sharp from 'sharp'
import { CODE, cellsOf, type FrameCode } from './counter-code.ts'

/** Chromium plays an MJPEG file at 30 frames a second, and again from the start when it is over. */
export const CAMERA = { widthPx: 640, heightPx: 480, fps: 30, frames: 600, flashEvery: 60, flashFrames: 3 } as const
/** The band with the text that OCR must read, and the lamp that flashes; 0..1 of the picture. */
export const TEXT_BAND = { y: 0.36, height: 0.22 } as const
export const LAMP = { x: 0.02, y: 0.8, width: 0.3, height: 0.18 } as const
/** A calm light area: here tests draw and look for ink. */
export const PAPER = { x: 0.4, y: 0.62, width: 0.58, height: 0.34 } as const

export type FakeCamera = {
  readonly camera: number
  readonly text: string
  readonly colour: string
  /** Text of a QR code that lies on the paper. */
  readonly qr?: string
}
export const flashes = (counter: number) => counter % CAMERA.flashEvery < CAMERA.flashFrames

const rect = (x: number, y: number, width: number, height: number, fill: string) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"/>`

/** White on the paper with its quiet zone, as it would be printed. */
function qrSvg(text: string): string {
  const { data, size } = create(text).modules
  const { widthPx: w, heightPx: h } = CAMERA
  const side = PAPER.height * h
  const module = side / (size + 8)
  const left = (PAPER.x + 0.02) * w
  const top = PAPER.y * h
  const dark = Array.from(data).flatMap((on, index) => {
    const x = left + module * (4 + (index % size))
    const y = top + module * (4 + Math.floor(index / size))
    return on ? [rect(x, y, module + 0.2, module + 0.2, '#000')] : []
  })
  return rect(left, top, side, side, '#fff') + dark.join('')
}

/** One frame: the code, the text, the camera's colour, the lamp, and a QR code where one is wanted. */
export function frameSvg({ camera, text, colour, qr }: FakeCamera, counter: number): string {
  const { widthPx: w, heightPx: h } = CAMERA
  const cell = w / CODE.columns
  const cells = cellsOf({ camera, counter } satisfies FrameCode).map((white, index) => {
    const y = (CODE.top + CODE.cellHeight * Math.floor(index / CODE.columns)) * h
    return rect((index % CODE.columns) * cell, y, cell + 0.5, CODE.cellHeight * h + 0.5, white ? '#fff' : '#000')
  })
  const baseline = (TEXT_BAND.y + TEXT_BAND.height * 0.68) * h
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}">${[
    rect(0, 0, w, h, '#808080'),
    ...cells,
    rect(0, TEXT_BAND.y * h, w, TEXT_BAND.height * h, '#fff'),
    `<text x="${w / 2}" y="${baseline}" font-family="DejaVu Sans, Noto Sans, sans-serif" font-size="54" text-anchor="middle" fill="#000">${text}</text>`,
    rect(PAPER.x * w, PAPER.y * h, PAPER.width * w, PAPER.height * h, '#e8e8e0'),
    ...(qr === undefined ? [] : [qrSvg(qr)]),
    rect(LAMP.x * w, (LAMP.y - 0.16) * h, LAMP.width * w, 0.14 * h, colour),
    rect(LAMP.x * w, LAMP.y * h, LAMP.width * w, LAMP.height * h, flashes(counter) ? '#fff' : '#000'),
  ].join('')}</svg>`
}

/** Path of an MJPEG file for `--use-file-for-fake-video-capture`; made once and kept in the temporary folder. */
export async function fakeCameraFile(camera: FakeCamera): Promise<string> {
  const source = await readFile(import.meta.filename)
  const code = await readFile(join(import.meta.dirname, 'counter-code.ts'))
  const name = createHash('sha256')
    .update(source)
    .update(code)
    .update(JSON.stringify(camera))
    .digest('hex')
    .slice(0, 16)
  const folder = join(tmpdir(), 'tongping-fake-cameras')
  const file = join(folder, `${name}.mjpeg`)
  if (
    await access(file).then(
      () => true,
      () => false,
    )
  )
    return file
  await mkdir(folder, { recursive: true })
  const temporary = `${file}.${process.pid}`
  const out = await open(temporary, 'w')
  for (let counter = 0; counter < CAMERA.frames; counter += 1) {
    const jpeg = await sharp(Buffer.from(frameSvg(camera, counter)))
      .jpeg({ quality: 85, chromaSubsampling: '4:2:0' })
      .toBuffer()
    await out.write(jpeg)
  }
  await out.close()
  await rename(temporary, file)
  return file
}
