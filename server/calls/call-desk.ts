import { PortsExhausted } from '../../media/edge/port-pool.ts'
import { SdpRefusal } from '../../media/edge/remote-voice.ts'
import type { CallView } from '../../signaling/protocol/call.ts'
import type { DeskPhone, SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { AgentSession } from '../../signaling/protocol/sessions.ts'
import type { CallLeg, SipHandler } from '../../signaling/sip/call-leg.ts'
import type { Connection } from '../../signaling/ws/connection.ts'
import type { Agent } from './agent-seat.ts'
import { Call, type Phase } from './call.ts'
import type { CallDeps } from './call-parts.ts'
import type { ExternalVoice } from './external-voice.ts'

const TICK_MS = 200
/** How long a page may still ask about a call that ended. */
const KEEP_ENDED_MS = 60_000

/** All calls of this node: lets them in, finds them, ends them. */
export class CallDesk implements SipHandler {
  readonly #deps: CallDeps
  readonly #calls = new Map<CallId, Call>()
  readonly #ended = new Map<CallId, NodeJS.Timeout>()
  readonly #tick: NodeJS.Timeout
  /** Agents whose external call is being opened. */
  readonly #seating = new Set<string>()
  #draining = false
  #emptied: (() => void) | undefined

  constructor(deps: CallDeps) {
    this.#deps = deps
    this.#tick = setInterval(() => {
      for (const call of this.#calls.values()) call.tick()
    }, TICK_MS)
    this.#tick.unref()
  }

  /** An INVITE: admitted or refused before it rings. */
  async onInvite(leg: CallLeg): Promise<void> {
    if (this.#draining) return this.#refuse(leg, 503, 'Service Unavailable', 'stopping')
    if (this.#isFull) return this.#refuse(leg, 503, 'Service Unavailable', 'too many calls')
    try {
      const call = await Call.ring(leg, this.#deps)
      this.#calls.set(call.id, call)
      if (call.phase === 'ended') this.changed(call.id)
      this.#deps.changed(call.id)
    } catch (error) {
      if (leg.gone.aborted) return
      if (error instanceof SdpRefusal) return this.#refuse(leg, error.status, error.message, 'media not acceptable')
      if (error instanceof PortsExhausted) return this.#refuse(leg, 503, 'Service Unavailable', 'no RTP port left')
      this.#deps.events.fault('INVITE', error)
      this.#refuse(leg, 500, 'Server Internal Error', 'fault')
    }
  }

  /**
   * A call that another system holds.
   * @throws AppError `unavailable` while no calls are taken, `conflict` when the agent speaks in another call
   */
  async admitExternal(voice: ExternalVoice, agent: Agent): Promise<Call> {
    if (this.#draining) throw new AppError('unavailable', 'the server is stopping')
    if (this.#isFull) throw new AppError('unavailable', 'too many calls')
    // The folder is made meanwhile: two calls for one agent in the same moment are told apart here.
    if (this.#seating.has(agent.id) || this.#busy(agent.id))
      throw new AppError('conflict', 'the agent has another call')
    this.#seating.add(agent.id)
    try {
      const call = await Call.external(voice, agent, this.#deps)
      this.#calls.set(call.id, call)
      if (this.#draining) void call.end({ cause: 'server-stopped' })
      this.#deps.changed(call.id)
      return call
    } finally {
      this.#seating.delete(agent.id)
    }
  }

  #busy(agentId: string): boolean {
    for (const call of this.#calls.values()) if (call.seat?.agent.id === agentId && call.phase !== 'ended') return true
    return false
  }

  /** An agent calls out. @throws AppError */
  async dial(o: {
    agent: Agent
    to: string
    connection: Connection
    capabilities: RtpCapabilities
    /** The call exists; what is heard of it belongs to it from here on. */
    entered: (call: Call) => void
  }): Promise<AgentSession> {
    if (this.#draining) throw new AppError('unavailable', 'the server is being stopped')
    if (this.#isFull) throw new AppError('too-many', 'too many calls')
    if (this.#seating.has(o.agent.id)) throw new AppError('conflict', 'finish your other call first')
    const call = Call.out(o.agent, o.to, this.#deps)
    this.#calls.set(call.id, call)
    o.entered(call)
    this.#deps.changed(call.id)
    return call.dial(o.connection, o.capabilities)
  }

  /** Whether an agent may call out at all. */
  get mayDial(): boolean {
    return this.#deps.dialler()?.isOpen === true
  }

  /** The telephone an agent may take calls on. */
  phoneOf(agent: UserId): DeskPhone | undefined {
    return this.#deps.phones()?.of(agent)
  }

  /** By what an agent answers from now on. @throws AppError `unavailable`, `conflict` */
  async chooseVoice(agent: UserId, by: SpeaksBy): Promise<void> {
    const phones = this.#deps.phones()
    if (phones === undefined) throw new AppError('unavailable', 'no phones can be called here')
    await phones.choose(agent, by)
  }

  /** OPTIONS pings of trunks: 200 while new calls are welcome. */
  onOptions(): boolean {
    return !this.#draining
  }

  /** @throws AppError `not-found` */
  get(callId: CallId): Call {
    const call = this.#calls.get(callId)
    if (!call) throw new AppError('not-found', 'no such call here')
    return call
  }

  find(callId: CallId): Call | undefined {
    return this.#calls.get(callId)
  }

  calls(): Iterable<Call> {
    return this.#calls.values()
  }

  views(): CallView[] {
    return [...this.#calls.values()].map(call => call.view())
  }

  countByPhase(): Record<Phase, number> {
    const count: Record<Phase, number> = { ringing: 0, dialling: 0, answering: 0, talking: 0, ended: 0 }
    for (const call of this.#calls.values()) count[call.phase]++
    return count
  }

  /** The owner hears of every change; an ended call is forgotten after a while. */
  changed(callId: CallId): void {
    const call = this.#calls.get(callId)
    if (call?.phase !== 'ended') return
    if (!this.#ended.has(callId)) {
      const timer = setTimeout(() => {
        this.#calls.delete(callId)
        this.#ended.delete(callId)
      }, KEEP_ENDED_MS)
      timer.unref()
      this.#ended.set(callId, timer)
    }
    if (this.#draining && this.#liveCalls() === 0) this.#emptied?.()
  }

  /** No new calls; resolves when the running ones and those that became bridged pairs are over, or at the deadline. */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining = true
    const untilMs = performance.now() + deadlineMs
    if (this.#liveCalls() > 0)
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, deadlineMs)
        this.#emptied = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    await this.#deps.bridges.drain(Math.max(0, untilMs - performance.now()))
  }

  /** Ends every call and waits until each archive is sealed. */
  async close(): Promise<void> {
    this.#draining = true
    clearInterval(this.#tick)
    await Promise.allSettled([...this.#calls.values()].map(call => call.end({ cause: 'server-stopped' })))
    for (const timer of this.#ended.values()) clearTimeout(timer)
    this.#ended.clear()
  }

  /** What a node carries: its calls, and what has become of those that were bridged. */
  get #isFull(): boolean {
    return this.#liveCalls() + this.#deps.bridges.size >= this.#deps.rules.maxCalls
  }

  #liveCalls(): number {
    let count = 0
    for (const call of this.#calls.values()) if (call.phase !== 'ended') count++
    return count
  }

  #refuse(leg: CallLeg, status: number, reason: string, why: string): void {
    this.#deps.events.callRefused(status, why)
    leg.reject(status, reason)
  }
}
