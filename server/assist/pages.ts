import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { Page, Picture } from '../../signaling/protocol/page.ts'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import type { CallLog } from '../calls/call-log.ts'
import { RecentPictures } from './recent-pictures.ts'

/** A picture that is to be kept: its bytes, and what the journal says of it. */
export type NewPicture = Omit<Picture, 'file' | 'sha256'> & { readonly bytes: Buffer }

const KEPT_IN_MEMORY_BYTES = 24 * 1024 * 1024
const EXTENSION = { 'image/webp': 'webp', 'image/jpeg': 'jpg', 'image/png': 'png' } as const

/** The pages of one call and their pictures: kept in the archive first, then journalled, which tells both sides. */
export class Pages {
  readonly #archive: CallArchive
  readonly #log: CallLog
  readonly #recent = new RecentPictures(KEPT_IN_MEMORY_BYTES)
  readonly #writing = new Set<Promise<unknown>>()
  #closed = false

  constructor(o: { archive: CallArchive; log: CallLog }) {
    this.#archive = o.archive
    this.#log = o.log
  }

  /**
   * Keeps a picture in the archive; nobody knows of it yet.
   * @param name of its file, without folder and extension: the page's id, with `-2`, `-3` for later pictures
   * @throws AppError `gone` once the call is being sealed
   */
  async keep(name: string, picture: NewPicture): Promise<Picture> {
    const { bytes, ...facts } = picture
    const kept = await this.#write(`pictures/${name}.${EXTENSION[picture.type]}`, bytes)
    this.#recent.put(kept.file, bytes)
    return { ...facts, file: kept.file, sha256: kept.sha256 }
  }

  /** Keeps a file that is no picture (a PDF) as it came. @throws AppError `gone` */
  keepFile(path: string, bytes: Buffer): Promise<{ file: string; sha256: string }> {
    return this.#write(path, bytes)
  }

  /** @throws AppError `gone` when the call has ended meanwhile */
  add(page: Page): void {
    if (!this.#log.write({ type: 'page.added', page })) throw new AppError('gone', 'the call has ended')
  }

  /** A better picture of the same page, in the same shape. @throws AppError `gone` */
  async better(page: StagePage, picture: NewPicture): Promise<void> {
    const pageId = page.page.id
    const kept = await this.keep(`${pageId}-${page.pictures.length + 1}`, picture)
    if (!this.#log.write({ type: 'page.bettered', pageId, picture: kept }))
      throw new AppError('gone', 'the call has ended')
  }

  /**
   * The picture of a page: the best one, or the n-th that arrived (0 is the first).
   * @throws AppError `not-found` for a card, or when there is no such picture
   */
  pictureOf(page: StagePage, nth?: number): Picture {
    const picture = nth === undefined ? page.picture : page.pictures[nth]
    if (!picture) throw new AppError('not-found', 'this page has no such picture')
    return picture
  }

  async bytes(picture: Picture): Promise<Buffer> {
    const recent = this.#recent.get(picture.file)
    if (recent) return recent
    const bytes = await readFile(join(this.#archive.folder, picture.file))
    this.#recent.put(picture.file, bytes)
    return bytes
  }

  /** Nothing is added to the archive any more; what is being written is waited for, so that the seal covers it. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#writing)
    this.#recent.clear()
  }

  async #write(path: string, bytes: Buffer): Promise<{ file: string; sha256: string }> {
    if (this.#closed) throw new AppError('gone', 'the call has ended')
    const writing = this.#archive.addFile(path, bytes)
    this.#writing.add(writing)
    try {
      return await writing
    } finally {
      this.#writing.delete(writing)
    }
  }
}
