import { createHash } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { SealedManifest, TrackRecord } from '../../signaling/protocol/archive.ts'
import type { CallEnd } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { TrackName } from '../../signaling/protocol/journal-entry.ts'
import { CallJournal, JOURNAL_FILE } from '../journal/call-journal.ts'
import type { Log } from '../log.ts'
import { type CallFacts, sealFolder } from '../seal/seal-folder.ts'
import type { SealKey } from '../seal/seal-key.ts'
import { type Flusher, sharedFlusher } from '../tracks/flusher.ts'
import { RtpJournal } from '../tracks/rtp-journal.ts'
import { RTPJ_FORMAT } from '../tracks/rtpj-format.ts'
import { syncFolder, writeDurably } from './durable-file.ts'
import { lockFolder, unlockFolder } from './folder-lock.ts'

const TRACKS_FOLDER = 'tracks'
/** A camera of 1.5 Mbit/s fills 48 KB between two flushes, a voice 2.3 KB. */
const BLOCK_BYTES = {
  'caller-camera': 64 * 1024,
  'agent-screen': 64 * 1024,
  'caller-voice': 8 * 1024,
  'agent-voice': 8 * 1024,
} as const
/** About five seconds of camera, or fifteen of voice, may wait for a stuck disk. */
const MAX_QUEUED_BYTES = {
  'caller-camera': 1024 * 1024,
  'agent-screen': 1024 * 1024,
  'caller-voice': 128 * 1024,
  'agent-voice': 128 * 1024,
} as const
const SAFE_PATH = /^(?!tracks\/|derived\/)[a-z0-9][a-z0-9_-]*(\/[a-zA-Z0-9][a-zA-Z0-9_-]*)?\.[a-z0-9]+$/

export type ArchiveOptions = {
  readonly root: string
  readonly callId: CallId
  nowMs(): number
  readonly logger: Log
  /** The recording is no longer complete. May come several times, never from inside the media path. */
  onDegraded(reason: string): void
  readonly flusher?: Flusher
}

export type TrackDescription = {
  readonly track: TrackName
  readonly codec: string
  readonly payloadType: number
  readonly clockRate: number
  readonly ssrc?: number
}

export type SealOrder = {
  readonly end: CallEnd
  readonly facts: CallFacts
  readonly key: SealKey
  /** When the end was decided, on the call's clock: `call.ended` comes later, when a slow disk has closed the tracks. */
  readonly endedAtMs?: number
}

/** Everything kept of one call, in one folder: `<root>/<yyyy-mm-dd>/<callId>/`. */
export class CallArchive {
  readonly folder: string
  readonly journal: CallJournal
  readonly #o: ArchiveOptions
  readonly #tracks: RtpJournal[] = []
  readonly #closed = new Map<RtpJournal, TrackRecord>()
  readonly #expected = new Map<string, string>()
  readonly #forwarded = new Map<string, number>()
  readonly #remarks: string[] = []
  #sealing: Promise<SealedManifest> | undefined

  private constructor(folder: string, options: ArchiveOptions) {
    this.folder = folder
    this.#o = options
    this.journal = new CallJournal({
      path: join(folder, JOURNAL_FILE),
      nowMs: options.nowMs,
      onDegraded: reason => this.#degraded(reason),
    })
  }

  /** Whether a recorder has lost something; the reasons stand in the manifest. */
  get isDegraded(): boolean {
    return this.#remarks.length > 0
  }

  /** Makes the folder and locks it. @throws the file system's error: without a folder there is no recorded call. */
  static async open(options: ArchiveOptions): Promise<CallArchive> {
    const day = join(options.root, new Date().toISOString().slice(0, 10))
    const folder = join(day, options.callId)
    const coming = join(day, `.${options.callId}`)
    // The folder appears together with its lock: a recovery never sees a living call without one.
    const made = await mkdir(join(coming, TRACKS_FOLDER), { recursive: true, mode: 0o750 })
    lockFolder(coming)
    await syncFolder(coming)
    await rename(coming, folder)
    const archive = new CallArchive(folder, options)
    // Names outlive a power cut only when their folder was synced: the journal's, the call's, and those of new folders above.
    for (const parent of [folder, day, options.root, ...(made === options.root ? [dirname(options.root)] : [])])
      await syncFolder(parent)
    return archive
  }

