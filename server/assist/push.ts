import { AppError } from '../../signaling/protocol/errors.ts'
import type { PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { Card, Page, Picture } from '../../signaling/protocol/page.ts'
import type { Library } from './library.ts'
import { checkedCard } from './push-card.ts'
import { type DocumentView, PushDocuments } from './push-documents.ts'
import { fileTitle } from './push-title.ts'

/** A picture to be kept: its bytes, and what the journal says of them. */
export type PictureToKeep = Omit<Picture, 'file' | 'sha256'> & { readonly bytes: Buffer }

/** What pushing needs of the call's pages; `Pages` is it. */
export type PageKeeper = {
  keep(name: string, picture: PictureToKeep): Promise<Picture>
  keepFile(path: string, bytes: Buffer): Promise<{ file: string; sha256: string }>
  add(page: Page): void
}
export type PushTools = {
  readonly linkDomains: readonly string[]
  readonly library: Library
  readonly pdf: PdfReader
  readonly takePicture: (bytes: Buffer) => Promise<Omit<PictureToKeep, 'source'>>
}
/** Reads PDF files in a process of its own; `PdfRenderer` is it. */
export type PdfReader = {
  open(bytes: Buffer): Promise<{ pages: number }>
  render(bytes: Buffer, page: number, maxSidePx: number): Promise<Omit<PictureToKeep, 'source'>>
}

/** A person pushes some dozen; more fills the archive by accident or on purpose. */
const MAX_PUSHES = 300

export type Pushed = { readonly kind: 'page'; readonly pageId: PageId } | ({ readonly kind: 'document' } & DocumentView)

/** What the agent puts before the caller's eyes in one call: cards, pictures, pages of PDFs, diagrams. */
export class CallPush {
  readonly #pages: PageKeeper
  readonly #show: (by: ParticipantId, pageId: PageId) => void
  readonly #tools: PushTools
  readonly documents: PushDocuments
  #pushes = 0

  constructor(o: {
    /** Of the call's archive. */
    folder: string
    pages: PageKeeper
    show: (by: ParticipantId, pageId: PageId) => void
    received: (o: { by: ParticipantId; file: string; sha256: string; name: string }) => void
    tools: PushTools
  }) {
    this.#pages = o.pages
    this.#show = o.show
    this.#tools = o.tools
    this.documents = new PushDocuments({ folder: o.folder, pages: o.pages, pdf: o.tools.pdf, received: o.received })
  }

  /** @throws CardRefused, AppError `too-many`, `gone` */
  card(by: ParticipantId, card: Card): PageId {
    this.#count()
    const checked = checkedCard(card, this.#tools.linkDomains)
    return this.#put({ kind: 'card', id: newId('page'), by, card: checked })
  }

  /**
   * A file of the agent's. A picture goes onto the stage at once; a PDF is kept, and its pages are chosen afterwards.
   * @throws IntakeError, PdfError, AppError `too-many`, `gone`
   */
  async file(by: ParticipantId, bytes: Buffer, name: string): Promise<Pushed> {
    this.#count()
    const title = fileTitle(name)
    if (bytes.subarray(0, 5).toString('latin1') === '%PDF-')
      return { kind: 'document', ...(await this.documents.add(by, bytes, title)) }
    const taken = await this.#tools.takePicture(bytes)
    return {
      kind: 'page',
      pageId: await this.#picture(by, { ...taken, source: 'agent-file' }, title, { kind: 'file' }),
    }
  }

  /** @param page from 1 @throws AppError `not-found`, PdfError */
  async pdfPage(by: ParticipantId, documentId: string, page: number): Promise<PageId> {
    this.#count()
    const { document, picture } = await this.documents.page(documentId, page)
    const from = { kind: 'pdf', documentId, page, pages: document.pages } as const
    return this.#picture(by, { ...picture, source: 'pdf-page' }, document.name, from)
  }

  /** The newest version, copied into the call's archive: what the customer saw stays what it was. @throws AppError */
  async diagram(by: ParticipantId, diagramId: string): Promise<PageId> {
    this.#count()
    const found = await this.#tools.library.open(diagramId)
    if (!found) throw new AppError('not-found', 'this diagram is not in the library any more')
    const { diagram, bytes, type } = found
    const { version, product, fault, title, widthPx, heightPx } = diagram
    const picture = { bytes, type, widthPx, heightPx, source: 'library' } as const
    return this.#picture(by, picture, title, { kind: 'library', diagramId, version, product, fault })
  }

  async #picture(
    by: ParticipantId,
    picture: PictureToKeep,
    title: string,
    from: Extract<Page, { kind: 'pushed' }>['from'],
  ): Promise<PageId> {
    const id = newId('page')
    const kept = await this.#pages.keep(id, picture)
    return this.#put({ kind: 'pushed', id, by, picture: kept, title, from })
  }

  #put(page: Page): PageId {
    this.#pages.add(page)
    this.#show(page.by, page.id)
    return page.id
  }

  #count(): void {
    if (this.#pushes >= MAX_PUSHES) throw new AppError('too-many', 'too much was pushed in this call')
    this.#pushes++
  }
}
