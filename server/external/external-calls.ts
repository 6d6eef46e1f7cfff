import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Agent } from '../calls/agent-seat.ts'
import type { Call } from '../calls/call.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { type ExternalFacts, ExternalVoice } from '../calls/external-voice.ts'
import type { Events } from '../events.ts'
import { type ExternalState, externalState } from './external-state.ts'
import type { ExternalEvent, ExternalWebhook } from './webhook.ts'

/** How long a system may still ask about a call that is over. */
const REMEMBER_MS = 24 * 3600_000
/** Remembered calls that are over; the oldest is forgotten first. */
const MAX_REMEMBERED = 20_000

export type ExternalCallsOptions = {
  readonly desk: Pick<CallDesk, 'admitExternal'>
  /** Without a trailing slash. */
  readonly publicUrl: () => string
  readonly events: Pick<Events, 'externalCall'>
  readonly webhook: Pick<ExternalWebhook, 'tell'> | undefined
}

/** What is asked for with a call. */
export type Registration = {
  readonly facts: Omit<ExternalFacts, 'from' | 'to'> & { readonly from?: string; readonly to?: string }
  readonly agent: Agent
  /** Whether the code goes out as a text message as well; else the other system hands it over. */
  readonly sendCode: boolean
  /** Other names the call may be registered under later on. */
  readonly aliases?: readonly string[]
}

type Remembered = {
  readonly call: Call
  readonly aliases: readonly string[]
  endedAtMs: number | undefined
  sealed: boolean
}

/** The calls of other systems on this node, found by what those systems call them. */
export class ExternalCalls {
  readonly #o: ExternalCallsOptions
  readonly #calls = new Map<string, Promise<Remembered>>()
  readonly #byCallId = new Map<CallId, Remembered>()

  constructor(o: ExternalCallsOptions) {
    this.#o = o
  }

  /**
   * The same id again is the same call.
   * @throws AppError `gone` when that call is over, `conflict` when it is another agent's or the agent speaks in another
   * call, `unavailable` when no calls are taken
   */
  async register(registration: Registration): Promise<ExternalState> {
    const { name } = registration.facts
    const key = keyOf(name.system, name.id)
    const known = this.#calls.get(key)
    if (known) {
      const { call, endedAtMs } = await known
      if (endedAtMs !== undefined) throw new AppError('gone', 'this call is over')
      if (call.seat?.agent.id !== registration.agent.id)
        throw new AppError('conflict', 'this call has been registered for another agent')
      return this.#state(await known)
    }
    const recorded = this.#recordedUnder(name.id)
    if (recorded && recorded.call.seat?.agent.id !== registration.agent.id)
      throw new AppError('conflict', 'this call is another agent’s')
    return this.#state(await this.#keep(key, recorded ? Promise.resolve(recorded) : this.#open(registration, key)))
  }

