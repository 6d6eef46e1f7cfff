import type { CallView } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Connection } from '../../signaling/ws/connection.ts'
import type { StaffClaims } from '../auth/tokens.ts'
import type { CallDesk } from './call-desk.ts'

export type SeatedAgent = { readonly claims: StaffClaims; readonly connection: Connection }

/** The agents signed in at this node: who hears of which call. */
export class AgentDesk {
  readonly #agents = new Map<string, SeatedAgent>()
  readonly #calls: () => CallDesk
  readonly #isCurrent: (claims: StaffClaims) => boolean
  readonly #dirty = new Set<CallId>()
  readonly #sweep: NodeJS.Timeout

  constructor(o: { calls: () => CallDesk; isCurrent: (claims: StaffClaims) => boolean }) {
    this.#calls = o.calls
    this.#isCurrent = o.isCurrent
    this.#sweep = setInterval(() => this.#closeExpired(), 30_000)
    this.#sweep.unref()
  }

  get count(): number {
    return this.#agents.size
  }

  /** One workbench per agent: the newer page wins, the older is told so. */
  enter(agent: SeatedAgent): void {
    const old = this.#agents.get(agent.claims.sub)
    this.#agents.set(agent.claims.sub, agent)
    if (old && old.connection !== agent.connection) old.connection.close('replaced')
  }

  leave(agent: SeatedAgent): void {
    if (this.#agents.get(agent.claims.sub)?.connection === agent.connection) this.#agents.delete(agent.claims.sub)
    for (const call of this.#calls().calls()) if (call.seat?.isHeldBy(agent.connection)) call.detached(agent.connection)
  }

  signedOut(sid: string): void {
    for (const agent of this.#agents.values()) if (agent.claims.sid === sid) agent.connection.close('notSignedIn')
  }

  /** What one agent sees: everything that rings, and the own calls. */
  viewsFor(agentId: string): CallView[] {
    return this.#calls()
      .views()
      .filter(view => view.phase === 'ringing' || (view.agent?.id === agentId && view.phase !== 'ended'))
  }

  /** Told once per turn of the event loop, however many things changed in it. */
  changed(callId: CallId): void {
    if (this.#dirty.size === 0) queueMicrotask(() => this.#tell())
    this.#dirty.add(callId)
  }

  close(): void {
    clearInterval(this.#sweep)
  }

  #tell(): void {
    const changed = [...this.#dirty]
    this.#dirty.clear()
    for (const { claims, connection } of this.#agents.values()) {
      connection.notify('desk.calls', { calls: this.viewsFor(claims.sub) })
      for (const callId of changed) {
        const call = this.#calls().find(callId)
        if (call?.seat?.agent.id === claims.sub) connection.notify('call.changed', { call: call.view() })
      }
    }
  }

  #closeExpired(): void {
    for (const agent of this.#agents.values()) if (!this.#isCurrent(agent.claims)) agent.connection.close('notSignedIn')
  }
}
