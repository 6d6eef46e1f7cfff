/** Child process of `Muxer`: makes the replay of one call at low priority and says so on stdout. */
import { setPriority } from 'node:os'
import { FfmpegError } from './ffmpeg.ts'
import { makeReplay } from './make-replay.ts'
import type { MuxReply } from './muxer.ts'

const NICE = 15
// Everything that comes from here, ffmpeg included, waits behind live calls.
setPriority(0, NICE)
// ffmpeg makes its files readable for everybody unless told otherwise.
process.umask(0o027)

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
// The server is gone: nobody waits for the result any more.
process.once('disconnect', () => stop.abort())

const [folder, ffmpegBin] = process.argv.slice(2)
let reply: MuxReply
try {
  if (folder === undefined || ffmpegBin === undefined) throw new Error('usage: mux-process.ts <folder> <ffmpeg>')
  reply = { ok: true, ...(await makeReplay(folder, ffmpegBin, stop.signal)) }
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  reply = { ok: false, code: error instanceof FfmpegError ? 'ffmpeg-failed' : 'failed', message }
  process.exitCode = 1
}
if (process.connected) process.send?.(reply, () => process.disconnect())
