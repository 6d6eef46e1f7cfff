import type { CallFiles } from '../vault/call-files.ts'
import { PCMA_TO_LINEAR, PCMU_TO_LINEAR } from './g711.ts'
import type { PacketRef, PacketRun, TrackIndex } from './packet-runs.ts'
import { PayloadFile } from './payload-file.ts'
import { placeOnClock } from './place-on-clock.ts'
import { codecsOf } from './track-codecs.ts'
import { decodeWide, isWide } from './wide-voice.ts'

export const VOICE_RATE_HZ = 8000
const PER_MS = VOICE_RATE_HZ / 1000
/** 5 ms: less than this between two packets is drift and is corrected one sample at a time, more is a gap. */
const SEAM_SAMPLES = 40
const DRIFT_SAMPLES = 8

export type VoiceLine = {
  /** 8 kHz mono, sample 0 at the answer, exactly as long as the call. */
  readonly pcm: Int16Array
  readonly packets: number
  /** RTP packets that are no voice: telephone events, comfort noise, codecs this muxer does not know. */
  readonly otherPackets: number
}

/** Lays the voice packets of one party onto the call clock. Whatever is missing is silence of the right length. */
export function drawVoiceLine(
  files: Pick<CallFiles, 'openSync'>,
  tracks: readonly TrackIndex[],
  durationMs: number,
  ffmpegBin: string,
): VoiceLine {
  const line = { pcm: new Int16Array(Math.round(durationMs * PER_MS)), packets: 0, otherPackets: 0 }
  for (const track of tracks) {
    const file = new PayloadFile(files.openSync(track.path))
    try {
      const codecOf = codecsOf(track)
      for (const run of track.runs) {
        // Telephone events repeat one timestamp for as long as the key is down: they would mislead the placing.
        const voice = run.filter(packet => isVoice(codecOf(packet)))
        line.packets += voice.length
        line.otherPackets += run.length - voice.length
        const { atMs, breaks } = placeOnClock(voice)
        const broken = new Set(breaks)
        let cursor: number | undefined
        const payloadOf = (packet: PacketRef) => file.read(packet.payloadOffset, packet.payloadBytes)
        const decoded = decodeRun(voice, codecOf, payloadOf, ffmpegBin)
        voice.forEach((packet, i) => {
          const wanted = Math.round((atMs[i] ?? 0) * PER_MS)
          const samples = decoded.get(packet) ?? fromTable(payloadOf(packet), tableFor(codecOf(packet)))
          if (cursor === undefined || broken.has(i)) cursor = wanted
          cursor = lay(line.pcm, samples, wanted, cursor)
        })
      }
    } finally {
      file.close()
    }
  }
  return line
}

/** Writes one packet and returns where the next one would follow seamlessly. */
function lay(pcm: Int16Array, samples: Int16Array, wanted: number, cursor: number): number {
  const late = wanted - cursor
  let start = cursor
  let skip = 0
  if (late > SEAM_SAMPLES) start = wanted
  else if (late < -SEAM_SAMPLES) skip = -late
  else if (late >= DRIFT_SAMPLES) {
    // The sender is slower than we are: say one sample twice.
    put(pcm, start, samples[0] ?? 0)
    start += 1
  } else if (late <= -DRIFT_SAMPLES) skip = 1
  for (let k = skip; k < samples.length; k++) put(pcm, start + k - skip, samples[k] ?? 0)
  return start + Math.max(0, samples.length - skip)
}

function put(pcm: Int16Array, at: number, sample: number): void {
  if (at >= 0 && at < pcm.length) pcm[at] = sample
}

/** Streams that ffmpeg decodes go through it whole: their coders remember what came before. */
function decodeRun(
  run: PacketRun,
  codecOf: (packet: PacketRef) => string | undefined,
  payloadOf: (packet: PacketRef) => Buffer,
  ffmpegBin: string,
): ReadonlyMap<PacketRef, Int16Array> {
  const decoded = new Map<PacketRef, Int16Array>()
  for (const codec of ['G722', 'opus'] as const) {
    const packets = run.filter(packet => codecOf(packet) === codec)
    if (packets.length === 0) continue
    // A copy: the file is read through one buffer.
    const payloads = packets.map(packet => Buffer.from(payloadOf(packet)))
    for (const [i, samples] of decodeWide(codec, payloads, ffmpegBin).entries()) {
      const packet = packets[i]
      if (packet !== undefined) decoded.set(packet, samples)
    }
  }
  return decoded
}

const scratch = new Int16Array(1500)

/** Valid until the next call. */
function fromTable(payload: Buffer, table: Int16Array | undefined): Int16Array {
  const samples = scratch.subarray(0, table === undefined ? 0 : Math.min(payload.length, scratch.length))
  for (let k = 0; k < samples.length; k++) samples[k] = table?.[payload[k] ?? 0] ?? 0
  return samples
}

const isVoice = (codec: string | undefined): boolean => isWide(codec) || tableFor(codec) !== undefined

function tableFor(codec: string | undefined): Int16Array | undefined {
  if (codec === 'PCMU') return PCMU_TO_LINEAR
  return codec === 'PCMA' ? PCMA_TO_LINEAR : undefined
}

/** Both voices sample by sample, left first, in pieces of a second. */
export function* interleaved(
  left: Int16Array,
  right: Int16Array,
  onProgress: (done: number) => void,
): Generator<Buffer> {
  for (let from = 0; from < left.length; from += VOICE_RATE_HZ) {
    const count = Math.min(VOICE_RATE_HZ, left.length - from)
    const piece = Buffer.alloc(count * 4)
    for (let i = 0; i < count; i++) {
      piece.writeInt16LE(left[from + i] ?? 0, i * 4)
      piece.writeInt16LE(right[from + i] ?? 0, i * 4 + 2)
    }
    yield piece
    onProgress((from + count) / left.length)
  }
}
