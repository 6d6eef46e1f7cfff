import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_PICTURE_BYTES } from '../../media/picture/intake.ts'
import { IntakeError, type IntakeReason } from '../../media/picture/intake-error.ts'
import { PdfError, type PdfReason } from '../../media/picture/pdf-error.ts'
import { typeOf } from '../../media/picture/picture-type.ts'
import type { SafePicture } from '../../media/picture/safe-picture.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { PageId, ParticipantId, UploadId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { CardShutter } from '../capture/card-shutter.ts'
import { IncomingFile } from './incoming-file.ts'
import type { Pages } from './pages.ts'
import { type UploadReason, UploadRefused, WrongOffset } from './upload-error.ts'

/** What a phone is told to send at once: seconds on a bad network, so that little is lost when it breaks off. */
const CHUNK_BYTES = 256 * 1024
const MAX_FILES = 60
const MAX_OPEN = 12
const MAX_CALL_BYTES = 300 * 1024 * 1024
/** Phones name a HEIC photo or a shared file with no type at all; the content decides. */
const DECLARED = /^(image\/[a-z0-9.+-]+|application\/(pdf|octet-stream)|)$/i
const HEAD_BYTES = 64
const ABANDONED_AFTER_MS = 300_000
/** A picture on which the decoder dies again and again is at fault itself. */
const MAX_FAILURES = 3

export type NewUpload = {
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  /** Tells a file that is picked again after a reload from another one of the same name and size. */
  readonly lastModifiedMs?: number | undefined
}
export type UploadState = { readonly receivedBytes: number; readonly pageId?: PageId; readonly refused?: string }

type Upload = NewUpload & {
  readonly id: UploadId
  readonly by: ParticipantId
  readonly file: IncomingFile
  busy: boolean
  failures: number
  touchedMs: number
  pageId?: PageId
  done: boolean
  refused?: string
}

/** What became of a file. */
export type UploadResult = 'picture' | 'document' | UploadReason | IntakeReason | PdfReason

export type UploadsOptions = {
  readonly counted: (result: UploadResult) => void
  readonly nowMs?: () => number
  /** A folder of this call alone, outside the archive: unfinished files are no evidence. */
  readonly folder: string
  readonly log: CallLog
  readonly pages: Pages
  readonly card?: Pick<CardShutter, 'assertOpenSince'>
  /** Whether the caller has agreed to pictures being kept. */
  readonly mayKeep?: () => boolean
  readonly intake: { take(bytes: Buffer): Promise<SafePicture> }
  /** Keeps a PDF among the documents of the call, whose pages the agent can show. @throws PdfError */
  readonly keepDocument: (by: ParticipantId, bytes: Buffer, name: string) => Promise<unknown>
}

/**
 * The caller's own photos and files, sent in chunks that go on where the network broke off: within a call, over lost
 * connections and reloads of the page.
 */
export class Uploads {
  readonly #o: UploadsOptions
  readonly #uploads = new Map<UploadId, Upload>()
  #closed = false

  constructor(options: UploadsOptions) {
    this.#o = options
  }

