import { type AppClient, type AppCommand, refuse } from './app-client.ts'
import { withAppParts } from './app-parts.ts'
import type { Cdrs } from './cdrs.ts'
import type { ResponseSource } from './client-transaction.ts'
import type { Dialog } from './dialog.ts'
import { dialogRequest, routeOf, UnroutableDialogError } from './dialog-requests.ts'
import type { DialogStore } from './dialog-store.ts'
import { tagOf } from './name-addr.ts'
import type { RequestSender } from './request-sender.ts'
import type { SessionTimers } from './session-timers.ts'
import { parseCSeq, type SipRequest, type SipResponse } from './sip-message.ts'
import type { LooseMessage } from './sip-parser.ts'
import { parseSipUri } from './sip-uri.ts'
import type { StackRequests } from './stack-requests.ts'
import { contactFor, type OwnFace } from './transport-layer.ts'
import { madeUpEnd, networkEnd, sipLine } from './wire-lines.ts'

/** Nobody rings more telephones at a time for one call. */
const maxBranches = 32

/** Requests that renew the peer's target, or must name ours (RFC 3261, 3311, 3515, 6665). */
const saysContact: ReadonlySet<string> = new Set(['INVITE', 'REFER', 'SUBSCRIBE', 'UPDATE', 'NOTIFY'])

export type ResponseContext = {
  readonly request: SipRequest
  readonly transactionId: string
  readonly repeated2xx: boolean
}

export type UacDialogsDeps = {
  readonly dialogs: DialogStore
  readonly sender: RequestSender
  readonly stack: StackRequests
  readonly sessions: SessionTimers
  readonly cdrs: Cdrs
}

/** The application's requests within dialogs, and the answers of peers that make, change and end dialogs. */
export class UacDialogs {
  readonly #deps: UacDialogsDeps

  constructor(deps: UacDialogsDeps) {
    this.#deps = deps
  }

  /** Handles `sip||<dialogId>` with a request line. */
  request(command: AppCommand, method: string, uri: string, message: LooseMessage): void {
    const dialog = this.#deps.dialogs.byId(command.dialogId)
    // Any application may command any dialog; who does so when its own has gone has it from now on.
    if (dialog !== undefined && !dialog.client.open) dialog.client = command.client
    try {
      if (method === 'ACK') this.#acknowledge(command, dialog, message)
      else if (dialog === undefined) refuse(command, 'Server error: unable to find dialog for dialog id provided')
      else this.#requestIn(dialog, command, method, uri, message)
    } catch (error) {
      if (!(error instanceof UnroutableDialogError)) throw error
      refuse(command, `Server error: ${error.message}`)
    }
  }

  /** Passes a response to an application. */
  pass(
    client: AppClient,
    response: SipResponse,
    source: ResponseSource | undefined,
    transactionId: string,
    dialogId: string,
  ): void {
    const end =
      source === undefined
        ? madeUpEnd('unknown')
        : source.madeUp
          ? madeUpEnd(source.flow.protocol)
          : networkEnd(source.flow, source.bytes)
    client.send(sipLine(end, transactionId, dialogId), response.toBuffer())
  }

