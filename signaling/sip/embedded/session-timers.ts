import type { Dialog } from './dialog.ts'
import { parseParams } from './name-addr.ts'
import type { ServerTransaction } from './server-transaction.ts'
import type { SipRequest, SipResponse } from './sip-message.ts'
import type { SipTimers } from './sip-timers.ts'
import type { StackRequests } from './stack-requests.ts'
import type { Timer, TimerSet } from './timer-set.ts'

type SessionExpires = { readonly seconds: number; readonly refresher: 'uac' | 'uas' | undefined }

type Session = { seconds: number; weRefresh: boolean; timer: Timer; readonly expiresAtMs: number }

const retryAfterGlareMs = 2000
const shortestRetryMs = 250

/** Session timers of INVITE dialogs (RFC 4028): refreshes ours, ends calls whose peer has stopped refreshing. */
export class SessionTimers {
  readonly #requests: StackRequests
  readonly #timers: SipTimers
  readonly #clock: TimerSet
  readonly #defaultRefresher: 'uac' | 'uas' | undefined
  readonly #sessions = new WeakMap<Dialog, Session>()

  constructor(
    requests: StackRequests,
    timers: SipTimers,
    clock: TimerSet,
    defaultRefresher: 'uac' | 'uas' | undefined,
  ) {
    this.#defaultRefresher = defaultRefresher
    this.#requests = requests
    this.#timers = timers
    this.#clock = clock
  }

  /** Seconds below which a re-INVITE or UPDATE is answered 422; undefined when the request is fine. */
  tooShort(request: SipRequest): number | undefined {
    const asked = sessionExpires(request)
    const minimum = this.#timers.minSessionSeconds
    return asked !== undefined && asked.seconds < minimum ? minimum : undefined
  }

  /** Agrees to the peer's proposal in our 2xx where the application has said nothing of its own. */
  propose(request: SipRequest, response: SipResponse): void {
    const asked = sessionExpires(request)
    const refresher = asked?.refresher ?? this.#defaultRefresher
    if (asked === undefined || refresher === undefined || response.has('session-expires')) return
    const seconds = Math.max(this.#timers.minSessionSeconds, asked.seconds)
    response.add('Session-Expires', `${seconds};refresher=${refresher}`)
    // RFC 4028 9: a peer that is to refresh, and knows how, must be told that it has to.
    if (refresher === 'uac' && request.lists('supported', 'timer') && !response.lists('require', 'timer'))
      response.add('Require', 'timer')
  }

  /** Our 2xx to the peer's INVITE or UPDATE has left. */
  answered(dialog: Dialog, transaction: ServerTransaction, response: SipResponse): void {
    if (dialog.method !== 'INVITE') return
    const agreed = sessionExpires(response)
    // As the peer is the UAC of this request, `uac` (also the default) means that the peer refreshes.
    if (agreed !== undefined) this.#run(dialog, agreed.seconds, agreed.refresher === 'uas')
    else if (transaction.id !== dialog.inviteTransactionId) this.#restart(dialog)
  }

  /** The peer's 2xx to our INVITE or UPDATE has come. */
  answeredByPeer(dialog: Dialog, _request: SipRequest, response: SipResponse): void {
    if (dialog.method !== 'INVITE') return
    const agreed = sessionExpires(response)
    if (agreed !== undefined) this.#run(dialog, agreed.seconds, agreed.refresher !== 'uas')
    else this.#restart(dialog)
  }

  #restart(dialog: Dialog): void {
    const session = this.#sessions.get(dialog)
    if (session !== undefined) this.#run(dialog, session.seconds, session.weRefresh)
  }

  #run(dialog: Dialog, seconds: number, weRefresh: boolean): void {
    this.#stop(dialog)
    const intervalMs = seconds * 1000
    const jitterMs = Math.min(5000, intervalMs / 10) * (Math.random() * 2 - 1)
    const expiresAtMs = performance.now() + intervalMs
    const timer = weRefresh
      ? this.#clock.after(intervalMs / 2 + jitterMs, () => this.#refresh(dialog, seconds))
      : this.#clock.after(intervalMs, () => this.#expire(dialog))
    this.#keep(dialog, { seconds, weRefresh, timer, expiresAtMs })
  }

  #keep(dialog: Dialog, session: Session): void {
    this.#sessions.set(dialog, session)
    dialog.companions.add(session.timer)
  }

  #stop(dialog: Dialog): void {
    const session = this.#sessions.get(dialog)
    if (session === undefined) return
    session.timer.cancel()
    dialog.companions.delete(session.timer)
  }

  #refresh(dialog: Dialog, seconds: number): void {
    if (dialog.openLocalInvite !== undefined || dialog.openRemoteInvite !== undefined) {
      this.#later(dialog, seconds)
      return
    }
    const headers = [
      ['Session-Expires', `${seconds};refresher=uac`],
      ['Min-SE', String(this.#timers.minSessionSeconds)],
      ['Supported', 'timer'],
    ] as const
    this.#requests.refresh(dialog, headers, response => {
      if (response.status < 300) this.#run(dialog, sessionExpires(response)?.seconds ?? seconds, true)
      else if (response.status === 422) this.#longer(dialog, seconds, response)
      else if (isTransient(response.status)) this.#later(dialog, seconds)
      else this.#expire(dialog)
    })
  }

  /** The peer wants longer intervals (RFC 4028 7.3). */
  #longer(dialog: Dialog, seconds: number, response: SipResponse): void {
    const minimum = Number(/^\s*(\d{1,9})/.exec(response.get('min-se') ?? '')?.[1] ?? 0)
    if (minimum > seconds) this.#refresh(dialog, minimum)
    else this.#expire(dialog)
  }

  /** Tries again, as long as the session has not run out: a call must not end because its peer was busy for a moment. */
  #later(dialog: Dialog, seconds: number): void {
    const expiresAtMs = this.#sessions.get(dialog)?.expiresAtMs ?? performance.now() + seconds * 500
    this.#stop(dialog)
    const leftMs = Math.max(0, expiresAtMs - performance.now())
    const retryMs = Math.max(shortestRetryMs, Math.min(retryAfterGlareMs, leftMs / 2))
    const again = this.#clock.after(retryMs, () => this.#refresh(dialog, seconds))
    const end = this.#clock.after(leftMs, () => this.#expire(dialog))
    const timer: Timer = {
      cancel: () => {
        again.cancel()
        end.cancel()
      },
    }
    this.#keep(dialog, { seconds, weRefresh: true, timer, expiresAtMs })
  }

  #expire(dialog: Dialog): void {
    this.#requests.hangUp(dialog, 'Session timer expired')
  }
}

/** Answers that say nothing about the call itself: glare, an open INVITE of the peer, a moment's trouble. */
function isTransient(status: number): boolean {
  return status === 491 || (status >= 500 && status < 600)
}

function sessionExpires(message: SipRequest | SipResponse): SessionExpires | undefined {
  const value = message.get('session-expires')
  const match = /^\s*(\d{1,9})\s*(;.*)?$/.exec(value ?? '')
  if (match === null) return undefined
  const refresher = parseParams(match[2] ?? '')
    .get('refresher')
    ?.toLowerCase()
  return { seconds: Number(match[1]), refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined }
}