  /** A call that somebody else than its system tells of. @throws as `register` does */
  async open(registration: Registration): Promise<Call> {
    const { system, id } = registration.facts.name
    const key = keyOf(system, id)
    const known = await this.#calls.get(key)
    if (known && known.endedAtMs === undefined) return known.call
    return (await this.#keep(key, this.#open(registration, key))).call
  }

  /** An open call that was registered under one of these names, whoever did. */
  openUnder(ids: readonly string[]): Call | undefined {
    for (const { call, endedAtMs } of this.#byCallId.values())
      if (endedAtMs === undefined && call.voice.place !== 'here' && ids.includes(call.voice.facts.name.id)) return call
    return undefined
  }

  #recordedUnder(id: string): Remembered | undefined {
    for (const known of this.#byCallId.values())
      if (known.endedAtMs === undefined && known.aliases.includes(id)) return known
    return undefined
  }

  async #keep(key: string, coming: Promise<Remembered>): Promise<Remembered> {
    this.#calls.set(key, coming)
    try {
      return await coming
    } catch (error) {
      this.#calls.delete(key)
      throw error
    }
  }

  /** @throws AppError `not-found` */
  async state(system: string, id: string): Promise<ExternalState> {
    return this.#state(await this.#find(system, id))
  }

  /** Ends the session; a call that is over stays as it ended. @throws AppError `not-found` */
  async end(system: string, id: string): Promise<ExternalState> {
    const known = await this.#find(system, id)
    await known.call.end({ cause: 'ended-elsewhere' })
    return this.#state(known)
  }

  /** A new code in the place of the one before. @throws AppError `not-found`, `gone` */
  async newCode(system: string, id: string, sendCode: boolean): Promise<ExternalState> {
    const known = await this.#find(system, id)
    await issueCode(known.call, sendCode)
    return this.#state(known)
  }

  /** The call's record is sealed; its system is told. */
  sealed(manifest: SealedManifest): void {
    const known = this.#byCallId.get(manifest.callId)
    if (!known) return
    known.sealed = true
    this.#tell(known.call, { event: 'sealed' })
  }

  async #open({ facts, agent, sendCode, aliases = [] }: Registration, key: string): Promise<Remembered> {
    const voice: ExternalVoice = new ExternalVoice(
      { ...facts, from: facts.from ?? 'anonymous', to: facts.to ?? '' },
      entry => this.#noticed(key, entry),
    )
    const call = await this.#o.desk.admitExternal(voice, agent)
    const remembered: Remembered = { call, aliases, endedAtMs: undefined, sealed: false }
    this.#byCallId.set(call.id, remembered)
    this.#forgetOld()
    this.#o.events.externalCall(call.id, facts.name.origin)
    this.#tell(call, { event: 'registered' })
    await issueCode(call, sendCode)
    return remembered
  }

  async #find(system: string, id: string): Promise<Remembered> {
    const known = await this.#calls.get(keyOf(system, id))
    if (!known) throw new AppError('not-found', 'no such call')
    return known
  }

  #state(known: Remembered): ExternalState {
    return externalState({ call: known.call, sealed: known.sealed, workbench: `${this.#o.publicUrl()}/agent` })
  }

  #noticed(key: string, entry: JournalEntry): void {
    const event = eventOf(entry)
    if (!event) return
    void this.#calls.get(key)?.then(
      known => {
        if (event.event === 'ended') known.endedAtMs = Date.now()
        this.#tell(known.call, event)
      },
      () => {},
    )
  }

  #tell(call: Call, event: ExternalEvent): void {
    if (call.voice.place === 'here') return
    const { system, id } = call.voice.facts.name
    this.#o.webhook?.tell({ ...event, callId: call.id, system, externalId: id })
  }

  #forgetOld(): void {
    const oldestMs = Date.now() - REMEMBER_MS
    let tooMany = this.#byCallId.size - MAX_REMEMBERED
    for (const [callId, { call, endedAtMs }] of this.#byCallId) {
      if (endedAtMs === undefined || (endedAtMs > oldestMs && tooMany <= 0)) continue
      tooMany--
      this.#byCallId.delete(callId)
      if (call.voice.place !== 'here') this.#calls.delete(keyOf(call.voice.facts.name.system, call.voice.facts.name.id))
    }
  }
}

const keyOf = (system: string, id: string) => `${system}\n${id}`

async function issueCode(call: Call, sendCode: boolean): Promise<void> {
  if (call.voice.place === 'here') return
  const { language, from } = call.voice.facts
  await call.live.invite.issue({ language, to: from, deliver: sendCode })
}

function eventOf(entry: JournalEntry): ExternalEvent | undefined {
  switch (entry.type) {
    case 'participant.joined':
      return entry.participant.role === 'caller' ? { event: 'joined' } : undefined
    case 'camera.live':
      return { event: 'camera-live' }
    case 'page.added':
      return entry.page.kind === 'camera' || entry.page.kind === 'photo'
        ? { event: 'picture', pageId: entry.page.id }
        : undefined
    case 'call.ended':
      return { event: 'ended', cause: entry.end.cause }
    default:
      return undefined
  }
}
