import type { CallFiles } from '../../recordings/vault/call-files.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Events } from '../events.ts'
import { RecordRestricted } from '../evidence/record-restricted.ts'
import { newestTranscript } from '../quality/transcribe.ts'
import type { RecordIndex } from '../store/review/record-index.ts'
import { factsOfCall } from './facts-of-call.ts'
import { readJournal, readManifest } from './read-record.ts'

export type RecordIndexerOptions = {
  readonly recordIndex: RecordIndex
  readonly files: (callId: CallId) => Promise<CallFiles>
  readonly events: Events
}

/** Reads sealed records once, so that they are found by what was said, shown and done in them. */
export class RecordIndexer {
  readonly #o: RecordIndexerOptions
  #running: Promise<void> = Promise.resolve()
  #closed = false

  constructor(o: RecordIndexerOptions) {
    this.#o = o
  }

  /** One that cannot be read does not keep others from being found. */
  async note(callId: CallId): Promise<void> {
    try {
      const files = await this.#o.files(callId)
      const [manifest, journal] = await Promise.all([readManifest(files), readJournal(files)])
      if (!manifest) return
      const facts = factsOfCall(manifest, journal.entries)
      // What a machine heard is found too, as long as it is there.
      const heard = (await newestTranscript(files))?.transcript.segments ?? []
      const spoken = heard.map(({ fromMs, text }) => ({ kind: 'transcript' as const, atMs: Math.round(fromMs), text }))
      await this.#o.recordIndex.put(callId, { ...facts, texts: [...facts.texts, ...spoken] })
    } catch (error) {
      // What may only be stored is not read for searching either.
      if (!(error instanceof RecordRestricted)) this.#o.events.fault('index', error)
    }
  }

  /** At start: whatever is missing, in the background; finding by number and time works meanwhile. */
  catchUp(): Promise<void> {
    this.#running = this.#running.then(async () => {
      for (const callId of await this.#o.recordIndex.missing()) {
        if (this.#closed) return
        await this.note(callId)
      }
    })
    return this.#running
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }
}
