import { keptOf } from '../../media/picture/documents/masking.ts'
import type { ReadDocument } from '../../media/picture/documents/read-document.ts'
import type { ComparedFaces } from '../../media/picture/face/face-comparer.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { DocumentKind, DocumentReading, FaceComparison, Region } from '../../signaling/protocol/reading.ts'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { CallConsents } from './call-consents.ts'
import type { CallScenario } from './call-scenario.ts'
import type { Pages } from './pages.ts'
import type { MayRead } from './reading.ts'

export type DocumentMachines = {
  readonly readDocument: (picture: Buffer, kind: DocumentKind, region: Region | undefined) => Promise<ReadDocument>
  readonly compareFaces: (document: Buffer, live: Buffer) => Promise<ComparedFaces>
}

/**
 * Documents and faces of one call. Both only where the kind of call has the tool and the caller has agreed to it; what is
 * kept of the fields is the scenario's policy, of faces nothing but the score.
 */
export class Documents {
  readonly #log: CallLog
  readonly #pages: Pages
  readonly #scenario: Pick<CallScenario, 'require' | 'current'>
  readonly #consents: Pick<CallConsents, 'require'>
  readonly #machines: DocumentMachines
  readonly #may: MayRead | undefined

  constructor(o: {
    log: CallLog
    pages: Pages
    scenario: Pick<CallScenario, 'require' | 'current'>
    consents: Pick<CallConsents, 'require'>
    machines: DocumentMachines
    may?: MayRead
  }) {
    this.#may = o.may
    this.#log = o.log
    this.#pages = o.pages
    this.#scenario = o.scenario
    this.#consents = o.consents
    this.#machines = o.machines
  }

  /**
   * The agent who asked is shown what was read; what is journalled is what the scenario lets be kept.
   * @throws AppError `forbidden` without tool or consent, `unavailable` when it could not be read
   */
  async read(
    by: ParticipantId,
    page: StagePage,
    kind: DocumentKind,
    region: Region | undefined,
  ): Promise<DocumentReading> {
    this.#may?.now()
    this.#scenario.require('document')
    this.#consents.require('document')
    const pageId = page.page.id
    const picture = await this.#bytes(page)
    const read = await this.#machines.readDocument(picture, kind, region).catch((cause: unknown) => {
      this.#log.write({ type: 'text.failed', by, pageId, reason: cause instanceof Error ? cause.name : 'unknown' })
      throw new AppError('unavailable', 'the document could not be read; try again', { cause })
    })
    // The caller may have taken the consent back, or the agent chosen another kind of call, while the machine was reading.
    this.#may?.still()
    this.#scenario.require('document')
    this.#consents.require('document')
    const reading: DocumentReading = { pageId, ...read }
    const kept = keptOf(reading, this.#scenario.current.documentFields)
    if (!this.#log.write({ type: 'document.read', by, result: kept })) throw new AppError('gone', 'the call has ended')
    return reading
  }

  /** What the agent found by comparing. @throws AppError `not-found` */
  judge(by: ParticipantId, reading: number, verdict: 'matches' | 'differs' | 'unreadable'): void {
    this.#scenario.require('document')
    const read = this.#log.entries.some(entry => entry.seq === reading && entry.type === 'document.read')
    if (!read) throw new AppError('not-found', 'no such reading in this call')
    this.#log.write({ type: 'document.judged', by, reading, verdict })
  }

  /** A hint for the agent, never a decision. @throws AppError as `read` */
  async compare(by: ParticipantId, document: StagePage, face: StagePage): Promise<FaceComparison> {
    this.#may?.now()
    this.#requireFace()
    const [portrait, live] = await Promise.all([this.#bytes(document), this.#bytes(face)])
    const compared = await this.#machines.compareFaces(portrait, live).catch((cause: unknown) => {
      throw new AppError('unavailable', 'the faces could not be compared; try again', { cause })
    })
    this.#may?.still()
    this.#requireFace()
    const result: FaceComparison = { documentPageId: document.page.id, facePageId: face.page.id, ...compared }
    if (!this.#log.write({ type: 'face.compared', by, result })) throw new AppError('gone', 'the call has ended')
    return result
  }

  #requireFace(): void {
    this.#scenario.require('face')
    this.#consents.require('face')
  }

  /** A card has no picture to read from: `not-found`. */
  #bytes(page: StagePage): Promise<Buffer> {
    return this.#pages.bytes(this.#pages.pictureOf(page))
  }
}
