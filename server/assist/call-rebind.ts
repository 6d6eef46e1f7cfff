import { createHash, randomBytes } from 'node:crypto'
import type { CallView } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { InviteId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { CallLog } from '../calls/call-log.ts'

/** An agent on the phone answers in seconds; a request nobody answered must not stand open. */
export const REBIND_WAIT_MS = 60_000
/** Whoever holds the link could ask for ever; after so many in one call the agent sends a new code instead. */
export const REBINDS_PER_CALL = 10

export type RebindState = 'waiting' | 'allowed' | 'refused' | 'late'
type Request = {
  readonly id: string
  readonly ticketHash: string
  readonly deviceId: string
  readonly inviteId: InviteId
  readonly userAgent: string
  readonly askedAt: string
  readonly untilMs: number
  state: RebindState
  readonly heard: Set<() => void>
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * A second browser that asks for the caller's place (from an app's own browser to a real one). The agent decides, having
 * the caller on the phone; one request at a time, each open for a minute and good for one browser.
 */
export class CallRebind {
  readonly #log: CallLog
  readonly #changed: () => void
  readonly #waitMs: number
  #request: Request | undefined
  #timer: NodeJS.Timeout | undefined
  #asked = 0

  constructor(log: CallLog, changed: () => void, waitMs = REBIND_WAIT_MS) {
    this.#log = log
    this.#changed = changed
    this.#waitMs = waitMs
  }

  get view(): CallView['rebind'] {
    const request = this.#request
    if (request?.state !== 'waiting') return undefined
    const { id, userAgent, askedAt } = request
    return { requestId: id, userAgent, askedAt }
  }

  /**
   * @returns the ticket with which this very browser comes for the answer; only its hash is kept
   * @throws AppError `conflict` while another browser waits, `too-many`
   */
  ask(o: { inviteId: InviteId; deviceId: string; userAgent: string }): { ticket: string; waitMs: number } {
    const open = this.#request?.state === 'waiting' || this.#request?.state === 'allowed'
    if (open && this.#request?.deviceId !== o.deviceId)
      throw new AppError('conflict', 'another request is waiting for the agent')
    if (this.#asked >= REBINDS_PER_CALL) throw new AppError('too-many', 'ask the agent for a new code')
    // The same browser, asking anew after a reload: its older request is void.
    if (open) this.#settle('late')
    this.#asked += 1
    const ticket = randomBytes(16).toString('base64url')
    this.#request = {
      ...o,
      id: randomBytes(8).toString('hex'),
      ticketHash: hash(ticket),
      askedAt: new Date().toISOString(),
      untilMs: performance.now() + this.#waitMs,
      state: 'waiting',
      heard: new Set(),
    }
    this.#log.write({ type: 'invite.rebind-asked', inviteId: o.inviteId, userAgent: o.userAgent })
    this.#timer = setTimeout(() => this.#settle('late'), this.#waitMs)
    this.#timer.unref()
    this.#changed()
    return { ticket, waitMs: this.#waitMs }
  }

  /** @throws AppError `gone` when nobody waits any more, or another does */
  answer(by: ParticipantId, requestId: string, allowed: boolean): void {
    const request = this.#request
    if (request?.id !== requestId || request.state !== 'waiting') throw new AppError('gone', 'nobody waits any more')
    this.#log.write({ type: 'invite.rebind-answered', inviteId: request.inviteId, by, allowed })
    this.#settle(allowed ? 'allowed' : 'refused')
    // The seat is taken when the browser comes for it; one that never comes leaves the old one in peace.
    if (!allowed) return
    this.#timer = setTimeout(() => this.#settle('late'), this.#waitMs)
    this.#timer.unref()
  }

  /** Resolves with the answer, or `waiting` when there is none yet. @throws AppError `forbidden` */
  async heard(ticket: string, deviceId: string, patienceMs: number): Promise<{ state: RebindState; leftMs: number }> {
    const request = this.#own(ticket, deviceId)
    if (request.state === 'waiting') {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        request.heard.add(resolve)
        timer = setTimeout(resolve, patienceMs)
      })
      clearTimeout(timer)
    }
    return { state: request.state, leftMs: Math.max(0, Math.round(request.untilMs - performance.now())) }
  }

  /** The browser takes what it was allowed, once. @throws AppError `forbidden` */
  take(ticket: string, deviceId: string): void {
    const request = this.#own(ticket, deviceId)
    if (request.state !== 'allowed') throw new AppError('forbidden', 'the agent has not allowed this')
    clearTimeout(this.#timer)
    this.#request = undefined
  }

  close(): void {
    this.#settle('late')
    clearTimeout(this.#timer)
    this.#request = undefined
  }

  #own(ticket: string, deviceId: string): Request {
    const request = this.#request
    if (request?.ticketHash !== hash(ticket) || request.deviceId !== deviceId)
      throw new AppError('forbidden', 'this request is not yours, or it is over')
    return request
  }

  #settle(state: RebindState): void {
    const request = this.#request
    if (request === undefined) return
    clearTimeout(this.#timer)
    request.state = state
    for (const tell of request.heard) tell()
    request.heard.clear()
    this.#changed()
  }
}
