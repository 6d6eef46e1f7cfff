import type { Language } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ExternalAttributes, ExternalName } from '../../signaling/protocol/external.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'

/** What the other system told us of its call. */
export type ExternalFacts = {
  readonly name: ExternalName
  /** `anonymous` when it was not told. */
  readonly from: string
  readonly to: string
  readonly language: Language
  readonly attributes: ExternalAttributes
  /** The kind of call; without one the called number decides. */
  readonly scenarioId?: string | undefined
  /** After so long a call that nobody ended is ended here. */
  readonly limitMs: number
}

/** Who hands us the voices of a call that is held elsewhere. */
export type VoiceSource = { close(): void }

/** The voice of a call that another system holds: nothing to ring, answer, hold or hang up here. */
export class ExternalVoice {
  readonly facts: ExternalFacts
  #source: VoiceSource | undefined
  readonly #told: (entry: JournalEntry) => void

  /** @param told hears of every entry after it was written */
  constructor(facts: ExternalFacts, told: (entry: JournalEntry) => void = () => {}) {
    this.facts = facts
    this.#told = told
  }

  get place(): 'elsewhere' | 'recorded' {
    return this.#source ? 'recorded' : 'elsewhere'
  }
  get from(): string {
    return this.facts.from
  }
  get to(): string {
    return this.facts.to
  }

  /** Both voices come to us, for the record alone. @throws AppError `conflict` when they do already */
  recordedFrom(source: VoiceSource): void {
    if (this.#source) throw new AppError('conflict', 'this call is recorded already')
    this.#source = source
  }

  /** Whoever hands us the voices stops. Idempotent. */
  close(): void {
    this.#source?.close()
  }

  noticed(entry: JournalEntry): void {
    this.#told(entry)
  }
}