  /** A response to the INVITE or SUBSCRIBE that is to make this dialog. */
  receiveFirst(
    dialog: Dialog,
    response: SipResponse,
    source: ResponseSource | undefined,
    context: ResponseContext,
  ): void {
    const { dialogs, sessions, stack } = this.#deps
    const toTag = tagOf(response.get('to'))
    if (context.repeated2xx) {
      this.#receiveRepeated(dialog, response, context, source)
      return
    }
    if (response.status < 200) {
      const branch = toTag === '' || dialog.state !== 'early' ? dialog : this.#branchOf(dialog, toTag)
      if (toTag !== '' && dialog.state === 'early') {
        this.#learn(dialog, response, source)
        this.#learn(branch, response, source)
      }
      if (dialog.remoteTag !== undefined) dialogs.add(dialog)
      if (isOutOfTurn(branch, response)) return
    } else if (response.status < 300) {
      const cancelled = dialog.openLocalInvite?.cancelled === true
      dialog.openLocalInvite = undefined
      this.#learn(dialog, response, source)
      dialog.state = 'confirmed'
      dialog.branches.clear()
      dialogs.add(dialog)
      if (dialog.method === 'INVITE') {
        dialog.localSdp = context.request.body
        dialog.awaitingAck.set(context.request.cseq.number, { invite: context.request, cancelled })
        sessions.answeredByPeer(dialog, context.request, response)
        if (!dialog.client.open) stack.acknowledgeAndEnd(dialog, context.request) // nobody is left to take this call
      }
    } else {
      dialog.openLocalInvite = undefined
      dialogs.remove(dialog)
    }
    this.pass(dialog.client, response, source, context.transactionId, dialog.id)
  }

