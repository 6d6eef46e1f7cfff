import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp from 'sharp'

/** Where the noses are in `demoFaces`, in 0..1 of the picture: by a person's eye, not by a detector. */
export const DEMO_FACES = [
  { x: 0.3, y: 0.58 },
  { x: 0.63, y: 0.3 },
] as const

/** A photo of two persons that the face library's package brings along: the only faces there are without a download. */
export async function demoFaces(): Promise<Buffer> {
  const demo = join(dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')), 'demo')
  const group = await readFile(join(demo, 'sample6.jpg'))
  return sharp(group).extract({ left: 60, top: 330, width: 1100, height: 560 }).jpeg({ quality: 88 }).toBuffer()
}
