import { createReadStream } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { TrackName } from '../../signaling/protocol/journal-entry.ts'
import { DERIVED_FOLDER, MANIFEST_FILE } from '../archive/durable-file.ts'
import { readCallJournal } from '../journal/read-call-journal.ts'
import { RtpjFormatError } from '../tracks/read-rtp-journal.ts'
import type { CallFiles } from '../vault/call-files.ts'
import {
  DERIVED_FORMAT,
  type DerivedFile,
  type DerivedManifest,
  readDerivedManifest,
  writeDerivedManifest,
} from './derived-manifest.ts'
import { Ffmpeg } from './ffmpeg.ts'
import { hashKept } from './hash-kept.ts'
import { readOggOpus } from './ogg-packets.ts'
import { indexTrack, type TrackIndex } from './packet-runs.ts'
import { peaksOf } from './peaks.ts'
import { Progress } from './progress.ts'
import { drawSpans, type TrackFacts, trackFacts } from './spans.ts'
import { findSpeech, SPEECH_FORMAT, type SpeechOfCall } from './speech.ts'
import { drawVoiceLine, interleaved, VOICE_RATE_HZ, type VoiceLine } from './voice-line.ts'
import { writeReplay } from './write-replay.ts'

/** Goes up when the same journals give other bytes than before. */
export const MUXER_VERSION = 'tongping-mux/2'
const TRACK_FILE = /^tracks\/([a-z-]+)-(\d+)\.rtpj$/
/** A call that ended at once still gets a playable file. */
const MIN_DURATION_MS = 20

export type MakeOptions = {
  readonly ffmpegBin: string
  /** An empty folder of this job's own: plain bytes lie there for a while. */
  readonly workFolder: string
  readonly signal: AbortSignal
  onProgress(progress: number): void
}
export type ReplayResult = { readonly replayFile: string; readonly durationMs: number }

/**
 * Makes everything in `derived/` from the journals of a sealed (or at least ended) call: the replay, a sound file per
 * party and one of both, the picture alone, waveforms, spans, and a manifest that points back to the originals. Files
 * appear under their names only when whole. The same journals and tools give the same bytes.
 */
export async function makeReplay(files: CallFiles, o: MakeOptions): Promise<ReplayResult> {
  const ffmpeg = new Ffmpeg(o.ffmpegBin, o.signal)
  const progress = new Progress(o.onProgress)
  const work = o.workFolder
  const sealed = await readSealed(files)
  const journal = await readCallJournal(files)
  const durationMs = Math.max(MIN_DURATION_MS, sealed?.durationMs ?? journal.entries.at(-1)?.atMs ?? 0)
  const remarks: string[] = []
  const facts: TrackFacts[] = []
  const indexOf = async (name: TrackName) => {
    const tracks = await indexTracks(files, name, remarks)
    facts.push(...tracks.map(trackFacts))
    return tracks
  }
  const made = new Map<string, readonly string[]>()

  // One track's index at a time: that of an hour's voice is some fifty megabytes.
  const reading = progress.stage(0.15)
  const caller = drawVoiceLine(files, await indexOf('caller-voice'), durationMs, o.ffmpegBin)
  reading(0.5)
  const agent = drawVoiceLine(files, await indexOf('agent-voice'), durationMs, o.ffmpegBin)
  const voices = namesOf(facts)
  const stereo = join(work, 'stereo.ogg')
  await ffmpeg.encodeVoices(interleaved(caller.pcm, agent.pcm, progress.stage(0.4)), {
    ...{ rateHz: VOICE_RATE_HZ, stereo, caller: join(work, 'caller.ogg') },
    ...{ agent: join(work, 'agent.ogg'), mixed: join(work, 'mixed.ogg') },
  })
  made.set('caller.ogg', namesOf(facts, 'caller-voice'))
  made.set('agent.ogg', namesOf(facts, 'agent-voice'))
  for (const name of ['mixed.ogg', 'peaks.json', 'speech.json']) made.set(name, voices)
  await writeFile(join(work, 'peaks.json'), JSON.stringify(peaksOf(caller.pcm, agent.pcm, VOICE_RATE_HZ)))
  await writeFile(join(work, 'speech.json'), JSON.stringify(speechOf(caller, agent, durationMs)))
  const opus = readOggOpus(await readFile(stereo))
  await rm(stereo)

  const common = { files, folder: work, opus, durationMs, ffmpeg, signal: o.signal }
  const replay = await writeReplay({
    ...common,
    ...{ name: 'replay', pictureName: 'camera', cameras: await indexOf('caller-camera') },
    onProgress: progress.stage(0.2),
  })
  remarks.push(...replay.remarks)
  const cameras = namesOf(facts, 'caller-camera')
  made.set(replay.file, [...voices, ...cameras])
  if (replay.pictureFile !== undefined) made.set(replay.pictureFile, cameras)

  // What the agent shared is a film of its own on the same clock: the camera's goes on beside it.
  const screens = await indexOf('agent-screen')
  const sharing = progress.stage(0.1)
  if (screens.length > 0) {
    const screen = await writeReplay({ ...common, name: 'screen', cameras: screens, onProgress: sharing })
    remarks.push(...screen.remarks)
    if (screen.video) made.set(screen.file, [...voices, ...namesOf(facts, 'agent-screen')])
    else await rm(join(work, screen.file))
  }
  const spans = drawSpans({ entries: journal.entries, tracks: facts, durationMs })
  await writeFile(join(work, 'spans.json'), JSON.stringify(spans))
  made.set('spans.json', ['journal.jsonl', ...namesOf(facts)])

  const before = await readDerivedManifest(files)
  const written = await keep(files, work, made, progress.stage(0.15))
  await removeOutdated(files, before, written)
  const sameReplay = before?.files.some(file => written.some(now => now.sha256 === file.sha256 && isReplay(now)))
  const count = (line: VoiceLine) => ({ packets: line.packets, otherPackets: line.otherPackets })
  await writeDerivedManifest(files, {
    format: DERIVED_FORMAT,
    madeAt: new Date().toISOString(),
    callId: sealed?.callId ?? null,
    sealSignature: sealed?.seal.signature ?? null,
    tools: { muxer: MUXER_VERSION, ffmpeg: await ffmpeg.version() },
    originals: await originalsOf(files, namesOf(facts), sealed),
    replay: { file: replay.file, durationMs, video: replay.video },
    voice: { caller: count(caller), agent: count(agent) },
    files: written,
    onDemand: sameReplay ? (before?.onDemand ?? []) : [],
    remarks,
  })
  return { replayFile: `${DERIVED_FOLDER}/${replay.file}`, durationMs }
}

