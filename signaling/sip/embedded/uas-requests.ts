import { randomUUID } from 'node:crypto'
import type { AppClient } from './app-client.ts'
import type { Cdrs } from './cdrs.ts'
import type { Dialog } from './dialog.ts'
import type { DialogStore } from './dialog-store.ts'
import type { DigestAuthenticator } from './digest-authenticator.ts'
import type { Flow } from './flow.ts'
import { bracketUri, tagOf } from './name-addr.ts'
import type { OpenRequest, OpenRequests } from './open-requests.ts'
import { badRegisterContact, isKnownScheme } from './request-checks.ts'
import type { RequestRouter, Routed } from './request-router.ts'
import { responseTo } from './response-building.ts'
import type { ServerTransaction } from './server-transaction.ts'
import type { SessionTimers } from './session-timers.ts'
import type { SipRequest } from './sip-message.ts'
import { isKnownMethod } from './sip-stats.ts'
import type { SipTimers } from './sip-timers.ts'
import { answer } from './stack-answer.ts'
import type { StackRequests } from './stack-requests.ts'
import type { TimerSet } from './timer-set.ts'
import type { TransportLayer } from './transport-layer.ts'
import { networkEnd, sipLine } from './wire-lines.ts'

export type UasDeps = {
  readonly transport: TransportLayer
  readonly dialogs: DialogStore
  readonly open: OpenRequests
  readonly router: RequestRouter
  readonly cdrs: Cdrs
  readonly answerOptionsOf: string | undefined
  readonly sessions: SessionTimers
  readonly stack: StackRequests
  readonly authenticator: DigestAuthenticator | undefined
  readonly timers: SipTimers
  readonly clock: TimerSet
}

/** Those that mean nothing without a dialog or transaction of ours. */
const dialogOnly: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK'])

/** Requests of peers: what the stack answers by itself, and what it hands to which application. */
export class UasRequests {
  readonly #deps: UasDeps

  constructor(deps: UasDeps) {
    this.#deps = deps
  }

  receive(transaction: ServerTransaction, bytes: number): void {
    const { request } = transaction
    if (transaction.isInvite) transaction.respond(responseTo(request, 100))
    const hasTag = tagOf(request.get('to')) !== ''
    const dialog = hasTag ? this.#deps.dialogs.match(request) : undefined
    if (dialog !== undefined) this.#receiveInDialog(transaction, dialog, bytes)
    else if (dialogOnly.has(request.method) || (hasTag && transaction.isInvite)) answer(transaction, 481)
    else this.#receiveNew(transaction, bytes)
  }

  /** CANCEL of an INVITE that waits for an application, or is still being authenticated. */
  receiveCancel(cancel: ServerTransaction, invite: ServerTransaction | undefined): void {
    if (invite === undefined || (invite.answered && invite.state === 'accepted')) {
      answer(cancel, 481)
      return
    }
    if (invite.answered) {
      answer(cancel, 200) // RFC 3261 9.2: no effect, but not unknown
      return
    }
    const open = this.#deps.open.get(invite.id)
    const toTag = open?.toTag
    const options = toTag === undefined ? {} : { toTag }
    cancel.respond(responseTo(cancel.request, 200, options))
    invite.respond(responseTo(invite.request, 487, options))
    if (open === undefined) return
    const dialogId = open.dialog?.id ?? ''
    this.#deps.cdrs.stop('network', 'call-canceled', invite.request)
    this.#deps.open.close(open)
    if (open.held && open.dialog !== undefined) {
      this.#deps.stack.declareEnded(open.dialog, 'CANCEL after 200 OK')
      return
    }
    if (open.dialog !== undefined) this.#endInvite(open.dialog)
    const end = networkEnd(cancel.flow, cancel.request.toBuffer().length)
    open.client.send(sipLine(end, invite.id, dialogId), cancel.request.toBuffer())
  }

