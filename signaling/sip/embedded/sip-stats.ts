import type { AdmissionCounts } from './admission.ts'

export type SipServerStats = Readonly<AdmissionCounts> & {
  /** Requests and responses by method of their CSeq, e.g. `INVITE` or `INVITE 200`. */
  readonly received: Readonly<Record<string, number>>
  readonly sent: Readonly<Record<string, number>>
  readonly malformed: number
  readonly retransmissionsSent: number
  readonly retransmissionsReceived: number
  readonly sendErrors: number
  readonly controlRefusals: number
  /** Live now. */
  readonly dialogs: number
  readonly transactions: number
  readonly controlConnections: number
}

type LiveCounts = { dialogs: number; transactions: number; controlConnections: number }

const knownMethods: ReadonlySet<string> = new Set([
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'REGISTER',
  'OPTIONS',
  'INFO',
  'UPDATE',
  'PRACK',
  'REFER',
  'NOTIFY',
  'SUBSCRIBE',
  'PUBLISH',
  'MESSAGE',
])

export function isKnownMethod(method: string): boolean {
  return knownMethods.has(method)
}

/** Plain counters; strangers' method names are folded into `other` so that nobody can grow the table. */
export class SipStats {
  readonly #received = new Map<string, number>()
  readonly #sent = new Map<string, number>()
  malformed = 0
  retransmissionsSent = 0
  retransmissionsReceived = 0
  sendErrors = 0
  controlRefusals = 0

  countReceived(method: string, status?: number): void {
    increment(this.#received, label(method, status))
  }

  countSent(method: string, status?: number): void {
    increment(this.#sent, label(method, status))
  }

  snapshot(live: LiveCounts & AdmissionCounts): SipServerStats {
    return {
      received: Object.fromEntries(this.#received),
      sent: Object.fromEntries(this.#sent),
      malformed: this.malformed,
      retransmissionsSent: this.retransmissionsSent,
      retransmissionsReceived: this.retransmissionsReceived,
      sendErrors: this.sendErrors,
      controlRefusals: this.controlRefusals,
      ...live,
    }
  }
}

function label(method: string, status: number | undefined): string {
  const name = isKnownMethod(method) ? method : 'other'
  return status === undefined ? name : `${name} ${status}`
}

function increment(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1)
}
