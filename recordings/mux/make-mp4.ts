import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { DERIVED_FOLDER } from '../archive/durable-file.ts'
import type { CallFiles } from '../vault/call-files.ts'
import { readDerivedManifest, writeDerivedManifest } from './derived-manifest.ts'
import { Ffmpeg, type Mp4Plan } from './ffmpeg.ts'
import type { MakeOptions } from './make-replay.ts'
import type { MuxResult } from './mux-work.ts'
import { Progress } from './progress.ts'

export const MP4_FILE = `${DERIVED_FOLDER}/call.mp4`

/**
 * Makes an MP4 (H.264 and AAC) of the replay, for people whose programs play no WebM. A VP8 picture is encoded anew, each
 * of its sizes fitted undistorted into the largest; one H.264 size is copied. It stands in the manifest under `onDemand`.
 * @throws Error when there is no replay yet, FfmpegError.
 */
export async function makeMp4(files: CallFiles, o: MakeOptions): Promise<MuxResult> {
  const manifest = await readDerivedManifest(files)
  if (manifest === undefined) throw new Error('there is no replay to make an MP4 of')
  const { file, durationMs, video } = manifest.replay
  const progress = new Progress(o.onProgress)
  const path = join(o.workFolder, 'call.mp4')
  const encoding = progress.stage(0.95)
  // Read as a stream: no plain copy of the replay is ever written.
  const replay = await files.stream(`${DERIVED_FOLDER}/${file}`)
  try {
    const ffmpeg = new Ffmpeg(o.ffmpegBin, o.signal)
    await ffmpeg.toMp4(replay, path, planOf(video), doneMs => encoding(doneMs / durationMs))
  } finally {
    replay.destroy()
  }
  progress.stage(0.05)
  const kept = await files.put(MP4_FILE, createReadStream(path))
  const entry = { path: MP4_FILE, ...kept, from: [`${DERIVED_FOLDER}/${file}`] }
  const others = manifest.onDemand.filter(one => one.path !== MP4_FILE)
  await writeDerivedManifest(files, { ...manifest, onDemand: [...others, entry] })
  return { file: MP4_FILE, durationMs }
}

function planOf(
  video: { codec: 'VP8' | 'H264'; sizes: readonly { widthPx: number; heightPx: number }[] } | null,
): Mp4Plan {
  if (video === null) return { hasVideo: false, fit: undefined }
  if (video.codec === 'H264' && video.sizes.length <= 1) return { hasVideo: true, fit: undefined }
  // 4:2:0 needs even sides.
  const even = (px: number) => Math.ceil(px / 2) * 2
  return {
    hasVideo: true,
    fit: {
      widthPx: even(Math.max(...video.sizes.map(size => size.widthPx))),
      heightPx: even(Math.max(...video.sizes.map(size => size.heightPx))),
    },
  }
}
