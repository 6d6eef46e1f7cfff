import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
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

/** What machines read off the pages of one call. They run in processes of their own and never hold the call. */
export class Reading {
  readonly #log: CallLog
  readonly #pages: Pages
  readonly #o: { readonly readText: ReadText; readonly readCodes: ReadCodes; readonly recognise: Recognise }

  constructor(o: { log: CallLog; pages: Pages; readText: ReadText; readCodes: ReadCodes; recognise: Recognise }) {
    this.#log = o.log
    this.#pages = o.pages
    this.#o = o
  }

  /** Text by OCR; result or failure is journalled. @throws AppError */
  async text(by: ParticipantId, page: StagePage, region: Region | undefined): Promise<RecognisedText> {
    const pageId = page.page.id
    const bytes = await this.#bytes(page)
    try {
      const found = await this.#o.readText(bytes, region)
      const findings = await this.#o.recognise(found.lines)
      const result = { ...found, pageId, ...(region && { region }), ...(findings.length > 0 && { findings }) }
      this.#log.write({ type: 'text.recognised', by, result })
      return result
    } catch (cause) {
      this.#log.write({ type: 'text.failed', by, pageId, reason: cause instanceof Error ? cause.name : 'unknown' })
      throw new AppError('unavailable', 'the text could not be read; try again', { cause })
    }
  }

  /** The agent's reading of what the machine read. @throws AppError `not-found` */
  correct(by: ParticipantId, reading: number, text: string): void {
    const read = this.#log.entries.some(entry => entry.seq === reading && entry.type === 'text.recognised')
    if (!read) throw new AppError('not-found', 'no such reading in this call')
    this.#log.write({ type: 'text.corrected', by, reading, text })
  }

  /** Codes on a page; what was found is journalled, also when it is nothing. @throws AppError */
  async codes(by: ParticipantId, page: StagePage, region: Region | undefined): Promise<CodesFound> {
    const bytes = await this.#bytes(page)
    const codes = await this.#o.readCodes(bytes, region).catch((cause: unknown) => {
      throw new AppError('unavailable', 'the codes could not be read; try again', { cause })
    })
    return this.#found(by, { at: { pageId: page.page.id }, ...(region && { region }), codes })
  }

  /** Codes the agent's browser saw in the live picture. */
  seen(by: ParticipantId, rtpTimestamp: number, codes: Code[]): Promise<CodesFound> {
    return this.#found(by, { at: { rtpTimestamp }, codes })
  }

  async #found(by: ParticipantId, found: CodesFound): Promise<CodesFound> {
    const findings = await this.#o.recognise(found.codes.map(code => ({ text: code.text, box: boxOf(code) })))
    const result = { ...found, ...(findings.length > 0 && { findings }) }
    this.#log.write({ type: 'codes.found', by, result })
    return result
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
