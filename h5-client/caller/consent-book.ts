import type { Consent, Language } from '../../signaling/protocol/call.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import type { PhoneSignaling } from './phone-signaling.ts'

export type ConsentBookOptions = {
  readonly signaling: PhoneSignaling
  readonly given: Readonly<Partial<Record<ConsentKind, boolean>>>
  /** What happened before this page came: a question that was open then is put again. */
  readonly past: readonly JournalEntry[]
  readonly textVersion: string
  readonly language: () => Language
  /** Puts the question to the person; resolves with the answer. */
  readonly question: (kind: ConsentKind) => Promise<boolean>
}
export type Agreement = { readonly kind: ConsentKind; readonly state: 'given' | 'refused' | 'withdrawn' | 'not-asked' }

const TRIES = 5

/** What this person has agreed to. Nothing is asked twice unless the agent asks again; everything can be taken back. */
export class ConsentBook {
  readonly #o: ConsentBookOptions
  readonly #states = new Map<ConsentKind, Agreement['state']>()
  readonly #asking = new Map<ConsentKind, Promise<boolean>>()
  readonly #stops: (() => void)[]

  constructor(o: ConsentBookOptions) {
    this.#o = o
    for (const [kind, given] of Object.entries(o.given))
      this.#states.set(kind as ConsentKind, given ? 'given' : 'refused')
    const open = new Set<ConsentKind>()
    for (const entry of o.past) {
      if (entry.type === 'consent.asked') open.add(entry.kind)
      else if (entry.type === 'consent.given') open.delete(entry.consent.kind)
    }
    for (const kind of open) void this.ask(kind)
    this.#stops = [
      o.signaling.on('consent.wanted', ({ kind }) => void this.ask(kind)),
      o.signaling.on('call.entries', ({ entries }) => {
        for (const entry of entries) this.#fold(entry)
      }),
    ]
  }

  get agreements(): readonly Agreement[] {
    const asked = [...this.#states].map(([kind, state]) => ({ kind, state }))
    // Machines read without being asked about in most kinds of call: that too can be ended.
    return this.#states.has('analysis') ? asked : [...asked, { kind: 'analysis', state: 'not-asked' }]
  }

  /** The answer there is, else the person is asked. A no stands until the agent asks in so many words. */
  async allows(kind: ConsentKind): Promise<boolean> {
    const state = this.#states.get(kind)
    return state === undefined ? this.ask(kind) : state === 'given'
  }

  /** Asks, also after a no. Two wishes for the same leave are one question. */
  ask(kind: ConsentKind): Promise<boolean> {
    const running = this.#asking.get(kind)
    if (running !== undefined) return running
    const asking = this.#ask(kind).finally(() => this.#asking.delete(kind))
    this.#asking.set(kind, asking)
    return asking
  }

  /** Takes a given leave back. */
  async withdraw(kind: ConsentKind): Promise<void> {
    const state = this.#states.get(kind)
    if (state !== 'given' && !(kind === 'analysis' && state === undefined)) return
    this.#states.set(kind, 'withdrawn')
    await this.#tell(() => this.#o.signaling.request('consent.withdraw', { kind }))
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  async #ask(kind: ConsentKind): Promise<boolean> {
    const given = await this.#o.question(kind)
    this.#states.set(kind, given ? 'given' : 'refused')
    const { textVersion } = this.#o
    const consent: Consent = { kind, textVersion, language: this.#o.language(), given }
    await this.#tell(() => this.#o.signaling.request('consent.answer', { consent }))
    return given
  }

  /** An answer counts when it is in the record: it is told again after a lost connection. */
  async #tell(request: () => Promise<unknown>): Promise<void> {
    for (let tried = 1; tried <= TRIES; tried += 1) {
      try {
        await this.#o.signaling.opened()
        await request()
        return
      } catch {
        await new Promise(resolve => setTimeout(resolve, 500 * tried))
      }
    }
  }

  #fold(entry: JournalEntry): void {
    if (entry.type === 'consent.given') this.#states.set(entry.consent.kind, entry.consent.given ? 'given' : 'refused')
    else if (entry.type === 'consent.withdrawn') this.#states.set(entry.kind, 'withdrawn')
  }
}
