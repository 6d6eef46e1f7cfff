import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Connection } from '../../signaling/ws/connection.ts'
import type { StaffClaims } from '../auth/tokens.ts'
import type { CallDesk } from './call-desk.ts'

export type SeatedSupervisor = { readonly claims: StaffClaims; readonly connection: Connection }

/** The supervisors signed in at this node, and everybody who looks on: who hears that a call changed. */
export class WatchDesk {
  readonly #supervisors = new Set<SeatedSupervisor>()
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

  enter(supervisor: SeatedSupervisor): void {
    this.#supervisors.add(supervisor)
  }

  leave(supervisor: SeatedSupervisor): void {
    this.#supervisors.delete(supervisor)
  }

  signedOut(sid: string): void {
    for (const one of this.#supervisors) if (one.claims.sid === sid) one.connection.close('notSignedIn')
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
    for (const callId of this.#dirty) this.#calls().find(callId)?.onlookers.changed()
    this.#dirty.clear()
    if (this.#supervisors.size === 0) return
    const calls = this.#calls()
      .views()
      .filter(view => view.phase === 'talking')
    for (const { connection } of this.#supervisors) connection.notify('desk.calls', { calls })
  }

  #closeExpired(): void {
    for (const one of this.#supervisors) if (!this.#isCurrent(one.claims)) one.connection.close('notSignedIn')
  }
}
