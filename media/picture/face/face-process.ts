/** The process that compares faces, forked by FaceComparer. Descriptors and crops live in its memory only, for one job. */
import { setPriority } from 'node:os'
import sharp from 'sharp'
import type { ChildAnswer } from '../child-pool.ts'
import type { FaceJob, FaceResult } from './face-messages.ts'

setPriority(19)
sharp.concurrency(1)
sharp.cache(false)
const { FaceEngine } = await import('./face-engine.ts')

const MAX_INPUT_PIXELS = 50_000_000
/** Enough for the detector, which itself looks at 512 px; the portrait on a card must keep some pixels. */
const SIDE_PX = 1280
/** A second face this much smaller than the first is a passer-by, or the small repeated portrait of a card. */
const BYSTANDER = 0.6

const engine = await FaceEngine.create()

function answer(message: ChildAnswer<FaceResult>): void {
  if (process.connected) process.send?.(message, () => {})
}

async function rgbOf(image: Uint8Array) {
  const { data, info } = await sharp(image, { limitInputPixels: MAX_INPUT_PIXELS })
    .resize(SIDE_PX, SIDE_PX, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, widthPx: info.width, heightPx: info.height }
}

async function compare({
  id,
  document,
  live,
}: Extract<FaceJob, { live: Uint8Array }> & { id: number }): Promise<ChildAnswer<FaceResult>> {
  const done = (result: FaceResult): ChildAnswer<FaceResult> => ({ kind: 'done', id, result })
  let pictures: Awaited<ReturnType<typeof rgbOf>>[]
  try {
    pictures = [await rgbOf(document), await rgbOf(live)]
  } catch {
    return { kind: 'failed', id, reason: 'bad-picture' }
  }
  try {
    const [onDocument, atPhone] = pictures
    if (onDocument === undefined || atPhone === undefined) return { kind: 'failed', id, reason: 'engine' }
    const portraits = (await engine.faces(onDocument)).sort((a, b) => b.widthPx - a.widthPx)
    const [portrait, secondPortrait] = portraits
    if (portrait === undefined) return done({ outcome: 'no-face-on-document' })
    const faces = (await engine.faces(atPhone)).sort((a, b) => b.widthPx - a.widthPx)
    const [face, secondFace] = faces
    if (face === undefined) return done({ outcome: 'no-live-face' })
    const rivals = [
      [portrait, secondPortrait],
      [face, secondFace],
    ] as const
    // Choosing one of several people would be deciding who is meant.
    if (rivals.some(([first, second]) => second !== undefined && second.widthPx > first.widthPx * BYSTANDER)) {
      return done({ outcome: 'several-faces' })
    }
    return done({ outcome: 'compared', distance: engine.distance(portrait, face) })
  } catch {
    return { kind: 'failed', id, reason: 'engine' }
  }
}

async function find({ id, find: image }: Extract<FaceJob, { find: Uint8Array }> & { id: number }) {
  const failed = (reason: 'bad-picture' | 'engine'): ChildAnswer<FaceResult> => ({ kind: 'failed', id, reason })
  let picture: Awaited<ReturnType<typeof rgbOf>>
  try {
    picture = await rgbOf(image)
  } catch {
    return failed('bad-picture')
  }
  try {
    const result: FaceResult = { outcome: 'found', faces: await engine.boxes(picture) }
    return { kind: 'done', id, result } satisfies ChildAnswer<FaceResult>
  } catch {
    return failed('engine')
  }
}

process.on('message', (job: FaceJob & { id: number }) => {
  void ('find' in job ? find(job) : compare(job)).then(answer)
})
process.on('disconnect', () => process.exit())
if (process.connected) answer({ kind: 'warm' })
