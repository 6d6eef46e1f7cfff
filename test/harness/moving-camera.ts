import { createHash } from 'node:crypto'
import { access, mkdir, open, readFile, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { type Homography, invert } from '../../h5-client/shared/tracking/homography.ts'
import { project, type View } from '../../scripts/bench/tracking/scenes.ts'
import { makeTexture, TEXTURE } from '../../scripts/bench/tracking/textures.ts'
import { CAMERA } from './fake-camera.ts'

/**
 * A fake camera that is moved over the back of a machine: slowly to and fro, nearer and farther, turned a little; then
 * right away from the marked place, and back. The place itself is a cyan disc, the only cyan in the picture.
 */
export const MOVING = { ...CAMERA, frames: 720, awayFrom: 420, backAt: 600 } as const
const DISC = { x: TEXTURE.width / 2, y: TEXTURE.height / 2, radius: 34 } as const

const wave = (frame: number, frames: number) => Math.sin((2 * Math.PI * frame) / frames)

/** Where the camera is at a frame; the film begins where it ends. */
export function viewAt(frame: number): View {
  const edge = 70
  const away = Math.max(0, Math.min(1, (frame - MOVING.awayFrom) / edge, (MOVING.backAt - frame) / edge))
  const calm = away * away * (3 - 2 * away)
  return {
    x: DISC.x + 120 * wave(frame, 180) - 760 * calm,
    y: DISC.y + 60 * wave(frame, 240),
    scale: 0.75 * 2 ** (0.3 * wave(frame, 360)),
    rollDeg: 9 * wave(frame, 240),
    tiltDeg: 0,
    panDeg: 0,
  }
}

/** Path of an MJPEG file for `--use-file-for-fake-video-capture`; made once and kept in the temporary folder. */
export async function movingCameraFile(): Promise<string> {
  const hash = createHash('sha256')
  const drawing = ['scenes.ts', 'textures.ts'].map(name =>
    join(import.meta.dirname, '../../scripts/bench/tracking', name),
  )
  for (const source of [import.meta.filename, ...drawing]) hash.update(await readFile(source))
  const folder = join(tmpdir(), 'tongping-fake-cameras')
  const file = join(folder, `moving-${hash.digest('hex').slice(0, 16)}.mjpeg`)
  const isThere = await access(file).then(
    () => true,
    () => false,
  )
  if (isThere) return file
  await mkdir(folder, { recursive: true })
  const temporary = `${file}.${process.pid}`
  const out = await open(temporary, 'w')
  const surface = (await makeTexture('label plate')).data
  for (let frame = 0; frame < MOVING.frames; frame += 1) await out.write(await photograph(surface, viewAt(frame)))
  await out.close()
  await rename(temporary, file)
  return file
}

async function photograph(surface: Uint8Array, view: View): Promise<Buffer> {
  const { widthPx: width, heightPx: height } = MOVING
  const toSurface: Homography | undefined = invert(project(view))
  if (toSurface === undefined) throw new Error('a camera that sees nothing')
  const [a, b, c, d, e, f, g, h, i] = toSurface
  const rgb = Buffer.alloc(width * height * 3)
  for (let y = 0, to = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, to += 3) {
      const w = 1 / (g * x + h * y + i)
      const u = (a * x + b * y + c) * w
      const v = (d * x + e * y + f) * w
      const from = Math.hypot(u - DISC.x, v - DISC.y)
      const isInside = u >= 0 && v >= 0 && u < TEXTURE.width - 1 && v < TEXTURE.height - 1
      const value = isInside ? surface[Math.floor(v) * TEXTURE.width + Math.floor(u)]! : 90
      rgb[to] = from < DISC.radius ? 0 : from < DISC.radius + 8 ? 20 : value
      rgb[to + 1] = from < DISC.radius ? 230 : from < DISC.radius + 8 ? 20 : value
      rgb[to + 2] = from < DISC.radius ? 240 : from < DISC.radius + 8 ? 20 : value
    }
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85, chromaSubsampling: '4:2:0' })
    .toBuffer()
}
