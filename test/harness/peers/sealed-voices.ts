import { join } from 'node:path'
import { readRtpJournal } from '../../../recordings/tracks/read-rtp-journal.ts'
import type { ArchiveFinding } from '../../../signaling/protocol/archive.ts'
import type { CallEnd } from '../../../signaling/protocol/call.ts'
import type { TestServer } from '../app.ts'
import { filesOfCall, readEntries, readManifest, soundIn, voiceOf } from '../archive-reader.ts'
import { dominantHz, meanSquare, shareOf } from '../tone.ts'

const BLOCK_MS = 100

export type SealedVoices = {
  readonly folder: string
  /** Of the blocks with sound in them, how many are mostly that tone, 0..1; and how many ms of it there are. */
  tone(track: 'caller-voice' | 'agent-voice', hz: number): Promise<{ share: number; ms: number }>
  /** Keys the caller pressed, as the caller's track tells them. */
  readonly digits: string
  readonly findings: readonly ArchiveFinding[]
  readonly end: CallEnd
  readonly codecs: readonly string[]
  /** Holds and retrievals of the journal, in order. */
  readonly holds: readonly string[]
}

/**
 * What the sealed archive of the call from that number holds of the voices. Rejects when none is sealed in time.
 * `fromReplay`: by the film that is made of it, for codecs that need a decoder.
 */
export async function sealedVoices(
  server: TestServer,
  number: string,
  o: { fromReplay?: boolean } = {},
): Promise<SealedVoices> {
  const folder = await server.sealedArchive({
    muxed: o.fromReplay ?? false,
    timeoutMs: 60_000,
    which: async folder => (await readManifest(folder)).from.includes(number),
  })
  const manifest = await readManifest(folder)
  const tracks = (name: string) => manifest.tracks.filter(({ track }) => track === name)
  let digits = ''
  for (const { file } of tracks('caller-voice')) digits += await digitsOf(folder, file)
  return {
    folder,
    digits,
    findings: manifest.findings ?? [],
    end: manifest.end,
    codecs: [...new Set(manifest.tracks.map(({ codec }) => codec))],
    holds: (await readEntries(folder)).flatMap(entry =>
      entry.type === 'voice.held' || entry.type === 'voice.retrieved' ? [`${entry.type} ${entry.by}`] : [],
    ),
    async tone(name, hz) {
      let sounding = 0
      let right = 0
      const pieces = o.fromReplay
        ? [await soundIn(join(folder, 'derived/replay.webm'), name === 'caller-voice' ? 0 : 1)]
        : await Promise.all(tracks(name).map(async ({ file }) => (await voiceOf(folder, file)).samples))
      for (const samples of pieces) {
        const block = (BLOCK_MS * 8000) / 1000
        for (let at = 0; at + block <= samples.length; at += block) {
          const piece = samples.subarray(at, at + block)
          // Between syllables there is little; what is below -40 dBFS is no tone of ours.
          if (meanSquare(piece) < 300 ** 2) continue
          sounding += 1
          const strongest = dominantHz(piece, 8000)
          if (strongest !== undefined && Math.abs(strongest - hz) <= 20 && shareOf(hz, piece, 8000) > 0.3) right += 1
        }
      }
      return { share: sounding === 0 ? 0 : right / sounding, ms: right * BLOCK_MS }
    },
  }
}

async function digitsOf(folder: string, file: string): Promise<string> {
  let digits = ''
  for await (const record of await readRtpJournal(await (await filesOfCall(folder)).open(file))) {
    if (record.kind !== 'event') continue
    const event: { type?: string; phase?: string; digit?: string } = JSON.parse(record.body.toString('utf8'))
    if (event.type === 'dtmf' && event.phase === 'begin') digits += event.digit ?? ''
  }
  return digits
}
