import type { TrackName } from '../../signaling/protocol/journal-entry.ts'

/** The layout of a `.rtpj` file; recordings/README.md describes it for strangers. All integers are big-endian. */
export const RTPJ_FORMAT = 'tongping-rtpj/1'
export const RTPJ_MAGIC = Buffer.from('TPRTPJ1\n', 'latin1')

export type RtpjHeader = {
  readonly format: typeof RTPJ_FORMAT
  readonly callId: string
  readonly track: TrackName
  /** Counts the files of one track in a call, from 1. */
  readonly segment: number
  readonly codec: string
  readonly payloadType: number
  readonly clockRate: number
  readonly ssrc?: number
  /** Wall clock and call clock of the same moment: when the file was opened. */
  readonly wallClock: string
  readonly openedAtMs: number
}

export const RECORD_RTP = 1
export const RECORD_RTCP = 2
export const RECORD_EVENT = 3
export const RECORD_CHECKPOINT = 4
/** The packet was made by the server to keep the line alive (silence, hold tone), not spoken by anybody. */
export const FLAG_FILLER = 1

/** kind u8, flags u8, length u16, time i48 (µs on the call clock). */
export const RECORD_HEAD_BYTES = 10
export const MAX_RECORD_BYTES = 0xffff

/** Checkpoint body: marker, own offset u64, SHA-256 of every byte of the file before this record. */
export const CHECKPOINT_MARK = Buffer.from('TPCK', 'latin1')
export const CHECKPOINT_BODY_BYTES = 4 + 8 + 32
export const CHECKPOINT_BYTES = RECORD_HEAD_BYTES + CHECKPOINT_BODY_BYTES
export const MAX_HEADER_BYTES = 4096

export function encodeRtpjHeader(header: RtpjHeader): Buffer {
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([RTPJ_MAGIC, length, json])
}

/** Writes a record head at `offset`; the body follows at `offset + RECORD_HEAD_BYTES`. */
export function writeRecordHead(
  into: Buffer,
  offset: number,
  kind: number,
  flags: number,
  bodyBytes: number,
  timeUs: number,
): void {
  into[offset] = kind
  into[offset + 1] = flags
  into.writeUInt16BE(bodyBytes, offset + 2)
  into.writeIntBE(timeUs, offset + 4, 6)
}

export function writeCheckpoint(
  into: Buffer,
  offset: number,
  fileOffset: number,
  sha256: Buffer,
  timeUs: number,
): void {
  writeRecordHead(into, offset, RECORD_CHECKPOINT, 0, CHECKPOINT_BODY_BYTES, timeUs)
  const body = offset + RECORD_HEAD_BYTES
  CHECKPOINT_MARK.copy(into, body)
  into.writeBigUInt64BE(BigInt(fileOffset), body + 4)
  sha256.copy(into, body + 12)
}
