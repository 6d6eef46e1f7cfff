import * as z from 'zod'
import { TrackName } from '../../signaling/protocol/journal-entry.ts'
import { type ByteSource, FileSource } from '../vault/byte-source.ts'
import {
  CHECKPOINT_BODY_BYTES,
  CHECKPOINT_MARK,
  FLAG_FILLER,
  MAX_HEADER_BYTES,
  RECORD_CHECKPOINT,
  RECORD_EVENT,
  RECORD_HEAD_BYTES,
  RECORD_RTCP,
  RECORD_RTP,
  RTPJ_FORMAT,
  RTPJ_MAGIC,
} from './rtpj-format.ts'

const PIECE_BYTES = 1024 * 1024

const Header = z.object({
  format: z.literal(RTPJ_FORMAT),
  callId: z.string(),
  track: TrackName,
  segment: z.number().int(),
  codec: z.string(),
  payloadType: z.number().int(),
  clockRate: z.number().int().positive(),
  ssrc: z.number().int().optional(),
  wallClock: z.iso.datetime(),
  openedAtMs: z.number(),
})
export type ReadHeader = z.infer<typeof Header>

export type RtpjRecord = {
  readonly kind: 'rtp' | 'rtcp' | 'event' | 'checkpoint'
  /** Arrival on the call clock. */
  readonly atMs: number
  readonly filler: boolean
  /** Valid until the next batch is read. */
  readonly body: Buffer
  /** Offset of the body in the file. */
  readonly bodyOffset: number
}

/** The file does not begin like an RTP journal of this version. */
export class RtpjFormatError extends Error {
  override name = 'RtpjFormatError'
}

/**
 * Opens an RTP journal for reading: a file of a sealed call from `CallFiles.open`, or the path of a plain file (the folder
 * of an open call). The source is closed after the iteration, and when this throws.
 * @throws RtpjFormatError, or the error of whoever keeps the file.
 */
export async function readRtpJournal(from: ByteSource | string): Promise<RtpJournalReader> {
  const source = typeof from === 'string' ? await FileSource.open(from) : from
  try {
    const head = await source.read(0, RTPJ_MAGIC.length + 4 + MAX_HEADER_BYTES)
    const { header, bytes } = parseHeader(head)
    return new RtpJournalReader(source, header, bytes)
  } catch (error) {
    await source.close()
    throw error
  }
}

/** @throws RtpjFormatError. `head` must hold the whole header; more does no harm. */
export function parseHeader(head: Buffer): { header: ReadHeader; bytes: number } {
  const magic = RTPJ_MAGIC.length
  if (head.length < magic + 4 || !head.subarray(0, magic).equals(RTPJ_MAGIC)) throw new RtpjFormatError('no magic')
  const bytes = magic + 4 + head.readUInt32BE(magic)
  if (bytes > head.length) throw new RtpjFormatError('header too long or cut off')
  try {
    return { header: Header.parse(JSON.parse(head.toString('utf8', magic + 4, bytes))), bytes }
  } catch (cause) {
    throw new RtpjFormatError('bad header', { cause })
  }
}

/** Iterates over the records once, then closes the source. A torn or overwritten tail ends the iteration. */
export class RtpJournalReader {
  readonly header: ReadHeader
  readonly #source: ByteSource
  #position: number
  #torn: { readonly fromByte: number; readonly bytes: number } | undefined

  constructor(source: ByteSource, header: ReadHeader, position: number) {
    this.#source = source
    this.header = header
    this.#position = position
  }

  /** After the iteration: where whole records end, when that is not the end of the file. */
  get torn(): { readonly fromByte: number; readonly bytes: number } | undefined {
    return this.#torn
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RtpjRecord> {
    for await (const batch of this.batches()) yield* batch
  }

  /** The same in pieces of about a mebibyte: cheaper for long tracks. Bodies are valid until the next piece. */
  async *batches(): AsyncGenerator<RtpjRecord[]> {
    try {
      let rest: Buffer = Buffer.alloc(0)
      for (;;) {
        const piece = await this.#source.read(this.#position + rest.length, PIECE_BYTES)
        const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
        const { records, used, broken } = parseRecords(bytes, this.#position)
        yield records
        this.#position += used
        rest = bytes.subarray(used)
        if (!broken && piece.length > 0) continue
        const size = this.#source.bytes
        if (size > this.#position) this.#torn = { fromByte: this.#position, bytes: size - this.#position }
        return
      }
    } finally {
      await this.#source.close()
    }
  }
}

function parseRecords(bytes: Buffer, offset: number): { records: RtpjRecord[]; used: number; broken: boolean } {
  const records: RtpjRecord[] = []
  let at = 0
  while (at + RECORD_HEAD_BYTES <= bytes.length) {
    const kind = kindOf(bytes[at] ?? 0)
    const length = bytes.readUInt16BE(at + 2)
    const body = at + RECORD_HEAD_BYTES
    if (kind === undefined || (bytes[at + 1] ?? 0) > FLAG_FILLER) return { records, used: at, broken: true }
    if (body + length > bytes.length) break
    const bodyBytes = bytes.subarray(body, body + length)
    if (kind === 'checkpoint' && !isCheckpointBody(bodyBytes, offset + at)) return { records, used: at, broken: true }
    const filler = bytes[at + 1] === FLAG_FILLER
    const atMs = bytes.readIntBE(at + 4, 6) / 1000
    records.push({ kind, atMs, filler, body: bodyBytes, bodyOffset: offset + body })
    at = body + length
  }
  return { records, used: at, broken: false }
}

/** A checkpoint knows its own place, so that it can be found again after damage. */
export function isCheckpointBody(body: Buffer, recordOffset: number): boolean {
  return (
    body.length === CHECKPOINT_BODY_BYTES &&
    body.subarray(0, 4).equals(CHECKPOINT_MARK) &&
    body.readBigUInt64BE(4) === BigInt(recordOffset)
  )
}

function kindOf(code: number): RtpjRecord['kind'] | undefined {
  switch (code) {
    case RECORD_RTP:
      return 'rtp'
    case RECORD_RTCP:
      return 'rtcp'
    case RECORD_EVENT:
      return 'event'
    case RECORD_CHECKPOINT:
      return 'checkpoint'
    default:
      return undefined
  }
}
