import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { TrackName } from '../../signaling/protocol/journal-entry.ts'
import { DERIVED_FOLDER, hashFile, MANIFEST_FILE, syncFolder, writeDurably } from '../archive/durable-file.ts'
import { JOURNAL_FILE } from '../journal/call-journal.ts'
import { readCallJournal } from '../journal/read-call-journal.ts'
import { Ffmpeg } from './ffmpeg.ts'
import { readOggOpus } from './ogg-packets.ts'
import { indexTrack, type TrackIndex } from './packet-runs.ts'
import { peaksOf } from './peaks.ts'
import { drawVoiceLine, VOICE_RATE_HZ } from './voice-line.ts'
import { type ReplayVideo, writeReplay } from './write-replay.ts'

export const DERIVED_FORMAT = 'tongping-derived/1'
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
  const tracks = await indexTracks(folder, ['caller-voice', 'agent-voice', 'caller-camera'])
  const durationMs = Math.max(MIN_DURATION_MS, sealed?.durationMs ?? (await endOfJournal(folder)))
  const remarks: string[] = []

  const derived = join(folder, DERIVED_FOLDER)
  const work = join(derived, `.work-${process.pid}`)
  await mkdir(work, { recursive: true, mode: 0o750 })
  try {
    const caller = drawVoiceLine(tracks['caller-voice'], durationMs)
    const agent = drawVoiceLine(tracks['agent-voice'], durationMs)
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
    const replay = await writeReplay({ folder: work, cameras: tracks['caller-camera'], opus, durationMs, ffmpeg })
    remarks.push(...replay.remarks)
    for (const track of Object.values(tracks).flat())
      if (track.tornBytes > 0) remarks.push(`${basename(track.path)}: ${track.tornBytes} torn bytes left out`)

    const files = await publish(work, derived)
    const manifest = {
      format: DERIVED_FORMAT,
      madeAt: new Date().toISOString(),
      callId: sealed?.callId ?? null,
      /** Binds the derivatives to one sealed state of the originals; null when the call was not sealed. */
      sealSignature: sealed?.seal.signature ?? null,
      originals: await originalsOf(folder, Object.values(tracks).flat(), sealed),
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

async function indexTracks<N extends TrackName>(folder: string, names: readonly N[]): Promise<Record<N, TrackIndex[]>> {
  const index = {} as Record<N, TrackIndex[]>
  const files = (await readdir(join(folder, 'tracks')).catch(() => [])).filter(file => file.endsWith('.rtpj'))
  for (const name of names) {
    const mine = files.filter(file => file.startsWith(`${name}-`))
    const tracks = []
    for (const file of mine)
      tracks.push(await indexTrack(join(folder, 'tracks', file), { heads: name === 'caller-camera' }))
    index[name] = tracks.sort((a, b) => a.header.segment - b.header.segment)
  }
  return index
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

async function originalsOf(folder: string, tracks: readonly TrackIndex[], sealed: SealedManifest | undefined) {
  const originals = []
  for (const track of tracks) {
    const path = `tracks/${basename(track.path)}`
    const known = sealed?.files.find(file => file.path === path)?.sha256
    const sha256 =
      known ??
      createHash('sha256')
        .update(await readFile(join(folder, path)))
        .digest('hex')
    originals.push({ path, sha256 })
  }
  return originals
}
