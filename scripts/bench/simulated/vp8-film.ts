import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needTool, runTool } from '../../../test/harness/tools.ts'

export const FILM = { widthPx: 640, heightPx: 480, fps: 30, seconds: 8, keyFrameEvery: 60 } as const
/** As Chromium cuts frames. */
const MAX_PAYLOAD_BYTES = 1100
const IVF_HEADER_BYTES = 32
const IVF_FRAME_HEADER_BYTES = 12

/** A frame as RTP payloads (RFC 7741, descriptor of one byte). */
export type FilmFrame = readonly Buffer[]

/** A real VP8 stream of about `kbps`, made once by ffmpeg and kept in the temporary folder; played in a loop. */
export async function vp8Film(kbps: number): Promise<readonly FilmFrame[]> {
  const folder = join(tmpdir(), 'tongping-bench-films')
  const file = join(folder, `vp8-${FILM.widthPx}x${FILM.heightPx}-${kbps}.ivf`)
  const known = await stat(file).catch(() => undefined)
  if (!known) {
    await mkdir(folder, { recursive: true })
    const temporary = `${file}.${process.pid}`
    const source = `testsrc2=size=${FILM.widthPx}x${FILM.heightPx}:rate=${FILM.fps}:duration=${FILM.seconds},noise=alls=12:allf=t`
    const rate = ['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`]
    const codec = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', `${FILM.keyFrameEvery}`]
    const args = ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, ...codec, ...rate, '-f', 'ivf', temporary]
    const { status, stderr } = await runTool(needTool('ffmpeg', 'ffmpeg'), args)
    if (status !== 0) throw new Error(`ffmpeg: ${stderr.slice(-300)}`)
    await rename(temporary, file)
  }
  return framesOf(await readFile(file))
}

function framesOf(ivf: Buffer): FilmFrame[] {
  const frames: FilmFrame[] = []
  for (let at = IVF_HEADER_BYTES; at + IVF_FRAME_HEADER_BYTES <= ivf.length; ) {
    const begin = at + IVF_FRAME_HEADER_BYTES
    const end = begin + ivf.readUInt32LE(at)
    const payloads: Buffer[] = []
    for (let part = begin; part < end; part += MAX_PAYLOAD_BYTES) {
      const descriptor = Buffer.from([part === begin ? 0x10 : 0x00])
      payloads.push(Buffer.concat([descriptor, ivf.subarray(part, Math.min(end, part + MAX_PAYLOAD_BYTES))]))
    }
    frames.push(payloads)
    at = end
  }
  return frames
}

/** RTP packets a second of the film when it is played. */
export function packetsPerSecond(film: readonly FilmFrame[]): number {
  return (film.reduce((sum, frame) => sum + frame.length, 0) / film.length) * FILM.fps
}
export function kilobitsPerSecond(film: readonly FilmFrame[]): number {
  const bytes = film.flat().reduce((sum, payload) => sum + payload.length, 0)
  return (bytes * 8 * FILM.fps) / film.length / 1000
}
