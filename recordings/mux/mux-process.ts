/** Child process of `Muxer`: makes the derivatives of one call at low priority; order and answer go over IPC. */
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { makeRedaction } from '../redaction/make-redaction.ts'
import { redactionFolder } from '../redaction/redaction-folder.ts'
import { openCallFiles } from '../vault/open-call-files.ts'
import { FfmpegError } from './ffmpeg.ts'
import { makeMp4 } from './make-mp4.ts'
import { makeReplay } from './make-replay.ts'
import type { MuxOrder, MuxReply, MuxResult } from './mux-work.ts'

const NICE = 15
// Everything that comes from here, ffmpeg included, waits behind live calls.
setPriority(0, NICE)
// ffmpeg makes its files readable for everybody unless told otherwise.
process.umask(0o077)

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
// The server is gone: nobody waits for the result any more.
process.once('disconnect', () => stop.abort())

const [order] = (await once(process, 'message', { signal: stop.signal })) as [MuxOrder]
let reply: MuxReply
try {
  reply = { say: 'done', ...(await make(order)) }
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  reply = { say: 'failed', code: codeOf(error), message }
  process.exitCode = 1
}
if (process.connected) process.send?.(reply, () => process.disconnect())

async function make({ kind, files: ref, ffmpegBin, workFolder, redaction }: MuxOrder): Promise<MuxResult> {
  const files = openCallFiles(ref)
  const onProgress = (progress: number) => {
    if (process.connected) process.send?.({ say: 'progress', progress } satisfies MuxReply)
  }
  const options = { ffmpegBin, workFolder, signal: stop.signal, onProgress }
  if (kind === 'mp4') return makeMp4(files, options)
  if (kind === 'redaction') {
    if (redaction === undefined) throw new Error('a redaction without a plan')
    const made = await makeRedaction(files, redaction, options)
    return { file: redactionFolder(redaction.redactionId), durationMs: made.durationMs, redaction: made }
  }
  const { replayFile, durationMs } = await makeReplay(files, options)
  return { file: replayFile, durationMs }
}

function codeOf(error: unknown): 'ffmpeg-failed' | 'disk-full' | 'failed' {
  if (error instanceof FfmpegError) return error.diskFull ? 'disk-full' : 'ffmpeg-failed'
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' ? 'disk-full' : 'failed'
}