  #learn(dialog: Dialog, response: SipResponse, source: ResponseSource | undefined): void {
    dialog.remoteTag = tagOf(response.get('to'))
    dialog.remoteIdentity = response.get('to') ?? dialog.remoteIdentity
    if (response.has('record-route')) dialog.routeSet = response.list('record-route').reverse()
    dialog.learnTarget(response)
    if (source === undefined) return
    if (source.flow.reliable) dialog.flow = source.flow
    const contact = parseSipUri(dialog.remoteTarget)
    if (contact?.host === source.flow.remoteAddress) dialog.natHop = undefined
    else dialog.learnNatHop(source.flow)
  }

  /** Each branch of a forked INVITE has its own target, route and count of reliable 1xx (RFC 3261 13.2.2.4, RFC 3262 4). */
  #branchOf(dialog: Dialog, toTag: string): Dialog {
    const known = dialog.branches.get(toTag)
    if (known !== undefined) return known
    const branch = dialog.fork(toTag)
    if (dialog.branches.size < maxBranches) dialog.branches.set(toTag, branch)
    return branch
  }

  /** The branch whose reliable 1xx a PRACK names: the latest where several have given the same number. */
  #pracked(dialog: Dialog, message: LooseMessage): Dialog {
    const rseq = Number.parseInt(message.headers.find(header => header.key === 'rack')?.value ?? '', 10)
    const named = [...dialog.branches.values()].filter(branch => branch.lastRemoteRSeq === rseq)
    return named.find(branch => branch.remoteTag === dialog.remoteTag) ?? named.at(-1) ?? dialog
  }

  #receiveRepeated(
    dialog: Dialog,
    response: SipResponse,
    context: ResponseContext,
    source: ResponseSource | undefined,
  ): void {
    if (dialog.remoteTag !== tagOf(response.get('to'))) {
      this.#declineFork(dialog, response, context.request, source)
      return
    }
    const sent = dialog.sentAcks.get(context.request.cseq.number)
    if (sent !== undefined) this.#deps.sender.repeat(sent.ack, sent.flow)
  }

  /** Another branch of a forked INVITE was answered too: one call is enough, so it is acknowledged and ended (RFC 3261 13.2.2.4). */
  #declineFork(dialog: Dialog, response: SipResponse, invite: SipRequest, source: ResponseSource | undefined): void {
    const fork = dialog.fork(tagOf(response.get('to')))
    this.#learn(fork, response, source)
    this.#deps.stack.acknowledgeAndEnd(fork, invite)
  }

  #acknowledge(command: AppCommand, dialog: Dialog | undefined, message: LooseMessage): void {
    const [sequence, waiting] = [...(dialog?.awaitingAck ?? [])][0] ?? []
    if (dialog === undefined || sequence === undefined || waiting === undefined) {
      refuse(command, 'Server error: ACK for non-success final response is automatically generated by server')
      return
    }
    dialog.awaitingAck.delete(sequence)
    const build = (face: OwnFace): SipRequest =>
      withAppParts(dialogRequest(dialog, 'ACK', sequence), message, face, undefined)
    this.#deps.sender.sendAck(command, routeOf(dialog).hop, build, (ack, flow) => {
      dialog.sentAcks.clear()
      dialog.sentAcks.set(sequence, { ack, flow })
    })
    if (waiting.cancelled) this.#deps.stack.hangUp(dialog, 'ACK-BYE due to cancel race condition')
  }

  #requestIn(dialog: Dialog, command: AppCommand, method: string, uri: string, message: LooseMessage): void {
    const { sender } = this.#deps
    if (method === 'BYE') dialog.openLocalInvite?.cancel([])
    const given = parseCSeq(message.headers.find(header => header.key === 'cseq')?.value ?? '')?.number
    const sequence = given !== undefined && given > dialog.localSequence ? given : dialog.localSequence + 1
    dialog.localSequence = sequence
    // drachtio-srf names the INVITE's address in a PRACK; it belongs where the 1xx came from (RFC 3262 section 4).
    const explicitUri = uri === 'sip:placeholder' || method === 'PRACK' ? undefined : uri
    const addressee = method === 'PRACK' && dialog.state === 'early' ? this.#pracked(dialog, message) : dialog
    const needsContact = saysContact.has(method)
    sender.send({
      command,
      hop: routeOf(addressee).hop,
      build: face => {
        const request = dialogRequest(addressee, method, sequence, explicitUri)
        return withAppParts(
          request,
          message,
          face,
          needsContact ? (dialog.localContact ?? contactFor(face, dialog.remoteTarget)) : undefined,
        )
      },
      onSending: bye => {
        if (method === 'BYE' && dialog.method === 'INVITE') this.#deps.cdrs.stop('application', 'normal-release', bye)
      },
      onStarted: transaction => {
        if (method === 'INVITE') dialog.openLocalInvite = transaction
      },
      onResponse: (response, source, context) => this.#receiveWithin(dialog, command, response, source, context),
    })
  }

  #receiveWithin(
    dialog: Dialog,
    command: AppCommand,
    response: SipResponse,
    source: ResponseSource | undefined,
    context: ResponseContext,
  ): void {
    const { method, cseq } = context.request
    if (context.repeated2xx) {
      this.#receiveRepeated(dialog, response, context, source)
      return
    }
    const { status } = response
    if (method === 'INVITE' && status >= 200) dialog.openLocalInvite = undefined
    const success = status >= 200 && status < 300
    if (success && dialog.state === 'terminated') {
      // A BYE has overtaken it. The application has no dialog any more to acknowledge it in.
      if (method === 'INVITE') this.#deps.stack.acknowledge(dialog, cseq.number)
    } else if (success) {
      if (method === 'INVITE') {
        dialog.awaitingAck.set(cseq.number, { invite: context.request, cancelled: false })
        dialog.localSdp = context.request.body
      }
      if (method === 'INVITE' || method === 'UPDATE') {
        dialog.learnTarget(response)
        this.#deps.sessions.answeredByPeer(dialog, context.request, response)
      }
    }
    const challenged = status === 401 || status === 407
    if (method === 'BYE' && status >= 200 && !challenged) this.#deps.dialogs.remove(dialog)
    if (method === 'NOTIFY' && status >= 200 && !challenged && dialog.method === 'SUBSCRIBE') {
      if (/^\s*terminated/i.test(context.request.get('subscription-state') ?? '')) this.#deps.dialogs.remove(dialog)
    }
    this.pass(command.client, response, source, context.transactionId, dialog.id)
  }
}

/** RFC 3262 section 4: a reliable 1xx that repeats one already passed on, or comes before one that was lost. */
function isOutOfTurn(dialog: Dialog, response: SipResponse): boolean {
  const rseq = Number(response.get('rseq'))
  if (!response.has('rseq') || !Number.isInteger(rseq)) return false
  if (dialog.lastRemoteRSeq !== undefined && rseq !== dialog.lastRemoteRSeq + 1) return true
  dialog.lastRemoteRSeq = rseq
  return false
}
