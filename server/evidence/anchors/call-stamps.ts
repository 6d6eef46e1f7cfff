import { digestHash } from '../../../recordings/anchor/daily-digest.ts'
import { TimestampError } from '../../../recordings/anchor/timestamp-error.ts'
import type { TsaClient } from '../../../recordings/anchor/tsa-client.ts'
import { MANIFEST_FILE } from '../../../recordings/archive/durable-file.ts'
import type { CallFiles } from '../../../recordings/vault/call-files.ts'
import { SealedManifest } from '../../../signaling/protocol/archive.ts'
import { AppError } from '../../../signaling/protocol/errors.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { Events } from '../../events.ts'
import type { Stamps } from '../../store/stamps.ts'

export const STAMP_FOLDER = 'derived/stamp/'
const FIRST_RETRY_MS = 30_000
const LAST_RETRY_MS = 3_600_000

/** Has every sealed call time-stamped, after the call and behind everything else: an authority that is away holds nothing. */
export class CallStamps {
  readonly #rows: Stamps
  readonly #files: (callId: CallId) => Promise<CallFiles>
  readonly #tsa: TsaClient | undefined
  readonly #events: Events
  readonly #nowMs: () => number
  readonly #unreadable = new Set<CallId>()
  #closed = false

  constructor(o: {
    rows: Stamps
    files: (callId: CallId) => Promise<CallFiles>
    tsa: TsaClient | undefined
    events: Events
    nowMs: () => number
  }) {
    this.#rows = o.rows
    this.#files = o.files
    this.#tsa = o.tsa
    this.#events = o.events
    this.#nowMs = o.nowMs
  }

  /** Takes note of every sealed call that is in the index and not yet known here. */
  async note(): Promise<void> {
    for (const callId of await this.#rows.unknownCalls()) {
      if (this.#closed || this.#unreadable.has(callId)) continue
      try {
        const bytes = await (await this.#files(callId)).read(MANIFEST_FILE)
        const manifest = SealedManifest.parse(JSON.parse(bytes.toString('utf8')))
        await this.#rows.add({
          callId,
          sealedAt: manifest.seal.sealedAt,
          manifestSha256: digestHash(bytes),
        })
      } catch (error) {
        // Verification names it; here it is said once for each start.
        this.#unreadable.add(callId)
        this.#events.fault('stamps', error)
      }
    }
  }

  /** Stamps what waits, oldest first; stops at the first refusal and tries later, ever less often. Never rejects. */
  async stampWaiting(): Promise<void> {
    if (!this.#tsa) return
    for (const { callId, tries, manifestSha256 } of await this.#rows.due(new Date(this.#nowMs()).toISOString())) {
      if (this.#closed) return
      try {
        await this.#stamp(callId, manifestSha256, this.#tsa)
      } catch (error) {
        if (this.#closed) return
        if (error instanceof AppError && error.code === 'not-found') {
          await this.#rows.gone(callId)
          continue
        }
        const fault = error instanceof TimestampError ? error.fault : 'not-kept'
        this.#events.stamped(fault, error)
        const waitMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries)
        await this.#rows.failed(callId, new Date(this.#nowMs() + waitMs).toISOString(), fault)
        // An authority that does not answer one does not answer the others.
        if (error instanceof TimestampError) return
      }
    }
  }

  close(): void {
    this.#closed = true
    this.#tsa?.close()
  }

  async #stamp(callId: CallId, manifestSha256: string, tsa: TsaClient): Promise<void> {
    const files = await this.#files(callId)
    const bytes = await files.read(MANIFEST_FILE)
    if (digestHash(bytes) !== manifestSha256) throw new Error('the manifest is not the one that was sealed')
    const { response, stamp } = await tsa.stamp(bytes)
    let number = 1
    while (await files.has(`${STAMP_FOLDER}manifest-${number}.tsr`)) number += 1
    await files.put(`${STAMP_FOLDER}manifest-${number}.tsr`, [response])
    await this.#rows.stamped(callId, stamp.at, stamp.by)
    this.#events.stamped('stamped')
  }
}
