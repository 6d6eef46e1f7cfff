import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { RecognisedText, Region, Snapshot } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId, SnapshotId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { CallLog } from '../calls/call-log.ts'

/** One key frame as a still picture. */
export type Still = {
  readonly bytes: Buffer
  readonly extension: 'webp' | 'jpg'
  readonly widthPx: number
  readonly heightPx: number
  readonly rtpTimestamp: number
}
export type ReadText = (
  picture: Buffer,
  region: Region | undefined,
) => Promise<Omit<RecognisedText, 'snapshotId' | 'region'>>

const KEPT_IN_MEMORY = 8

/** The pictures of one call: taken from the stream, kept in the archive, read by OCR. */
export class Snapshots {
  readonly #archive: CallArchive
  readonly #log: CallLog
  readonly #readText: ReadText
  /** The newest pictures, so that both browsers get them without touching the disk. */
  readonly #recent = new Map<SnapshotId, Buffer>()

  constructor(o: { archive: CallArchive; log: CallLog; readText: ReadText }) {
    this.#archive = o.archive
    this.#log = o.log
    this.#readText = o.readText
  }

  /** Keeps the picture, then puts it on the stage of both sides. */
  async freeze(by: ParticipantId, take: () => Promise<Still>): Promise<SnapshotId> {
    const still = await take()
    const id = newId('snap')
    const file = await this.#archive.addFile(`pictures/${id}.${still.extension}`, still.bytes)
    this.#recent.set(id, still.bytes)
    const oldest = this.#recent.keys().next().value
    if (this.#recent.size > KEPT_IN_MEMORY && oldest !== undefined) this.#recent.delete(oldest)
    const snapshot: Snapshot = {
      id,
      takenBy: by,
      widthPx: still.widthPx,
      heightPx: still.heightPx,
      file: file.file,
      sha256: file.sha256,
      source: 'server-key-frame',
      rtpTimestamp: still.rtpTimestamp,
    }
    if (!this.#log.write({ type: 'snapshot.taken', snapshot })) throw new AppError('gone', 'the call has ended')
    this.#log.write({ type: 'stage.page', by, snapshotId: id })
    return id
  }

  /** @throws AppError `not-found` */
  async bytes(snapshot: Snapshot): Promise<{ bytes: Buffer; type: string }> {
    const bytes = this.#recent.get(snapshot.id) ?? (await readFile(join(this.#archive.folder, snapshot.file)))
    return { bytes, type: snapshot.file.endsWith('.jpg') ? 'image/jpeg' : 'image/webp' }
  }

  /** OCR runs in a process of its own and never holds the call; result or failure is journalled. */
  async read(by: ParticipantId, snapshot: Snapshot, region: Region | undefined): Promise<RecognisedText> {
    const { bytes } = await this.bytes(snapshot)
    try {
      const found = await this.#readText(bytes, region)
      const result: RecognisedText = { ...found, snapshotId: snapshot.id, ...(region && { region }) }
      this.#log.write({ type: 'text.recognised', by, result })
      return result
    } catch (cause) {
      this.#log.write({
        type: 'text.failed',
        by,
        snapshotId: snapshot.id,
        reason: cause instanceof Error ? cause.name : 'unknown',
      })
      throw new AppError('unavailable', 'the text could not be read; try again', { cause })
    }
  }
}
