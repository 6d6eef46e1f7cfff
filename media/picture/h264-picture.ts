import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { H264_FORMAT } from './h264-format.ts'
import { PictureError } from './picture-error.ts'

const TIMEOUT_MS = 5_000
const MAX_JPEG_BYTES = 20_000_000
const ARGUMENTS = '-v error -f h264 -i pipe:0 -frames:v 1 -f image2 -c:v mjpeg -q:v 2 pipe:1'.split(' ')

/**
 * The picture of one H.264 key frame, as `KeyFrameCatcher` gives it. For the few phones without VP8: unlike a VP8 frame
 * it has to be decoded, by a process of about 80 ms at low priority.
 * Throws {@link PictureError} `not-a-key-frame`, `undecodable`, `timeout` or `unsupported` (no ffmpeg).
 */
export async function jpegOfH264KeyFrame(
  frame: Buffer,
  ffmpegBin: string,
): Promise<{ jpeg: Buffer; widthPx: number; heightPx: number }> {
  const size = H264_FORMAT.size(frame)
  if (size === undefined) throw new PictureError('not-a-key-frame', 'not an H.264 key frame')
  return { jpeg: await decode(frame, ffmpegBin), ...size }
}

function decode(frame: Buffer, ffmpegBin: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(ffmpegBin, ARGUMENTS, { stdio: ['pipe', 'pipe', 'ignore'] })
    const chunks: Buffer[] = []
    let bytes = 0
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new PictureError('timeout', 'decoding the key frame took too long'))
    }, TIMEOUT_MS)
    child.on('spawn', () => {
      try {
        if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
      } catch {
        // It has ended already, so there is nothing left to slow down.
      }
    })
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_JPEG_BYTES) child.kill('SIGKILL')
      else chunks.push(chunk)
    })
    child.on('error', error => {
      clearTimeout(timer)
      reject(new PictureError('unsupported', 'H.264 pictures need ffmpeg', { cause: error }))
    })
    child.on('close', code => {
      clearTimeout(timer)
      if (code === 0 && bytes > 0) resolve(Buffer.concat(chunks))
      else reject(new PictureError('undecodable', 'the key frame cannot be decoded'))
    })
    // The process may end before it has read everything; `close` tells.
    child.stdin.on('error', () => {})
    child.stdin.end(frame)
  })
}
