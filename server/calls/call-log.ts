import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { JournalEntry, JournalEvent, JournalType } from '../../signaling/protocol/journal-entry.ts'

/** What a caller's phone may see of the journal: what it shows, and nothing about agents, codes or other devices. */
const CALLER_SEES: ReadonlySet<JournalType> = new Set<JournalType>([
  'page.added',
  'stage.page',
  'stage.live',
  'mark.begun',
  'mark.extended',
  'page.bettered',
  'share.started',
  'share.stopped',
  'marks.erased',
  'ink.undone',
  'ink.redone',
  'camera.turned',
  'picture.rung',
  'scenario.chosen',
  'consent.given',
  'consent.asked',
  'consent.withdrawn',
  'recording.started',
  'recording.stopped',
  'capture.paused',
  'capture.resumed',
  'camera.started',
  'camera.live',
  'camera.paused',
  'camera.resumed',
  'camera.interrupted',
  'camera.stopped',
  'voice.held',
  'voice.retrieved',
  'agent.away',
  'agent.back',
  'call.ended',
])

export const callerSees = (entry: JournalEntry): boolean => CALLER_SEES.has(entry.type)

/**
 * Writes an event into the call's journal and only then tells it: the one place where anything that happened
 * in a call becomes known to somebody.
 */
export class CallLog {
  readonly #archive: CallArchive
  readonly #tell: (entry: JournalEntry) => void
  readonly #entries: JournalEntry[] = []
  #closed = false

  constructor(archive: CallArchive, tell: (entry: JournalEntry) => void) {
    this.#archive = archive
    this.#tell = tell
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Nothing is written after `call.ended`; late happenings are dropped, the call being over. */
  write(event: JournalEvent): JournalEntry | undefined {
    if (this.#closed) return undefined
    const entry = this.#archive.journal.append(event)
    this.#entries.push(entry)
    if (entry.type === 'call.ended') this.#closed = true
    this.#tell(entry)
    return entry
  }
}
