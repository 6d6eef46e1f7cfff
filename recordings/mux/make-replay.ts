import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { TrackName } from '../../signaling/protocol/journal-entry.ts'
import { DERIVED_FOLDER, hashFile, MANIFEST_FILE, syncFolder, writeDurably } from '../archive/durable-file.ts'
import { JOURNAL_FILE } from '../journal/call-journal.ts'
import { readCallJournal } from '../journal/read-call-journal.ts'
import { RtpjFormatError } from '../tracks/read-rtp-journal.ts'
import { Ffmpeg } from './ffmpeg.ts'
import { readOggOpus } from './ogg-packets.ts'
import { indexTrack, type TrackIndex } from './packet-runs.ts'
import { peaksOf } from './peaks.ts'
import { drawVoiceLine, VOICE_RATE_HZ } from './voice-line.ts'
import { type ReplayVideo, writeReplay } from './write-replay.ts'

export const DERIVED_FORMAT = 'tongping-derived/1'
const SCREEN_FILE = 'screen.webm'
const WORK_PREFIX = '.work-'
/** Pieces of interleaved voice handed to the encoder: one second each. */
const PIECE_SAMPLES = VOICE_RATE_HZ
/** A call that ended at once still gets a playable file. */
const MIN_DURATION_MS = 20

export type ReplayResult = { readonly replayFile: string; readonly durationMs: number }

/**
 * Makes everything in `derived/` from the journals of a sealed (or at least ended) call: the replay, a sound file per
 * party, waveforms, and a manifest that points back to the originals. Files appear under their names only when whole.
 */
