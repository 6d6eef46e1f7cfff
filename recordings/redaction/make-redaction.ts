import { createReadStream } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { TrackName } from '../../signaling/protocol/journal-entry.ts'
import type { RedactedFile, RedactionItems } from '../../signaling/protocol/redaction.ts'
import { MANIFEST_FILE } from '../archive/durable-file.ts'
import { readCallJournal } from '../journal/read-call-journal.ts'
import { Ffmpeg } from '../mux/ffmpeg.ts'
import type { MakeOptions } from '../mux/make-replay.ts'
import { readOggOpus } from '../mux/ogg-packets.ts'
import { indexTrack, type TrackIndex } from '../mux/packet-runs.ts'
import { peaksOf } from '../mux/peaks.ts'
import { Progress } from '../mux/progress.ts'
import { drawVoiceLine, interleaved, VOICE_RATE_HZ } from '../mux/voice-line.ts'
import type { CallFiles } from '../vault/call-files.ts'
import { coverVoice } from './cover-voice.ts'
import { redactJournal } from './redact-journal.ts'
import { REDACTED_JOURNAL, redactionFolder } from './redaction-folder.ts'
import { writeFilm } from './write-film.ts'

/** Goes up when the same record and plan give other bytes than before. */
export const REDACTOR_VERSION = 'tongping-redact/1'

export type RedactionOrder = { readonly redactionId: string; readonly plan: RedactionItems }
export type MadeRedaction = {
  readonly files: readonly RedactedFile[]
  readonly durationMs: number
  readonly covered: {
    readonly videoFrames: number
    readonly audioMs: { caller: number; agent: number }
    readonly texts: number
  }
  readonly tools: { readonly redactor: string; readonly ffmpeg: string }
  readonly remarks: readonly string[]
}

/**
 * Makes the covered copy of a sealed call from its journals: film, voices, waveforms and journal. Pictures are the server's,
 * which knows the library for them. Evidence is only read; everything is put below `derived/redactions/<id>/`.
 * @throws Error when anything cannot be covered as planned: half a redaction is none
 */
export async function makeRedaction(
  files: CallFiles,
  { redactionId, plan }: RedactionOrder,
  o: MakeOptions,
): Promise<MadeRedaction> {
  const ffmpeg = new Ffmpeg(o.ffmpegBin, o.signal)
  const progress = new Progress(o.onProgress)
  const work = o.workFolder
  const sealed = SealedManifest.parse(JSON.parse((await files.read(MANIFEST_FILE)).toString('utf8')))
  const journal = await readCallJournal(files)
  if (journal.firstBad !== undefined) throw new Error('the journal is damaged: what it says cannot be covered safely')
  const { durationMs } = sealed
  const redacted = redactJournal(journal.entries, plan)
  const text = { format: 'tongping-redacted-journal/1', callId: sealed.callId, entries: redacted.entries }
  await writeFile(join(work, REDACTED_JOURNAL), JSON.stringify(text))

  const reading = progress.stage(0.15)
  const voice = async (name: 'caller-voice' | 'agent-voice', party: 'caller' | 'agent') => {
    const line = drawVoiceLine(files, await tracksOf(files, name), durationMs, o.ffmpegBin)
    const spans = plan.flatMap(item =>
      item.kind === 'audio-span' && [party, 'both'].includes(item.party) ? [item] : [],
    )
    return { pcm: line.pcm, coveredMs: coverVoice(line.pcm, VOICE_RATE_HZ, spans) }
  }
  const caller = await voice('caller-voice', 'caller')
  reading(0.5)
  const agent = await voice('agent-voice', 'agent')
  const stereo = join(work, 'stereo.ogg')
  await ffmpeg.encodeVoices(interleaved(caller.pcm, agent.pcm, progress.stage(0.25)), {
    ...{ rateHz: VOICE_RATE_HZ, stereo, caller: join(work, 'caller.ogg') },
    ...{ agent: join(work, 'agent.ogg'), mixed: join(work, 'mixed.ogg') },
  })
  await writeFile(join(work, 'peaks.json'), JSON.stringify(peaksOf(caller.pcm, agent.pcm, VOICE_RATE_HZ)))
  const opus = readOggOpus(await readFile(stereo))
  await rm(stereo)

  const spansOf = (track: 'camera' | 'screen') =>
    plan.flatMap(item => (item.kind === 'video-region' && item.track === track ? [item] : []))
  const common = { files, opus, durationMs, ffmpeg, signal: o.signal }
  const film = await writeFilm({
    ...{ ...common, track: 'caller-camera', tracks: await tracksOf(files, 'caller-camera'), spans: spansOf('camera') },
    ...{ path: join(work, 'replay-redacted.webm'), onProgress: progress.stage(0.4) },
  })
  const screens = await tracksOf(files, 'agent-screen')
  const sharing = progress.stage(0.1)
  const screenPath = join(work, 'screen-redacted.webm')
  const screen =
    screens.length === 0
      ? undefined
      : await writeFilm({
          ...{ ...common, track: 'agent-screen' as const, tracks: screens, spans: spansOf('screen') },
          ...{ path: screenPath, onProgress: sharing },
        })
  if (screen?.video === false) await rm(screenPath)

  const keeping = progress.stage(0.1)
  const kept: RedactedFile[] = []
  const names = (await readdir(work)).sort()
  for (const [i, name] of names.entries()) {
    const path = `${redactionFolder(redactionId)}/${name}`
    kept.push({ path, ...(await files.put(path, createReadStream(join(work, name)))) })
    keeping((i + 1) / names.length)
  }
  return {
    files: kept,
    durationMs,
    covered: {
      videoFrames: film.coveredFrames + (screen?.coveredFrames ?? 0),
      audioMs: { caller: caller.coveredMs, agent: agent.coveredMs },
      texts: redacted.masked,
    },
    tools: { redactor: REDACTOR_VERSION, ffmpeg: await ffmpeg.version() },
    remarks: [...film.remarks, ...(screen?.remarks ?? [])],
  }
}

/** @throws the reader's error: a track that cannot be read cannot be covered */
async function tracksOf(files: CallFiles, name: TrackName): Promise<TrackIndex[]> {
  const heads = name === 'caller-camera' || name === 'agent-screen'
  const paths = (await files.list()).map(({ path }) => path).filter(path => trackIn(path) === name)
  const tracks: TrackIndex[] = []
  for (const path of paths) tracks.push(await indexTrack(files, path, { heads }))
  return tracks.sort((a, b) => a.header.segment - b.header.segment)
}

function trackIn(path: string): string | undefined {
  return /^tracks\/([a-z-]+)-\d+\.rtpj$/.exec(path)?.[1]
}
