import { AppError } from '../../signaling/protocol/errors.ts'
import type { PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { Code, CodesFound, Finding, RecognisedText, Region } from '../../signaling/protocol/reading.ts'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { Pages } from './pages.ts'

export type ReadText = (
  picture: Buffer,
  region: Region | undefined,
) => Promise<Omit<RecognisedText, 'pageId' | 'region'>>
export type ReadCodes = (picture: Buffer, region: Region | undefined) => Promise<Code[]>
/** Something that was read, and where it stands. */
export type Readable = { readonly text: string; readonly box?: Region }
export type Recognise = (texts: readonly Readable[]) => Promise<Finding[]>

/** Whether machines may read in this call. Both throw an AppError when not. */
export type MayRead = {
  /** `paused` behind the card shutter, `forbidden` without the caller's leave. */
  now(): void
  /** For a result: the picture was taken before, so only the caller's leave matters. */
  still(): void
}
const ALWAYS: MayRead = { now: () => {}, still: () => {} }

/** What machines read off the pages of one call. They run in processes of their own and never hold the call. */
export class Reading {
  readonly #log: CallLog
  readonly #pages: Pages
  readonly #o: { readonly readText: ReadText; readonly readCodes: ReadCodes; readonly recognise: Recognise }

  readonly #may: MayRead

  constructor(o: {
    log: CallLog
    pages: Pages
    readText: ReadText
    readCodes: ReadCodes
    recognise: Recognise
    may?: MayRead
  }) {
    this.#may = o.may ?? ALWAYS
    this.#log = o.log
    this.#pages = o.pages
    this.#o = o
  }

  /** Text by OCR; result or failure is journalled. @throws AppError */
  async text(by: ParticipantId, page: StagePage, region: Region | undefined): Promise<RecognisedText> {
    this.#may.now()
    const pageId = page.page.id
    const bytes = await this.#bytes(page)
    const found = await this.#text(by, pageId, bytes, region)
    // The caller may have taken it back while the machine was reading.
    this.#may.still()
    const findings = await this.#o.recognise(found.lines)
    const result = { ...found, pageId, ...(region && { region }), ...(findings.length > 0 && { findings }) }
    this.#log.write({ type: 'text.recognised', by, result })
    return result
  }

  /** The agent's reading of what the machine read. @throws AppError `not-found` */
  correct(by: ParticipantId, reading: number, text: string): void {
    const read = this.#log.entries.some(entry => entry.seq === reading && entry.type === 'text.recognised')
    if (!read) throw new AppError('not-found', 'no such reading in this call')
    this.#log.write({ type: 'text.corrected', by, reading, text })
  }

  /** Codes on a page; what was found is journalled, also when it is nothing. @throws AppError */
  async codes(by: ParticipantId, page: StagePage, region: Region | undefined): Promise<CodesFound> {
    this.#may.now()
    const bytes = await this.#bytes(page)
    const codes = await this.#o.readCodes(bytes, region).catch((cause: unknown) => {
      throw new AppError('unavailable', 'the codes could not be read; try again', { cause })
    })
    return this.#found(by, { at: { pageId: page.page.id }, ...(region && { region }), codes })
  }

  /** Codes the agent's browser saw in the live picture. */
  async seen(by: ParticipantId, rtpTimestamp: number, codes: Code[]): Promise<CodesFound> {
    this.#may.now()
    return this.#found(by, { at: { rtpTimestamp }, codes })
  }

  async #found(by: ParticipantId, found: CodesFound): Promise<CodesFound> {
    this.#may.still()
    const findings = await this.#o.recognise(found.codes.map(code => ({ text: code.text, box: boxOf(code) })))
    const result = { ...found, ...(findings.length > 0 && { findings }) }
    this.#log.write({ type: 'codes.found', by, result })
    return result
  }

  /** A failure is journalled. @throws AppError `unavailable` */
  async #text(by: ParticipantId, pageId: PageId, bytes: Buffer, region: Region | undefined) {
    try {
      return await this.#o.readText(bytes, region)
    } catch (cause) {
      this.#log.write({ type: 'text.failed', by, pageId, reason: cause instanceof Error ? cause.name : 'unknown' })
      throw new AppError('unavailable', 'the text could not be read; try again', { cause })
    }
  }

  /** A card has no picture to read from: `not-found`. */
  #bytes(page: StagePage): Promise<Buffer> {
    return this.#pages.bytes(this.#pages.pictureOf(page))
  }
}

/** The upright rectangle around a code. */
export function boxOf({ corners }: Code): Region {
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)]
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
}