  /**
   * Starts `tracks/<name>-<n>.rtpj`. Synchronous and never throws: a recorder that cannot start counts its packets as
   * lost and reports itself degraded. Appends `track.opened` (after `call.answered` when that is still to come).
   */
  openTrack(o: TrackDescription): RtpJournal {
    const segment = this.#tracks.filter(track => track.header.track === o.track).length + 1
    const file = `${TRACKS_FOLDER}/${o.track}-${segment}.rtpj`
    const track = new RtpJournal({
      path: join(this.folder, file),
      file,
      header: {
        format: RTPJ_FORMAT,
        callId: this.#o.callId,
        segment,
        ...o,
        wallClock: new Date().toISOString(),
        openedAtMs: this.#o.nowMs(),
      },
      nowMs: this.#o.nowMs,
      flusher: this.#o.flusher ?? sharedFlusher,
      blockBytes: BLOCK_BYTES[o.track],
      maxQueuedBytes: MAX_QUEUED_BYTES[o.track],
      onDegraded: reason => this.#degraded(reason),
      onClosed: record => this.#trackClosed(record, track),
    })
    this.#tracks.push(track)
    this.journal.whenBegun(() => this.journal.append({ type: 'track.opened', track: o.track, file, codec: o.codec }))
    return track
  }

  /**
   * Keeps a file of evidence, for example `pages/<pageId>.webp`; whole or not at all.
   * @throws Error when the path is not `name.ext` or `folder/name.ext`, or the disk refuses.
   */
  async addFile(path: string, bytes: Buffer): Promise<{ file: string; sha256: string; bytes: number }> {
    if (!SAFE_PATH.test(path) || path === 'manifest.json') throw new Error('not a path for an archive file')
    const target = join(this.folder, path)
    if (await mkdir(dirname(target), { recursive: true, mode: 0o750 })) await syncFolder(this.folder)
    await writeDurably(target, bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    this.#expected.set(path, sha256)
    return { file: path, sha256, bytes: bytes.length }
  }

  /**
   * What the media side counted for a track by itself: packets that entered the server and were to be recorded. The last
   * word before the seal counts; the reconciliation compares it with what the recorder was handed.
   */
  forwarded(file: string, packets: number): void {
    this.#forwarded.set(file, packets)
  }

  /** Closes every open track (each appends `track.closed`). Idempotent. */
  async closeTracks(): Promise<readonly TrackRecord[]> {
    await Promise.all(this.#tracks.map(track => track.close()))
    return this.#records
  }

  /** In the order in which they were opened; their files end in any order. */
  get #records(): TrackRecord[] {
    return this.#tracks.map(track => this.#closed.get(track)).filter(record => record !== undefined)
  }

  /** Tracks closed → `call.ended` in the journal (appended here unless it is there) → signed manifest → unlocked. */
  seal(o: SealOrder): Promise<SealedManifest> {
    this.#sealing ??= this.#seal(o)
    return this.#sealing
  }

  /** Removes the folder of a call that was never answered. */
  async discard(): Promise<void> {
    await this.closeTracks()
    await this.journal.close()
    await rm(this.folder, { recursive: true, force: true })
  }

  async #seal(o: SealOrder): Promise<SealedManifest> {
    await this.closeTracks()
    if (this.journal.endedAtMs === undefined) this.journal.append({ type: 'call.ended', end: o.end })
    const durationMs = this.journal.endedAtMs ?? 0
    await this.journal.close()
    if (this.journal.unwrittenBytes > 0)
      this.#remarks.push(`journal.jsonl: the last ${this.journal.unwrittenBytes} bytes could not be written`)
    for (const track of this.#tracks) this.#expected.set(track.file, track.sha256)
    const sealed = await sealFolder({
      folder: this.folder,
      callId: this.#o.callId,
      end: o.end,
      durationMs,
      facts: o.facts,
      tracks: this.#records,
      remarks: this.#remarks,
      key: o.key,
      expected: this.#expected,
      forwarded: this.#forwarded,
      ...(o.endedAtMs !== undefined && { endedAtMs: o.endedAtMs }),
    })
    unlockFolder(this.folder)
    return sealed
  }

  #trackClosed(record: TrackRecord, track: RtpJournal): void {
    this.#closed.set(track, record)
    const { packetsLost } = track.stats
    if (this.journal.isClosed) return
    const { file, packets } = record
    this.journal.append({ type: 'track.closed', track: record.track, file, packets, packetsLost })
  }

  #degraded(reason: string): void {
    this.#remarks.push(reason)
    this.#o.logger.error({ callId: this.#o.callId, reason }, 'recording degraded')
    this.#o.onDegraded(reason)
  }
}
