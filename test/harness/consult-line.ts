import { decodeG711 } from '../../scripts/simulated-caller/g711.ts'
import type { SipMessage, SipRequest } from '../../signaling/sip/embedded/sip-message.ts'
import { RawPeer } from '../../signaling/sip/embedded/testing/raw-peer.ts'
import { RtpParty } from '../doubles/rtp-party.ts'
import { freePort } from './free-port.ts'
import { dominantHz, meanSquare } from './tone.ts'
import { until } from './until.ts'

export type Party = 'caller' | 'other'
export const CALLER_HZ = 700
export const OTHER_HZ = 1200
const OWN_HZ: Record<Party, number> = { caller: CALLER_HZ, other: OTHER_HZ }
/** Half a second. */
const HEARD_PACKETS = 25

type Dialog = { readonly party: Party; invite: SipRequest; readonly tag: string; cseq: number }

/**
 * A trunk behind which two people are, told what to do by the test: whom the agent calls, and whom the agent consults. Both speak
 * in tones, through real sockets; it joins the two when it is asked to (REFER with Replaces), as an exchange of its own would.
 */
export class ConsultLine {
  readonly sipPort: number
  readonly peer: RawPeer
  readonly parties: Record<Party, RtpParty>
  /** As our last offer to each said. */
  readonly directions: Record<Party, string> = { caller: '', other: '' }
  readonly #ports: Record<Party, number> = { caller: 0, other: 0 }
  readonly #dialogs = new Map<string, Dialog>()
  readonly #taken = new Set<string>()
  readonly #speaking: NodeJS.Timeout

  private constructor(sipPort: number, peer: RawPeer, parties: Record<Party, RtpParty>) {
    this.sipPort = sipPort
    this.peer = peer
    this.parties = parties
    this.#speaking = setInterval(() => {
      for (const party of ['caller', 'other'] as const)
        if (this.#ports[party] !== 0)
          parties[party].tone(this.#ports[party], { law: 'PCMA', packets: 1, hz: OWN_HZ[party] })
    }, 20)
  }

  static async create(): Promise<ConsultLine> {
    const sipPort = await freePort()
    const [caller, other] = [await RtpParty.create(), await RtpParty.create({ ssrc: 0x4321 })]
    return new ConsultLine(sipPort, await RawPeer.create(sipPort), { caller, other })
  }

  /** Settings of a server whose trunk this is. */
  get settings() {
    return {
      sip: { port: this.sipPort },
      // What this line cannot do is nobody's to do, unless the test says so.
      calls: { transfer: 'refer' },
      trunk: {
        trunk: { name: 'trunk', proxy: `sip:${this.peer.hostPort}`, fromNumber: '4008001234' },
        line: {},
        dial: { allow: ['1*'], maxCalls: 9, maxCallsPerAgent: 3, callsPerMinute: 60, callsPerMinutePerAgent: 60 },
      },
    }
  }

  /** The first INVITE to one of the two; not answered yet. */
  async called(party: Party): Promise<SipRequest> {
    const invite = await this.#nextInvite(to => !to.includes(';tag='))
    const tag = `${party}-${invite.callId.slice(0, 8)}`
    this.#dialogs.set(invite.callId, { party, invite, tag, cseq: 0 })
    return invite
  }

  /** Answers an INVITE or re-INVITE by who is called in it; a 183 or 200 brings media. */
  answer(invite: SipRequest, status = 200): void {
    const dialog = this.#dialogs.get(invite.callId)
    if (!dialog) throw new Error('an INVITE of no known call')
    const { party, tag } = dialog
    const offer = invite.body.toString()
    const direction = /a=(sendrecv|sendonly|inactive)/.exec(offer)?.[1] ?? 'sendrecv'
    const hasMedia = status === 183 || status === 200
    if (hasMedia) {
      this.directions[party] = direction
      this.#ports[party] = Number(/m=audio (\d+)/.exec(offer)?.[1])
    }
    this.peer.respond(invite, status, {
      toTag: tag,
      headers: [`Contact: <sip:${party}@${this.peer.hostPort}>`, 'Allow: INVITE, ACK, BYE, CANCEL, REFER, INFO'],
      ...(hasMedia && {
        body: this.parties[party].sdp({ direction: direction === 'sendonly' ? 'recvonly' : 'sendrecv' }),
      }),
    })
  }

  /** The next re-INVITE of ours; not answered yet. */
  nextOffer(): Promise<SipRequest> {
    return this.#nextInvite(to => to.includes(';tag='))
  }

  /** Takes the next re-INVITE of ours; resolves with whom it was sent to. */
  async takesOffer(): Promise<Party> {
    const invite = await this.nextOffer()
    this.answer(invite)
    return this.#dialog(invite.callId).party
  }

  /** Whoever is hung up on: answers the BYE. */
  async hungUpOn(timeoutMs = 8000): Promise<Party> {
    const bye = await this.peer.nextRequest('BYE', timeoutMs)
    this.peer.respond(bye, 200)
    const { party } = this.#dialog(bye.callId)
    this.#left(bye.callId)
    return party
  }

  /** One of the two hangs up. */
  hangsUp(party: Party): void {
    const callId = this.callIdOf(party)
    this.#request(callId, 'BYE')
    this.#left(callId)
  }

  /** One of the two puts us on hold, or takes us back. */
  async holds(party: Party, on: boolean): Promise<void> {
    const callId = this.callIdOf(party)
    const sdp = this.parties[party].sdp({ direction: on ? 'sendonly' : 'sendrecv' })
    this.#request(callId, 'INVITE', ['Content-Type: application/sdp'], sdp)
    await this.peer.nextResponse(200)
    this.#request(callId, 'ACK')
  }

