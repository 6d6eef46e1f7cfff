import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { PageKeeper, PdfReader, PictureToKeep } from './push.ts'

export type DocumentView = { readonly documentId: string; readonly name: string; readonly pages: number }
type Document = DocumentView & { readonly file: string }

const MAX_DOCUMENTS = 20
/** Twice the pixels of a phone's screen, so that small print can be looked at closely. */
const PAGE_SIDE_PX = 2400
const THUMBNAIL_SIDE_PX = 280
/** Small pictures; those of the newest documents stay. */
const MAX_THUMBNAILS = 300

/** The PDFs an agent handed over in one call: kept in the archive as they came, rendered page by page on demand. */
export class PushDocuments {
  readonly #folder: string
  readonly #pages: PageKeeper
  readonly #pdf: PdfReader
  readonly #received: (o: { by: ParticipantId; file: string; sha256: string; name: string }) => void
  readonly #documents = new Map<string, Document>()
  readonly #thumbnails = new Map<string, Promise<Omit<PictureToKeep, 'source'>>>()

  /** @param folder of the call's archive */
  constructor(o: {
    folder: string
    pages: PageKeeper
    pdf: PdfReader
    received: (o: { by: ParticipantId; file: string; sha256: string; name: string }) => void
  }) {
    this.#folder = o.folder
    this.#pages = o.pages
    this.#pdf = o.pdf
    this.#received = o.received
  }

  get views(): readonly DocumentView[] {
    return [...this.#documents.values()].map(({ documentId, name, pages }) => ({ documentId, name, pages }))
  }

  /** @throws PdfError when it cannot be read; then nothing is kept */
  async add(by: ParticipantId, bytes: Buffer, name: string): Promise<DocumentView> {
    if (this.#documents.size >= MAX_DOCUMENTS) throw new AppError('too-many', 'too many documents in this call')
    const { pages } = await this.#pdf.open(bytes)
    const documentId = newId('up').replace('up_', 'doc_')
    const { file, sha256 } = await this.#pages.keepFile(`documents/${documentId}.pdf`, bytes)
    this.#documents.set(documentId, { documentId, name, pages, file })
    this.#received({ by, file, sha256, name })
    return { documentId, name, pages }
  }

  /** @throws AppError `not-found`, PdfError */
  async page(documentId: string, page: number) {
    const document = this.#document(documentId, page)
    return { document, picture: await this.#render(document, page, PAGE_SIDE_PX) }
  }

  /** @throws AppError `not-found`, PdfError */
  thumbnail(documentId: string, page: number): Promise<Omit<PictureToKeep, 'source'>> {
    const document = this.#document(documentId, page)
    const key = `${documentId}/${page}`
    const known = this.#thumbnails.get(key)
    if (known) return known
    const made = this.#render(document, page, THUMBNAIL_SIDE_PX)
    this.#thumbnails.set(key, made)
    made.catch(() => this.#thumbnails.delete(key))
    const oldest = this.#thumbnails.keys().next().value
    if (this.#thumbnails.size > MAX_THUMBNAILS && oldest !== undefined) this.#thumbnails.delete(oldest)
    return made
  }

  /** From the archive, not from memory: twenty documents of a call would be half a gigabyte. */
  async #render(document: Document, page: number, maxSidePx: number): Promise<Omit<PictureToKeep, 'source'>> {
    return this.#pdf.render(await readFile(join(this.#folder, document.file)), page, maxSidePx)
  }

  #document(documentId: string, page: number): Document {
    const document = this.#documents.get(documentId)
    if (!document) throw new AppError('not-found', 'no such document in this call')
    if (page < 1 || page > document.pages) throw new AppError('not-found', 'no such page in this document')
    return document
  }
}