  /** An ACK of a 2xx; false when it belongs to no dialog of ours. */
  receiveAck(ack: SipRequest, flow: Flow, bytes: number): boolean {
    const dialog = this.#deps.dialogs.match(ack)
    if (dialog === undefined) return false
    const waiting = dialog.unacknowledged.get(ack.cseq.number)
    if (waiting === undefined) return true
    waiting.cancel()
    const first = dialog.unacknowledged.delete(ack.cseq.number) && !dialog.everAcknowledged
    dialog.everAcknowledged = true
    const id = first ? dialog.inviteTransactionId : randomUUID()
    const end = { ...networkEnd(flow, bytes), protocol: '' }
    dialog.client.send(sipLine(end, id, dialog.id), ack.toBuffer())
    return true
  }

  /** An application has gone: nobody will answer what it was given. */
  clientGone(client: AppClient): void {
    for (const open of this.#deps.open.ofClient(client)) {
      if (open.update !== undefined) answer(open.update, 500)
      if (!open.transaction.answered) answer(open.transaction, 503, open.toTag)
      if (open.dialog !== undefined && open.transaction.isInvite) this.#endInvite(open.dialog)
      this.#deps.open.close(open)
    }
  }

  #endInvite(dialog: Dialog): void {
    dialog.openRemoteInvite = undefined
    if (dialog.state === 'early') this.#deps.dialogs.remove(dialog)
  }

  #receiveNew(transaction: ServerTransaction, bytes: number): void {
    const { request } = transaction
    const refusal = badRegisterContact(request) ? 400 : isKnownScheme(request.uri) ? undefined : 416
    if (refusal !== undefined) {
      answer(transaction, refusal)
      return
    }
    const { authenticator } = this.#deps
    if (authenticator?.covers(request.method) !== true || tagOf(request.get('to')) !== '') {
      this.#passOn(transaction, bytes)
      return
    }
    void authenticator.verify(request).then(verdict => {
      if (transaction.answered) return // cancelled meanwhile
      if (verdict.kind === 'accepted') {
        this.#passOn(transaction, bytes)
        return
      }
      const response = responseTo(request, verdict.status)
      for (const { name, value } of verdict.headers) response.add(name, value)
      transaction.respond(response)
    })
  }

  #passOn(transaction: ServerTransaction, bytes: number): void {
    const { request } = transaction
    const { answerOptionsOf, router, cdrs } = this.#deps
    if (!isKnownMethod(request.method)) {
      answer(transaction, 501)
      return
    }
    if (
      request.method === 'OPTIONS' &&
      answerOptionsOf !== undefined &&
      request.get('user-agent') === answerOptionsOf
    ) {
      answer(transaction, 200)
      return
    }
    if (transaction.isInvite) cdrs.attempt('network', request)
    const routed = router.route(transaction)
    if (!(routed instanceof Promise)) this.#follow(routed, transaction, bytes)
    else void routed.then(later => this.#follow(later, transaction, bytes))
  }

  #follow(routed: Routed, transaction: ServerTransaction, bytes: number): void {
    const { request, flow } = transaction
    if (transaction.answered || transaction.state === 'terminated' || routed.kind === 'done') return
    if (routed.kind === 'answer') {
      const { status, reason, contacts = [] } = routed
      const response = responseTo(request, status, reason === undefined ? {} : { reason })
      for (const contact of contacts) response.add('Contact', bracketUri(contact))
      if (status === 503) response.add('Retry-After', '5')
      transaction.respond(response)
      if (transaction.isInvite) this.#deps.cdrs.stop('application', 'call-rejected', response)
      return
    }
    const { client } = routed
    if (!client.open) {
      answer(transaction, 503)
      return
    }
    const open = this.#deps.open.open(transaction, client, undefined)
    this.#limitAnswerTime(open)
    const receivedOn = this.#deps.transport.localAddress(flow)
    client.send(sipLine(networkEnd(flow, bytes), transaction.id, '', receivedOn), request.toBuffer())
  }

  #receiveInDialog(transaction: ServerTransaction, dialog: Dialog, bytes: number): void {
    const { request, flow } = transaction
    const tooShort = this.#deps.sessions.tooShort(request)
    if (tooShort !== undefined) {
      transaction.respond(responseTo(request, 422).add('Min-SE', String(tooShort)))
      return
    }
    const refusal = this.#inDialogRefusal(transaction, dialog)
    if (refusal !== undefined) {
      answer(transaction, refusal)
      return
    }
    dialog.remoteTag ??= tagOf(request.get('from'))
    dialog.remoteSequence = request.cseq.number
    // A NAT that has given the peer a new address shows it here first.
    if (dialog.natHop !== undefined) dialog.learnNatHop(flow)
    if (flow.reliable) dialog.flow = flow
    if (request.method === 'BYE') {
      this.#answerOpenInvite(dialog)
      if (dialog.method === 'INVITE') this.#deps.cdrs.stop('network', 'normal-release', request)
      this.#deps.dialogs.remove(dialog)
    } else if (request.method === 'NOTIFY' && dialog.method === 'SUBSCRIBE' && dialog.state === 'early') {
      dialog.remoteIdentity = request.get('from') ?? dialog.remoteIdentity
      dialog.learnTarget(request)
    }
    let id = transaction.id
    const invite = dialog.openRemoteInvite === undefined ? undefined : this.#deps.open.get(dialog.openTransactionId)
    if (request.method === 'UPDATE' && invite !== undefined && dialog.state === 'early') {
      if (invite.update !== undefined) {
        answer(transaction, 500)
        return
      }
      invite.update = transaction
      id = invite.transaction.id
    } else {
      const open = this.#deps.open.open(transaction, dialog.client, request.method === 'BYE' ? undefined : dialog)
      this.#limitAnswerTime(open)
      if (transaction.isInvite) {
        dialog.openRemoteInvite = request.cseq.number
        dialog.openTransactionId = transaction.id
      }
    }
    dialog.client.send(sipLine(networkEnd(flow, bytes), id, dialog.id), request.toBuffer())
    if (request.method === 'PRACK') dialog.reliable?.releaseHeld()
  }

  #inDialogRefusal(transaction: ServerTransaction, dialog: Dialog): number | undefined {
    const { request } = transaction
    if (dialog.remoteSequence !== undefined && request.cseq.number < dialog.remoteSequence) return 500
    if (!dialog.client.open) {
      if (request.method === 'BYE') this.#deps.dialogs.remove(dialog)
      return 481
    }
    if (transaction.isInvite && dialog.openLocalInvite !== undefined) return 491
    if (transaction.isInvite && dialog.openRemoteInvite !== undefined) return 500
    if (request.method !== 'PRACK') return undefined
    return dialog.reliable?.acknowledge(request) === true ? undefined : 481
  }

  /** RFC 3261 15.1.2: an INVITE still open when BYE comes is answered 487. */
  #answerOpenInvite(dialog: Dialog): void {
    if (dialog.openRemoteInvite === undefined) return
    const open = this.#deps.open.get(dialog.openTransactionId)
    if (open === undefined || open.transaction.answered) return
    answer(open.transaction, 487, open.toTag)
    this.#deps.open.close(open)
  }

  /** An application that never says anything must not leave a caller waiting for ever. */
  #limitAnswerTime(open: OpenRequest): void {
    open.giveUp = this.#deps.clock.after(this.#deps.timers.appAnswerMs, () => {
      // RFC 4320: a 408 to anything but INVITE only does harm.
      if (open.transaction.isInvite && !open.transaction.answered) answer(open.transaction, 408, open.toTag)
      else if (!open.transaction.answered) open.transaction.terminate()
      if (open.dialog !== undefined && open.transaction.isInvite) this.#endInvite(open.dialog)
      this.#deps.open.close(open)
    })
  }
}
