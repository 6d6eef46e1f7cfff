import { createHash } from 'node:crypto'
import { MANIFEST_FILE } from '../../../recordings/archive/durable-file.ts'
import { parseCallJournal } from '../../../recordings/journal/read-call-journal.ts'
import { MuxError, type Muxer } from '../../../recordings/mux/muxer.ts'
import { RELEASE_FILE, redactionFolder } from '../../../recordings/redaction/redaction-folder.ts'
import { signedText } from '../../../recordings/redaction/redaction-manifest.ts'
import type { SealKey } from '../../../recordings/seal/seal-key.ts'
import type { CallFiles } from '../../../recordings/vault/call-files.ts'
import { SealedManifest } from '../../../signaling/protocol/archive.ts'
import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId, PageId } from '../../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import type { Region } from '../../../signaling/protocol/reading.ts'
import {
  REDACTION_FORMAT,
  type RedactedFile,
  type Redaction,
  type RedactionManifest,
  type RedactionRelease,
  type RedactionVersion,
  type Suggestion,
} from '../../../signaling/protocol/redaction.ts'
import type { By } from '../../../signaling/protocol/review-work.ts'
import type { Archives } from '../../review/archives.ts'
import type { Reader, RedactionBook } from '../../store/redaction-book.ts'
import { planPictures } from './redacted-pictures.ts'
import { suggest, suggestFaces } from './suggest.ts'

const JOURNAL = 'journal.jsonl'
/** The child makes film, voices and journal; the rest of the bar is for the pictures. */
const CHILD_SHARE = 0.9

export type RedactionsOptions = {
  readonly book: RedactionBook
  readonly archives: Pick<Archives, 'call' | 'files' | 'ref'>
  readonly muxer: Pick<Muxer, 'mux'>
  readonly sealKey: SealKey
  /** Covers boxes of a picture for good: a PNG. */
  cover(bytes: Buffer, boxes: readonly Region[]): Promise<{ bytes: Buffer }>
  /** Boxes of faces, compared with nothing. */
  findFaces(bytes: Buffer): Promise<readonly { box: Region; confidence: number }[]>
  onFault(error: unknown): void
}

type Work = { readonly callId: CallId; progress: number; readonly stop: AbortController; readonly ended: Promise<void> }

/** Covered copies of records: suggested, drafted, made, released. The records themselves stay as they are. */
export class Redactions {
  readonly #o: RedactionsOptions
  readonly #work = new Map<string, Work>()
  #closed = false

  constructor(o: RedactionsOptions) {
    this.#o = o
  }

  /** At start: what a crash interrupted has failed, and nothing half made stays. */
  async open(): Promise<void> {
    for (const { redactionId, callId } of await this.#o.book.interrupted()) {
      await this.#removeFiles(callId, redactionId).catch(this.#o.onFault)
      await this.#o.book.turn(redactionId, ['applying'], { state: 'failed', failure: 'interrupted' })
    }
  }

  async get(redactionId: string, reader: Reader): Promise<Redaction> {
    return this.#withProgress(await this.#o.book.get(redactionId, reader))
  }