export async function makeReplay(folder: string, ffmpegBin: string, signal: AbortSignal): Promise<ReplayResult> {
  const ffmpeg = new Ffmpeg(ffmpegBin, signal)
  const sealed = await readSealed(folder)
  const durationMs = Math.max(MIN_DURATION_MS, sealed?.durationMs ?? (await endOfJournal(folder)))
  const remarks: string[] = []
  const originals: string[] = []
  const indexOf = async (name: TrackName) => {
    const tracks = await indexTracks(folder, name, remarks)
    originals.push(...tracks.map(track => `tracks/${basename(track.path)}`))
    return tracks
  }

  const derived = join(folder, DERIVED_FOLDER)
  const work = join(derived, `${WORK_PREFIX}${process.pid}`)
  await removeOldWork(derived)
  await mkdir(work, { recursive: true, mode: 0o750 })
  try {
    // One track's index at a time: that of an hour's voice is some fifty megabytes.
    const caller = drawVoiceLine(await indexOf('caller-voice'), durationMs)
    const agent = drawVoiceLine(await indexOf('agent-voice'), durationMs)
    const stereo = join(work, 'stereo.ogg')
    await ffmpeg.encodeVoices(interleave(caller.pcm, agent.pcm), {
      rateHz: VOICE_RATE_HZ,
      stereo,
      caller: join(work, 'caller.ogg'),
      agent: join(work, 'agent.ogg'),
    })
    const peaks = peaksOf(caller.pcm, agent.pcm, VOICE_RATE_HZ)
    await writeFile(join(work, 'peaks.json'), JSON.stringify(peaks))
    const opus = readOggOpus(await readFile(stereo))
    await rm(stereo)
    const replay = await writeReplay({
      folder: work,
      cameras: await indexOf('caller-camera'),
      opus,
      durationMs,
      ffmpeg,
    })
    remarks.push(...replay.remarks)
    const screens = await indexOf('agent-screen')
    if (screens.length > 0) remarks.push(...(await writeScreen({ work, screens, opus, durationMs, ffmpeg })))

    const files = await publish(work, derived)
    const manifest = {
      format: DERIVED_FORMAT,
      madeAt: new Date().toISOString(),
      callId: sealed?.callId ?? null,
      /** Binds the derivatives to one sealed state of the originals; null when the call was not sealed. */
      sealSignature: sealed?.seal.signature ?? null,
      originals: await originalsOf(folder, originals, sealed),
      replay: { file: replay.file, durationMs, video: replay.video satisfies ReplayVideo | null },
      voice: {
        caller: { packets: caller.packets, otherPackets: caller.otherPackets },
        agent: { packets: agent.packets, otherPackets: agent.otherPackets },
      },
      files,
      remarks,
    }
    await writeDurably(join(derived, MANIFEST_FILE), Buffer.from(JSON.stringify(manifest, null, 2)))
    return { replayFile: `${DERIVED_FOLDER}/${replay.file}`, durationMs }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What the agent shared, as a film of its own on the same clock: the camera's goes on beside it. */
async function writeScreen(o: {
  work: string
  screens: TrackIndex[]
  opus: ReturnType<typeof readOggOpus>
  durationMs: number
  ffmpeg: Ffmpeg
}): Promise<string[]> {
  const { work, screens, opus, durationMs, ffmpeg } = o
  const folder = join(work, 'screen')
  await mkdir(folder)
  const { file, video, remarks } = await writeReplay({ folder, cameras: screens, opus, durationMs, ffmpeg })
  if (video) await rename(join(folder, file), join(work, SCREEN_FILE))
  await rm(folder, { recursive: true })
  return remarks
}

async function readSealed(folder: string): Promise<SealedManifest | undefined> {
  try {
    return SealedManifest.parse(JSON.parse(await readFile(join(folder, MANIFEST_FILE), 'utf8')))
  } catch {
    return undefined
  }
}

async function endOfJournal(folder: string): Promise<number> {
  const { entries } = await readCallJournal(join(folder, JOURNAL_FILE))
  return entries.at(-1)?.atMs ?? 0
}

/** The files of one track in order. One that cannot be read is left out and remarked: the rest is still worth hearing. */
async function indexTracks(folder: string, name: TrackName, remarks: string[]): Promise<TrackIndex[]> {
  const names = await readdir(join(folder, 'tracks')).catch(() => [])
  const tracks: TrackIndex[] = []
  for (const file of names.filter(file => file.startsWith(`${name}-`) && file.endsWith('.rtpj'))) {
    try {
      const track = await indexTrack(join(folder, 'tracks', file), {
        heads: name === 'caller-camera' || name === 'agent-screen',
      })
      if (track.tornBytes > 0) remarks.push(`${file}: ${track.tornBytes} torn bytes left out`)
      tracks.push(track)
    } catch (error) {
      if (!(error instanceof RtpjFormatError)) throw error
      remarks.push(`${file}: left out, not a readable journal (${error.message})`)
    }
  }
  return tracks.sort((a, b) => a.header.segment - b.header.segment)
}

/** What a killed run left behind; there is one muxer per call. */
async function removeOldWork(derived: string): Promise<void> {
  const names = await readdir(derived).catch(() => [])
  for (const name of names.filter(name => name.startsWith(WORK_PREFIX)))
    await rm(join(derived, name), { recursive: true, force: true })
}

function* interleave(left: Int16Array, right: Int16Array): Generator<Buffer> {
  for (let from = 0; from < left.length; from += PIECE_SAMPLES) {
    const count = Math.min(PIECE_SAMPLES, left.length - from)
    const piece = Buffer.alloc(count * 4)
    for (let i = 0; i < count; i++) {
      piece.writeInt16LE(left[from + i] ?? 0, i * 4)
      piece.writeInt16LE(right[from + i] ?? 0, i * 4 + 2)
    }
    yield piece
  }
}

/** Moves finished files to their names; an older replay is replaced file by file. */
async function publish(work: string, derived: string) {
  const files = []
  for (const name of (await readdir(work)).sort()) {
    files.push({ path: `${DERIVED_FOLDER}/${name}`, ...(await hashFile(join(work, name))) })
    await rename(join(work, name), join(derived, name))
  }
  await syncFolder(derived)
  return files
}

async function originalsOf(folder: string, paths: readonly string[], sealed: SealedManifest | undefined) {
  const originals = []
  for (const path of paths.toSorted()) {
    const known = sealed?.files.find(file => file.path === path)?.sha256
    originals.push({ path, sha256: known ?? (await hashFile(join(folder, path))).sha256 })
  }
  return originals
}