  /**
   * Begins a file, or finds the unfinished one that the same person began before (name, size and date agree).
   * @throws AppError, UploadRefused
   */
  async begin(
    by: ParticipantId,
    o: NewUpload,
    startedAtMs = performance.now(),
  ): Promise<{ uploadId: UploadId; chunkBytes: number; receivedBytes: number }> {
    this.#assertOpen(startedAtMs)
    const name = displayName(o.name)
    const before = this.#open().find(
      one =>
        one.by === by &&
        one.name === name &&
        one.sizeBytes === o.sizeBytes &&
        one.lastModifiedMs === o.lastModifiedMs &&
        o.lastModifiedMs !== undefined,
    )
    if (before) return { uploadId: before.id, chunkBytes: CHUNK_BYTES, receivedBytes: before.file.receivedBytes }
    const id = newId('up')
    this.#o.log.write({
      type: 'upload.begun',
      by,
      uploadId: id,
      name,
      mimeType: o.type.slice(0, 80),
      sizeBytes: o.sizeBytes,
    })
    await this.#dropAbandoned()
    const refusal = this.#refusal(o)
    if (refusal) {
      this.#o.counted(refusal)
      this.#o.log.write({ type: 'upload.refused', by, uploadId: id, reason: refusal })
      throw new UploadRefused(refusal)
    }
    await mkdir(this.#o.folder, { recursive: true, mode: 0o700 })
    this.#uploads.set(id, {
      ...o,
      name,
      id,
      by,
      file: new IncomingFile(join(this.#o.folder, id)),
      busy: false,
      failures: 0,
      touchedMs: this.#nowMs(),
      done: false,
    })
    return { uploadId: id, chunkBytes: CHUNK_BYTES, receivedBytes: 0 }
  }

  /** @throws AppError `not-found` */
  state(by: ParticipantId, id: UploadId): UploadState {
    const { file, pageId, refused } = this.#find(by, id)
    return { receivedBytes: file.receivedBytes, ...(pageId && { pageId }), ...(refused !== undefined && { refused }) }
  }

  /**
   * One chunk. The last one answers when the picture is a page of the call (not on the stage: the agent puts it there).
   * @throws WrongOffset, UploadRefused, IntakeError, AppError
   */
  async append(
    by: ParticipantId,
    id: UploadId,
    offset: number,
    chunk: Buffer,
    startedAtMs = performance.now(),
  ): Promise<UploadState> {
    this.#assertOpen(startedAtMs)
    const upload = this.#find(by, id)
    if (upload.refused !== undefined) throw new AppError('gone', `this file was refused: ${upload.refused}`)
    // Two chunks at once, one of them repeated after a lost reply: only one of them continues the file.
    if (upload.busy || offset !== upload.file.receivedBytes) throw new WrongOffset(upload.file.receivedBytes)
    if (upload.done) return this.state(by, id)
    upload.busy = true
    upload.touchedMs = this.#nowMs()
    try {
      if (offset + chunk.length > upload.sizeBytes) throw new UploadRefused('too-large')
      if (offset === 0 && chunk.length >= Math.min(HEAD_BYTES, upload.sizeBytes) && typeOf(chunk) === undefined)
        throw new UploadRefused('unknown-type')
      await upload.file.append(chunk)
      if (upload.file.receivedBytes === upload.sizeBytes) await this.#complete(upload)
    } catch (error) {
      await this.#failed(upload, error)
      throw error
    } finally {
      upload.busy = false
    }
    return this.state(by, id)
  }

  /** Removes what was not finished. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all([...this.#uploads.values()].map(upload => upload.file.discard()))
    await rm(this.#o.folder, { recursive: true, force: true })
  }

  async #complete(upload: Upload): Promise<void> {
    const { by, name } = upload
    const bytes = await upload.file.read()
    if (typeOf(bytes) === 'application/pdf') await this.#o.keepDocument(by, bytes, name || 'PDF')
    else {
      const { pages, intake } = this.#o
      const safe = await intake.take(bytes)
      const pageId = newId('page')
      const picture = await pages.keep(pageId, { ...safe, source: 'caller-file' })
      pages.add({ kind: 'upload', id: pageId, by, picture, name })
      upload.pageId = pageId
    }
    upload.done = true
    this.#o.counted(upload.pageId ? 'picture' : 'document')
    await upload.file.discard()
  }

  /** What is wrong with the file ends it; what was wrong with us can be tried again by sending the last chunk once more. */
  async #failed(upload: Upload, error: unknown): Promise<void> {
    const known = error instanceof UploadRefused || error instanceof IntakeError || error instanceof PdfError
    if (known && error.code === 'unavailable') upload.failures += 1
    if (!known || (error.code !== 'bad-request' && upload.failures < MAX_FAILURES)) {
      await upload.file.takeBackLast()
      return
    }
    await this.#refuse(upload, error.reason)
  }

  #refusal(o: NewUpload): UploadReason | undefined {
    if (!DECLARED.test(o.type) || /svg/i.test(o.type)) return 'unknown-type'
    if (o.sizeBytes > MAX_PICTURE_BYTES) return 'too-large'
    if (this.#uploads.size >= MAX_FILES) return 'too-many-files'
    if (this.#open().length >= MAX_OPEN) return 'too-many-open'
    const bytes = [...this.#uploads.values()].reduce((sum, one) => sum + one.sizeBytes, 0)
    return bytes + o.sizeBytes > MAX_CALL_BYTES ? 'too-many-bytes' : undefined
  }

  /** A page that was closed does not come back for its files: they must not take the place of others for ever. */
  async #dropAbandoned(): Promise<void> {
    const beforeMs = this.#nowMs() - ABANDONED_AFTER_MS
    for (const upload of this.#open())
      if (!upload.busy && upload.touchedMs < beforeMs) await this.#refuse(upload, 'abandoned')
  }

  async #refuse(upload: Upload, reason: UploadReason | IntakeReason | PdfReason): Promise<void> {
    upload.refused = reason
    this.#o.counted(reason)
    this.#o.log.write({ type: 'upload.refused', by: upload.by, uploadId: upload.id, reason })
    await upload.file.discard()
  }

  #nowMs(): number {
    return this.#o.nowMs?.() ?? performance.now()
  }

  #open(): Upload[] {
    return [...this.#uploads.values()].filter(one => !one.done && one.refused === undefined)
  }

  #find(by: ParticipantId, id: UploadId): Upload {
    const upload = this.#uploads.get(id)
    if (!upload || upload.by !== by) throw new AppError('not-found', 'no such file in this call')
    return upload
  }

  /** @throws AppError `gone`, `paused` behind the card shutter, `forbidden` when nothing may be kept */
  #assertOpen(startedAtMs: number): void {
    const { card, log, mayKeep } = this.#o
    if (this.#closed || log.closed) throw new AppError('gone', 'the call has ended')
    card?.assertOpenSince(startedAtMs)
    if (mayKeep && !mayKeep()) throw new AppError('forbidden', 'the caller has not agreed to pictures being kept')
  }
}

/** The name as people know it: no folders, nothing unprintable. */
export function displayName(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are the ones to remove
  const clean = last.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '').trim()
  return clean.slice(0, 120)
}