function speechOf(caller: VoiceLine, agent: VoiceLine, durationMs: number): SpeechOfCall {
  const [hears, says] = [findSpeech(caller.pcm, VOICE_RATE_HZ), findSpeech(agent.pcm, VOICE_RATE_HZ)]
  return { format: SPEECH_FORMAT, durationMs, caller: hears, agent: says }
}

async function readSealed(files: CallFiles): Promise<SealedManifest | undefined> {
  if (!(await files.has(MANIFEST_FILE))) return undefined
  try {
    return SealedManifest.parse(JSON.parse((await files.read(MANIFEST_FILE)).toString('utf8')))
  } catch {
    return undefined
  }
}

/** The files of one track in order. One that cannot be read is left out and remarked: the rest is still worth hearing. */
async function indexTracks(files: CallFiles, name: TrackName, remarks: string[]): Promise<TrackIndex[]> {
  const tracks: TrackIndex[] = []
  for (const { path } of await files.list()) {
    if (TRACK_FILE.exec(path)?.[1] !== name) continue
    try {
      const track = await indexTrack(files, path, { heads: name === 'caller-camera' || name === 'agent-screen' })
      if (track.tornBytes > 0) remarks.push(`${path}: ${track.tornBytes} torn bytes left out`)
      tracks.push(track)
    } catch (error) {
      if (!(error instanceof RtpjFormatError)) throw error
      remarks.push(`${path}: left out, not a readable journal (${error.message})`)
    }
  }
  return tracks.sort((a, b) => a.header.segment - b.header.segment)
}

function namesOf(facts: readonly TrackFacts[], track?: TrackName): string[] {
  return facts.filter(one => track === undefined || one.track === track).map(one => one.path)
}

/** Keeps what was made; an older replay is replaced file by file, each whole or not at all. */
async function keep(
  files: CallFiles,
  work: string,
  made: ReadonlyMap<string, readonly string[]>,
  onProgress: (done: number) => void,
): Promise<DerivedFile[]> {
  const kept: DerivedFile[] = []
  const names = (await readdir(work)).sort()
  for (const [i, name] of names.entries()) {
    const path = `${DERIVED_FOLDER}/${name}`
    const { bytes, sha256 } = await files.put(path, createReadStream(join(work, name)))
    kept.push({ path, bytes, sha256, from: [...(made.get(name) ?? [])] })
    onProgress((i + 1) / names.length)
  }
  return kept
}

/** Derivatives of an earlier run that this one no longer makes, and those on demand whose replay is another now. */
async function removeOutdated(files: CallFiles, before: DerivedManifest | undefined, now: readonly DerivedFile[]) {
  if (before === undefined) return
  const paths = new Set(now.map(file => file.path))
  for (const { path } of before.files) if (!paths.has(path)) await files.remove(path)
  const replay = now.find(isReplay)
  if (before.files.some(file => file.sha256 === replay?.sha256)) return
  for (const { path } of before.onDemand) await files.remove(path)
}

function isReplay(file: DerivedFile): boolean {
  return file.path.startsWith(`${DERIVED_FOLDER}/replay.`)
}

async function originalsOf(files: CallFiles, paths: readonly string[], sealed: SealedManifest | undefined) {
  const originals = []
  for (const path of paths.toSorted()) {
    const known = sealed?.files.find(file => file.path === path)?.sha256
    originals.push({ path, sha256: known ?? (await hashKept(files, path)) })
  }
  return originals
}
