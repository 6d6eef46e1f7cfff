import type { Cdrs } from './cdrs.ts'
import type { Dialog } from './dialog.ts'
import { dialogRequest, routeOf, UnroutableDialogError } from './dialog-requests.ts'
import type { DialogStore } from './dialog-store.ts'
import type { RequestSender } from './request-sender.ts'
import type { SipRequest, SipResponse } from './sip-message.ts'
import type { TransportLayer } from './transport-layer.ts'
import { sipLine } from './wire-lines.ts'

/** Requests in dialogs that no application asked for: the stack's own BYE, ACK and session refresh. */
export class StackRequests {
  readonly #transport: TransportLayer
  readonly #dialogs: DialogStore
  readonly #sender: RequestSender
  readonly #cdrs: Cdrs

  constructor(transport: TransportLayer, dialogs: DialogStore, sender: RequestSender, cdrs: Cdrs) {
    this.#cdrs = cdrs
    this.#transport = transport
    this.#dialogs = dialogs
    this.#sender = sender
  }

  /** Ends a call with BYE and tells the application why, as an `unsolicited` message. */
  hangUp(dialog: Dialog, reason: string): void {
    if (dialog.state === 'terminated') return
    dialog.openLocalInvite?.cancel([])
    this.#dialogs.remove(dialog)
    ifRoutable(() =>
      this.#sender.send({
        command: undefined,
        hop: routeOf(dialog).hop,
        build: () =>
          dialogRequest(dialog, 'BYE', ++dialog.localSequence).add('Reason', `SIP;cause=200;text="${reason}"`),
        onSending: (bye, _id, flow) => {
          const bytes = bye.toBuffer()
          const { host, port } = flow === undefined ? { host: '', port: 0 } : this.#transport.localAddress(flow)
          const protocol = flow?.protocol ?? 'unknown'
          const end = { source: 'application' as const, bytes: bytes.length, protocol, address: host, port }
          dialog.client.send(sipLine(end, 'unsolicited', dialog.id), bytes)
          const expired = reason === 'Session timer expired'
          this.#cdrs.stop('application', expired ? 'session-expired' : 'system-initiated-termination', bye)
        },
        onResponse: () => {},
      }),
    )
  }

  /** Tells the application that a call which it thinks is up is none: nothing goes over the wire. */
  declareEnded(dialog: Dialog, reason: string): void {
    this.#dialogs.remove(dialog)
    const bye = dialogRequest(dialog, 'BYE', ++dialog.localSequence).add('Reason', `SIP;cause=200;text="${reason}"`)
    const bytes = bye.toBuffer()
    const protocol = dialog.flow?.protocol ?? 'unknown'
    const end = { source: 'application' as const, bytes: bytes.length, protocol, address: '', port: 0 }
    dialog.client.send(sipLine(end, 'unsolicited', dialog.id), bytes)
  }

  /** Acknowledges a 2xx that nobody wants and ends that call at once (RFC 3261 13.2.2.4). */
  acknowledgeAndEnd(dialog: Dialog, invite: SipRequest): void {
    this.#dialogs.remove(dialog)
    ifRoutable(() => {
      const { hop } = routeOf(dialog)
      this.#sender.sendAck(
        undefined,
        hop,
        () => dialogRequest(dialog, 'ACK', invite.cseq.number),
        () => {},
      )
      const build = (): SipRequest => dialogRequest(dialog, 'BYE', ++dialog.localSequence)
      this.#sender.send({ command: undefined, hop, build, onResponse: () => {} })
    })
  }

  /** Acknowledges a 2xx to an INVITE of ours, and the copies of it that come later. */
  acknowledge(dialog: Dialog, sequence: number): void {
    ifRoutable(() =>
      this.#sender.sendAck(
        undefined,
        routeOf(dialog).hop,
        () => dialogRequest(dialog, 'ACK', sequence),
        (ack, flow) => {
          dialog.sentAcks.clear()
          dialog.sentAcks.set(sequence, { ack, flow })
        },
      ),
    )
  }

  /** Repeats our last offer so that the peer knows the call is alive (RFC 4028); the 2xx is acknowledged here. */
  refresh(
    dialog: Dialog,
    headers: readonly (readonly [string, string])[],
    onFinal: (response: SipResponse) => void,
  ): void {
    const sequence = ++dialog.localSequence
    const routable = ifRoutable(() =>
      this.#sender.send({
        command: undefined,
        hop: routeOf(dialog).hop,
        build: face => {
          const request = dialogRequest(dialog, 'INVITE', sequence)
          request.add('Contact', dialog.localContact ?? face.contact)
          for (const [name, value] of headers) request.add(name, value)
          if (dialog.localSdp.length > 0) request.add('Content-Type', 'application/sdp')
          request.body = dialog.localSdp
          return request
        },
        onStarted: transaction => {
          dialog.openLocalInvite = transaction
        },
        onResponse: (response, _source, { repeated2xx }) =>
          this.#onRefreshAnswer(dialog, sequence, response, repeated2xx, onFinal),
      }),
    )
    if (!routable) this.#dialogs.remove(dialog)
  }

  #onRefreshAnswer(
    dialog: Dialog,
    sequence: number,
    response: SipResponse,
    repeated: boolean,
    onFinal: (response: SipResponse) => void,
  ): void {
    if (response.status < 200) return
    if (repeated) {
      const sent = dialog.sentAcks.get(sequence)
      if (sent !== undefined) this.#sender.repeat(sent.ack, sent.flow)
      return
    }
    dialog.openLocalInvite = undefined
    if (response.status < 300) {
      dialog.learnTarget(response)
      this.acknowledge(dialog, sequence)
    }
    if (dialog.state !== 'terminated') onFinal(response)
  }
}

function ifRoutable(send: () => void): boolean {
  try {
    send()
    return true
  } catch (error) {
    if (error instanceof UnroutableDialogError) return false
    throw error
  }
}
