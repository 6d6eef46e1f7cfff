import type { Target } from './address-resolver.ts'
import type { AppClient } from './app-client.ts'
import type { Flow } from './flow.ts'
import { parseNameAddr } from './name-addr.ts'
import type { ReliableProvisionals } from './reliable-provisionals.ts'
import type { SipHeader, SipMessage, SipRequest } from './sip-message.ts'
import { parseSipUri, portOf } from './sip-uri.ts'
import { parseProtocol } from './transport-protocol.ts'

/** The id under which the application knows a dialog; drachtio-srf takes it apart, so the form is fixed. */
export function dialogIdOf(callId: string, firstFromTag: string): string {
  return `${callId};from-tag=${firstFromTag}`
}

export type DialogInit = {
  readonly id: string
  readonly role: 'uas' | 'uac'
  readonly method: string
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string | undefined
  /** From value of our requests, with our tag. */
  readonly localIdentity: string
  /** To value of our requests, with the peer's tag once known. */
  readonly remoteIdentity: string
  readonly localSequence: number
  readonly client: AppClient
  readonly inviteTransactionId: string
}

type Removable = { cancel(): void }

/** One SIP dialog (RFC 3261 section 12) with an INVITE or SUBSCRIBE at its start. */
export class Dialog {
  readonly id: string
  readonly role: 'uas' | 'uac'
  readonly method: string
  readonly callId: string
  readonly localTag: string
  readonly localIdentity: string
  readonly inviteTransactionId: string
  /** Where it is not open any more, the dialog answers 481 until the application has come back. */
  client: AppClient
  remoteTag: string | undefined
  remoteIdentity: string
  localSequence: number
  remoteSequence: number | undefined
  state: 'early' | 'confirmed' | 'terminated' = 'early'
  routeSet: readonly string[] = []
  remoteTarget = ''
  localContact: string | undefined
  /** Where requests go instead of the Contact, when the peer is behind NAT. */
  natHop: Target | undefined
  /** The connection (or UDP path) over which the dialog was made. */
  flow: Flow | undefined
  /** 2xx answers of ours that wait for their ACK, by CSeq number. */
  readonly unacknowledged = new Map<number, Removable>()
  /** 2xx answers of the peer that the application has not acknowledged yet, by CSeq number. */
  readonly awaitingAck = new Map<number, { readonly invite: SipRequest; readonly cancelled: boolean }>()
  /** ACKs that went out, for repeated 2xx. */
  readonly sentAcks = new Map<number, { readonly ack: SipRequest; readonly flow: Flow }>()
  /** CSeq of an INVITE of the peer that the application has not answered yet. */
  openRemoteInvite: number | undefined
  /** The transaction id of that INVITE. */
  openTransactionId = ''
  /** True once the application has been given an ACK. */
  everAcknowledged = false
  /** An INVITE of ours in this dialog that is unanswered. */
  openLocalInvite: { readonly cancelled: boolean; cancel(extra: readonly SipHeader[]): unknown } | undefined
  /** Reliable 1xx of ours for the INVITE that was last answered in this dialog. */
  reliable: ReliableProvisionals | undefined
  /** RSeq of the last reliable 1xx passed on. */
  lastRemoteRSeq: number | undefined
  /** Early dialogs of a forked INVITE of ours by the peer's tag; the application sees one dialog, whose latest branch it is. */
  readonly branches = new Map<string, Dialog>()
  /** The last body that we sent in an INVITE or its 2xx, for session refreshes. */
  localSdp: Buffer = Buffer.alloc(0)
  /** Session timer, 1xx repetition and the like: stopped with the dialog. */
  readonly companions = new Set<Removable>()

  constructor(init: DialogInit) {
    this.id = init.id
    this.role = init.role
    this.method = init.method
    this.callId = init.callId
    this.localTag = init.localTag
    this.remoteTag = init.remoteTag
    this.localIdentity = init.localIdentity
    this.remoteIdentity = init.remoteIdentity
    this.localSequence = init.localSequence
    this.client = init.client
    this.inviteTransactionId = init.inviteTransactionId
  }

  /** Takes the remote target from a Contact (RFC 3261 12.1, 12.2). */
  learnTarget(message: SipMessage): void {
    const contact = parseNameAddr(message.list('contact')[0] ?? '')
    if (contact !== undefined && contact.uri !== '*') this.remoteTarget = contact.uri
  }

  /**
   * NAT help: with neither Record-Route nor a Contact that names the address the message came from, later requests go to
   * that address; the request uri stays the Contact. A Contact at that address but of another transport is no sign of a NAT.
   */
  learnNatHop(flow: Flow): void {
    this.natHop = undefined
    if (flow.protocol !== 'udp' || this.routeSet.length > 0) return
    const contact = parseSipUri(this.remoteTarget)
    const here = contact !== undefined && contact.host === flow.remoteAddress
    const otherTransport = (parseProtocol(contact?.params.get('transport') ?? '') ?? 'udp') !== 'udp'
    if (!here || !(otherTransport || portOf(contact) === flow.remotePort))
      this.natHop = { protocol: flow.protocol, address: flow.remoteAddress, port: flow.remotePort }
  }

  /** The dialog that another branch of the same INVITE has made. */
  fork(remoteTag: string): Dialog {
    const { id, role, method, callId, localTag, localIdentity, localSequence, client, inviteTransactionId } = this
    const remoteIdentity = this.remoteIdentity
    return new Dialog({
      ...{ id, role, method, callId, localTag, localIdentity, localSequence, client, inviteTransactionId },
      ...{ remoteTag, remoteIdentity },
    })
  }

  end(): void {
    if (this.state === 'terminated') return
    this.state = 'terminated'
    for (const companion of [...this.companions, ...this.unacknowledged.values()]) companion.cancel()
    this.companions.clear()
    this.branches.clear()
    this.unacknowledged.clear()
  }
}
