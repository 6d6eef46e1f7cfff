import type { Language } from '../../signaling/protocol/call.ts'
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

/** The voice of a call that another system holds: nothing to ring, answer, hold or hang up here. */
export class ExternalVoice {
  readonly facts: ExternalFacts
  readonly #told: (entry: JournalEntry) => void

  /** @param told hears of every entry after it was written */
  constructor(facts: ExternalFacts, told: (entry: JournalEntry) => void = () => {}) {
    this.facts = facts
    this.#told = told
  }

  get place(): 'elsewhere' | 'recorded' {
    return 'elsewhere'
  }
  get from(): string {
    return this.facts.from
  }
  get to(): string {
    return this.facts.to
  }

  noticed(entry: JournalEntry): void {
    this.#told(entry)
  }
}
