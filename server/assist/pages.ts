import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { Picture } from '../../signaling/protocol/page.ts'
import type { RecognisedText, Region } from '../../signaling/protocol/reading.ts'
import type { StagePage } from '../../signaling/protocol/stage.ts'
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
) => Promise<Omit<RecognisedText, 'pageId' | 'region'>>

const KEPT_IN_MEMORY = 8

/** The pages of one call: taken from the stream, kept in the archive, read by OCR. */
export class Pages {
  readonly #archive: CallArchive
  readonly #log: CallLog
  readonly #readText: ReadText
  /** The newest pictures by their file, so that both browsers get them without touching the disk. */
  readonly #recent = new Map<string, Buffer>()

  constructor(o: { archive: CallArchive; log: CallLog; readText: ReadText }) {
    this.#archive = o.archive
    this.#log = o.log
    this.#readText = o.readText
  }

  /** Keeps the picture, then puts it on the stage of both sides. */
  async freeze(by: ParticipantId, take: () => Promise<Still>): Promise<PageId> {
    const still = await take()
    const id = newId('page')
    const file = await this.#archive.addFile(`pictures/${id}.${still.extension}`, still.bytes)
    this.#recent.set(file.file, still.bytes)
    const oldest = this.#recent.keys().next().value
    if (this.#recent.size > KEPT_IN_MEMORY && oldest !== undefined) this.#recent.delete(oldest)
    const picture: Picture = {
      file: file.file,
      sha256: file.sha256,
      type: still.extension === 'jpg' ? 'image/jpeg' : 'image/webp',
      widthPx: still.widthPx,
      heightPx: still.heightPx,
      source: 'server-key-frame',
      rtpTimestamp: still.rtpTimestamp,
    }
    if (!this.#log.write({ type: 'page.added', page: { kind: 'camera', id, by, picture } }))
      throw new AppError('gone', 'the call has ended')
    this.#log.write({ type: 'stage.page', by, pageId: id })
    return id
  }

  /** @throws AppError `not-found` for a page without a picture */
  async bytes(page: StagePage): Promise<{ bytes: Buffer; type: string }> {
    const { picture } = page
    if (!picture) throw new AppError('not-found', 'this page has no picture')
    const bytes = this.#recent.get(picture.file) ?? (await readFile(join(this.#archive.folder, picture.file)))
    return { bytes, type: picture.type }
  }

  /** OCR runs in a process of its own and never holds the call; result or failure is journalled. */
  async read(by: ParticipantId, page: StagePage, region: Region | undefined): Promise<RecognisedText> {
    const { bytes } = await this.bytes(page)
    const pageId = page.page.id
    try {
      const found = await this.#readText(bytes, region)
      const result: RecognisedText = { ...found, pageId, ...(region && { region }) }
      this.#log.write({ type: 'text.recognised', by, result })
      return result
    } catch (cause) {
      this.#log.write({ type: 'text.failed', by, pageId, reason: cause instanceof Error ? cause.name : 'unknown' })
      throw new AppError('unavailable', 'the text could not be read; try again', { cause })
    }
  }
}
