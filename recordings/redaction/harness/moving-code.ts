import { spawnSync } from 'node:child_process'
import { CODE, cellsOf } from '../../../test/harness/counter-code.ts'
import { FFMPEG } from '../../mux/fixture.ts'

export const WIDTH = 640
export const HEIGHT = 360
export type Patch = { readonly left: number; readonly top: number; readonly width: number; readonly height: number }

/** Where the thing that is followed stands: it goes to the right and sinks. */
export function patchAt(seconds: number): Patch {
  return { left: Math.round(40 + seconds * 40), top: Math.round(60 + seconds * 15), width: 240, height: 136 }
}

/** A film (VP8, 30 frames a second) of a plate that moves and carries the number of its frame. */
export function movingCode(count: number): Buffer[] {
  const raw = Buffer.alloc(WIDTH * HEIGHT * count)
  for (let n = 0; n < count; n++) {
    const frame = raw.subarray(n * WIDTH * HEIGHT, (n + 1) * WIDTH * HEIGHT)
    for (let i = 0; i < frame.length; i++) frame[i] = 110 + ((i * 7919) % 23)
    const patch = patchAt(n / 30)
    const cells = cellsOf({ camera: 3, counter: n })
    for (let y = 0; y < patch.height; y++)
      for (let x = 0; x < patch.width; x++) {
        const row = Math.floor((y / patch.height - CODE.top) / CODE.cellHeight)
        const column = Math.floor((x / patch.width) * CODE.columns)
        const white = row >= 0 && row < CODE.rows ? cells[row * CODE.columns + column] : undefined
        frame[(patch.top + y) * WIDTH + patch.left + x] = white === undefined ? 90 : white ? 235 : 20
      }
  }
  const run = spawnSync(
    FFMPEG,
    [
      ...[
        '-hide_banner',
        '-loglevel',
        'error',
        '-f',
        'rawvideo',
        '-pix_fmt',
        'gray',
        '-s',
        `${WIDTH}x${HEIGHT}`,
        '-r',
        '30',
      ],
      ...['-i', 'pipe:0', '-pix_fmt', 'yuv420p', '-c:v', 'libvpx', '-b:v', '3M', '-g', '60', '-deadline', 'realtime'],
      ...['-auto-alt-ref', '0', '-f', 'ivf', 'pipe:1'],
    ],
    { input: raw, maxBuffer: 1 << 28 },
  )
  if (run.status !== 0) throw new Error(`ffmpeg: ${run.stderr}`)
  const frames: Buffer[] = []
  for (let at = 32; at < run.stdout.length; ) {
    const length = run.stdout.readUInt32LE(at)
    frames.push(run.stdout.subarray(at + 12, at + 12 + length))
    at += 12 + length
  }
  return frames
}

/** Amplitude of one frequency in a stretch of samples. */
export function goertzel(samples: Int16Array, hz: number, rateHz: number): number {
  const w = (2 * Math.PI * hz) / rateHz
  let [a, b] = [0, 0]
  for (const sample of samples) [a, b] = [sample + 2 * Math.cos(w) * a - b, a]
  return (2 * Math.sqrt(Math.max(0, a * a + b * b - 2 * Math.cos(w) * a * b))) / Math.max(1, samples.length)
}