  /** The call of one of the two that goes on: the last one. @throws Error when there is none */
  callIdOf(party: Party): string {
    const found = [...this.#dialogs].filter(([, dialog]) => dialog.party === party).at(-1)
    if (!found) throw new Error(`no call of the ${party}`)
    return found[0]
  }

  /**
   * What a Refer-To with Replaces asks for, checked as the far end of the replaced call must (RFC 3891 section 3): its Call-ID, our
   * tag there as from-tag, its own as to-tag. @throws Error when it names no call of this line
   */
  replacedBy(refer: SipRequest): Party {
    const referTo = /<([^>]+)>/.exec(refer.get('refer-to') ?? '')?.[1] ?? ''
    const [callId = '', ...parameters] = decodeURIComponent(/[?&]Replaces=([^&]+)/.exec(referTo)?.[1] ?? '').split(';')
    const dialog = this.#dialog(callId)
    const tag = (name: string) => parameters.find(one => one.startsWith(`${name}=`))?.slice(name.length + 1)
    const ours = /;tag=([^;]+)/.exec(dialog.invite.get('from') ?? '')?.[1]
    if (tag('to-tag') !== dialog.tag || tag('from-tag') !== ours) throw new Error(`no such call: ${referTo}`)
    if (!referTo.startsWith(`sip:${dialog.party}@${this.peer.hostPort}`)) throw new Error(`elsewhere: ${referTo}`)
    return dialog.party
  }

  /** From now on the two send their voices to each other, and nothing to us. */
  join(): void {
    this.#ports.caller = this.parties.other.port
    this.#ports.other = this.parties.caller.port
    for (const party of Object.values(this.parties)) party.received.length = 0
  }

  /** How the transfer goes on (RFC 3515 section 2.4.4). Resolves when we have taken it. */
  async tells(refer: SipRequest, status: number): Promise<void> {
    const state = status < 200 ? 'active;expires=60' : 'terminated;reason=noresource'
    const body = `SIP/2.0 ${status} ${status < 200 ? 'Trying' : 'OK'}\r\n`
    const headers = ['Event: refer', `Subscription-State: ${state}`, 'Content-Type: message/sipfrag;version=2.0']
    this.#request(refer.callId, 'NOTIFY', headers, body)
    await this.peer.nextResponse(200, 'NOTIFY')
  }

  /** Resolves when one of the two hears this tone, for half a second. */
  hears(party: Party, hz: number, timeoutMs = 10_000): Promise<boolean> {
    return until(
      `${hz} Hz at the ${party}`,
      () => {
        const heard = this.hearing(party)
        return heard !== undefined && Math.abs(heard - hz) < 20
      },
      { timeoutMs },
    )
  }

  /** The strongest tone of the last half second, 0 for silence; undefined while nothing has come. */
  hearing(party: Party): number | undefined {
    const packets = this.parties[party].received.slice(-HEARD_PACKETS).filter(packet => packet.length === 172)
    if (packets.length < HEARD_PACKETS - 5) return undefined
    const samples = Int16Array.from(packets.flatMap(packet => [...decodeG711('PCMA', packet.subarray(12))]))
    return meanSquare(samples) < 100 ? 0 : dominantHz(samples, 8000)
  }

  /** Keys of ours that have come to one of the two (RFC 4733), in their order. */
  keysAt(party: Party): string {
    const ends = this.parties[party].received.filter(
      packet => ((packet[1] ?? 0) & 0x7f) === 101 && ((packet[13] ?? 0) & 0x80) !== 0,
    )
    return [...new Map(ends.map(packet => [packet.readUInt32BE(4), '0123456789*#'[packet[12] ?? 0]])).values()].join('')
  }

  close(): void {
    clearInterval(this.#speaking)
    this.peer.close()
    for (const party of Object.values(this.parties)) party.close()
  }

  /** None that only came again because its answer was slow (RFC 3261 section 17.1.1.2). */
  async #nextInvite(wanted: (to: string) => boolean): Promise<SipRequest> {
    const isNew = (message: SipMessage) =>
      message.kind === 'request' &&
      message.method === 'INVITE' &&
      wanted(message.get('to') ?? '') &&
      !this.#taken.has(`${message.callId} ${message.get('cseq')}`)
    const invite = (await this.peer.next(isNew, 8000, 'new INVITE')) as SipRequest
    this.#taken.add(`${invite.callId} ${invite.get('cseq')}`)
    return invite
  }

  #left(callId: string): void {
    const { party } = this.#dialog(callId)
    this.#ports[party] = 0
    this.#dialogs.delete(callId)
  }

  #dialog(callId: string): Dialog {
    const dialog = this.#dialogs.get(callId)
    if (!dialog) throw new Error(`no call ${callId}`)
    return dialog
  }

  #request(callId: string, method: string, headers: readonly string[] = [], body = ''): void {
    const dialog = this.#dialog(callId)
    const { invite, tag } = dialog
    const target = /<([^>]+)>/.exec(invite.get('contact') ?? '')?.[1] ?? ''
    // An ACK has the number of its INVITE (RFC 3261 section 13.2.2.4).
    if (method !== 'ACK') dialog.cseq++
    this.peer.send(
      [
        `${method} ${target} SIP/2.0`,
        this.peer.via(),
        'Max-Forwards: 70',
        `From: ${invite.get('to')};tag=${tag}`,
        `To: ${invite.get('from')}`,
        `Call-ID: ${callId}`,
        `CSeq: ${dialog.cseq} ${method}`,
        `Contact: <sip:${dialog.party}@${this.peer.hostPort}>`,
        ...headers,
      ],
      body,
    )
  }
}