  async ofCall(callId: CallId, reader: Reader): Promise<Redaction[]> {
    return (await this.#o.book.list(reader, { callId })).map(one => this.#withProgress(one))
  }

  /** What was read in the journal; with `faces`, the pictures are looked at, too. Nothing is kept of it. */
  async suggestions(callId: CallId, o: { faces: boolean }): Promise<Suggestion[]> {
    const files = await this.#o.archives.files(callId)
    const entries = await journalOf(files)
    const found = suggest(entries)
    if (!o.faces) return found
    const pages = new Map<PageId, { pageId: PageId; atMs: number; file: string }>()
    for (const entry of entries) {
      if (entry.type === 'page.added' && entry.page.kind !== 'card')
        pages.set(entry.page.id, { pageId: entry.page.id, atMs: entry.atMs, file: entry.page.picture.file })
      const page = entry.type === 'page.bettered' ? pages.get(entry.pageId) : undefined
      if (page && entry.type === 'page.bettered') pages.set(page.pageId, { ...page, file: entry.picture.file })
    }
    for (const page of pages.values())
      found.push(...suggestFaces(page, await this.#o.findFaces(await files.read(page.file))))
    return found
  }

  /** Begins to make the copy; `Redaction.state` and `progress` tell how it goes. @throws AppError `conflict`, `gone` */
  async apply(redactionId: string, by: By): Promise<void> {
    if (this.#closed) throw new AppError('gone', 'the server is closing')
    const { book } = this.#o
    const callId = await book.callOf(redactionId)
    await this.#o.archives.call(callId)
    if (!(await book.turn(redactionId, ['draft', 'failed'], { state: 'applying', failure: null })))
      throw new AppError('conflict', 'this redaction is being applied, or is applied already')
    const stop = new AbortController()
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const work: Work = { callId, progress: 0, stop, ended }
    this.#work.set(redactionId, work)
    this.#make(redactionId, by, work)
      .catch(async (error: unknown) => {
        await this.#removeFiles(callId, redactionId)
        const failure = error instanceof MuxError ? error.code : 'failed'
        await book.turn(redactionId, ['applying'], { state: 'failed', failure })
        if (failure !== 'closed' && failure !== 'cancelled') this.#o.onFault(error)
      })
      .catch(error => this.#o.onFault(error))
      .finally(() => {
        this.#work.delete(redactionId)
        resolve()
      })
  }

  /** Signs who let the copy go. @throws AppError `conflict`, `forbidden` */
  async release(redactionId: string, by: Reader, answer: string): Promise<void> {
    const { book, archives, sealKey } = this.#o
    const redaction = await book.get(redactionId, by)
    const { release, applied, callId } = redaction
    if (release.state !== 'asked' || !applied || !release.askedBy || !release.askedAt)
      throw new AppError('conflict', 'nobody asked for this release, or it was answered')
    if (!redaction.mayAnswer) throw new AppError('forbidden', 'a copy is released by somebody who had no part in it')
    await archives.ref(callId)
    const files = await archives.files(callId)
    const folder = redactionFolder(redactionId)
    const manifest = await files.read(`${folder}/${MANIFEST_FILE}`)
    if (sha256(manifest) !== applied.manifestSha256)
      throw new AppError('conflict', 'the copy was changed since it was made')
    const releasedAt = new Date().toISOString()
    const text = signedText<RedactionRelease>(
      {
        ...{ format: 'tongping-redaction-release/1', redactionId, callId, manifestSha256: applied.manifestSha256 },
        ...{ askedBy: release.askedBy, askedAt: release.askedAt, reason: release.reason ?? '' },
        ...{ releasedBy: { id: by.id, name: by.name }, releasedAt, answer },
      },
      sealKey,
    )
    await files.put(`${folder}/${RELEASE_FILE}`, [Buffer.from(text)])
    const answered = { answered_by: by.id, answered_by_name: by.name, answered_at: releasedAt, answer }
    if (!(await book.turnRelease(redactionId, ['asked'], { release_state: 'released', ...answered })))
      throw new AppError('conflict', 'it was answered meanwhile')
  }

  isBusy(callId: CallId): boolean {
    return [...this.#work.values()].some(work => work.callId === callId)
  }

  /** Ends the work on a record that is about to go. */
  async forget(callId: CallId): Promise<void> {
    const works = [...this.#work.values()].filter(work => work.callId === callId)
    for (const work of works) work.stop.abort()
    await Promise.all(works.map(work => work.ended))
  }

  /** Idempotent. What is being made has failed and can be applied again. */
  async close(): Promise<void> {
    this.#closed = true
    for (const work of this.#work.values()) work.stop.abort()
    await Promise.all([...this.#work.values()].map(work => work.ended))
  }

  async #make(redactionId: string, by: By, work: Work): Promise<void> {
    const { book, muxer, archives, sealKey } = this.#o
    const { callId, stop } = work
    const versions = await book.versions(redactionId)
    const version = versions.at(-1)
    if (!version) throw new Error('a redaction without a version')
    const { redaction: made } = await muxer.mux({
      ...{ kind: 'redaction', files: () => archives.ref(callId), signal: stop.signal },
      redaction: { redactionId, plan: version.items },
      onProgress: done => {
        work.progress = done * CHILD_SHARE
      },
    })
    if (!made) throw new Error('the child did not say what it made')
    const files = await archives.files(callId)
    const manifest = await files.read(MANIFEST_FILE)
    const record = SealedManifest.parse(JSON.parse(manifest.toString('utf8')))
    const pictures = await this.#pictures(files, redactionId, version, work)
    const body: Omit<RedactionManifest, 'seal'> = {
      ...{ format: REDACTION_FORMAT, redactionId, version: version.version, callId },
      madeAt: new Date().toISOString(),
      original: {
        manifestSha256: sha256(manifest),
        sealedAt: record.seal.sealedAt,
        files: record.files.filter(file => file.path !== JOURNAL).map(({ path, sha256 }) => ({ path, sha256 })),
      },
      authors: [...new Map(versions.map(one => [one.by.id, one.by])).values()],
      appliedBy: { id: by.id, name: by.name },
      plan: [...version.items],
      tools: made.tools,
      covered: { ...made.covered, pictures: pictures.covered },
      files: [...made.files, ...pictures.files].sort((a, b) => (a.path < b.path ? -1 : 1)),
      remarks: [...made.remarks, ...pictures.remarks],
    }
    const text = signedText<RedactionManifest>(body, sealKey)
    stop.signal.throwIfAborted()
    await files.put(`${redactionFolder(redactionId)}/${MANIFEST_FILE}`, [Buffer.from(text)])
    const applied = { applied_by: by.id, applied_by_name: by.name, applied_at: body.madeAt }
    await book.turn(redactionId, ['applying'], {
      ...{ ...applied, state: 'applied', applied_version: version.version, manifest_sha256: sha256(text) },
      files_json: JSON.stringify(body.files),
    })
  }

  async #pictures(files: CallFiles, redactionId: string, { items }: RedactionVersion, work: Work) {
    const { pictures, remarks } = planPictures(await journalOf(files), items)
    const kept: RedactedFile[] = []
    for (const [i, { file, name, boxes }] of pictures.entries()) {
      work.stop.signal.throwIfAborted()
      const original = await files.read(file)
      const bytes = boxes.length === 0 ? original : (await this.#o.cover(original, boxes)).bytes
      const path = `${redactionFolder(redactionId)}/${name}`
      kept.push({ path, ...(await files.put(path, [bytes])) })
      work.progress = CHILD_SHARE + ((1 - CHILD_SHARE) * (i + 1)) / pictures.length
    }
    return { files: kept, remarks, covered: pictures.filter(one => one.boxes.length > 0).length }
  }

  async #removeFiles(callId: CallId, redactionId: string): Promise<void> {
    const files = await this.#o.archives.files(callId)
    const below = `${redactionFolder(redactionId)}/`
    for (const { path } of await files.list()) if (path.startsWith(below)) await files.remove(path)
  }

  #withProgress(redaction: Redaction): Redaction {
    const work = this.#work.get(redaction.redactionId)
    return work ? { ...redaction, progress: work.progress } : redaction
  }
}

/** @throws AppError `unavailable` when the journal is damaged: what it says cannot be covered safely */
async function journalOf(files: CallFiles): Promise<readonly JournalEntry[]> {
  const { entries, firstBad } = parseCallJournal(await files.read(JOURNAL))
  if (firstBad !== undefined) throw new AppError('unavailable', 'the journal of this record is damaged')
  return entries
}

function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
