import type { G711Law } from '../../media/edge/g711.ts'
import { decodeG711 } from '../../scripts/simulated-caller/g711.ts'
import type { SipRequest, SipResponse } from '../../signaling/sip/embedded/sip-message.ts'
import { RawPeer } from '../../signaling/sip/embedded/testing/raw-peer.ts'
import { RtpParty } from '../doubles/rtp-party.ts'
import { shareInPieces } from './tone.ts'
import { until } from './until.ts'

/** A telephone that says exactly what a test wants by SIP, and speaks one tone as long as it is talked on. */
export class TonePhone {
  readonly peer: RawPeer
  readonly party: RtpParty
  readonly #law: G711Law
  readonly #hz: number
  readonly #speaking: NodeJS.Timeout
  #port: number | undefined
  /** Not spoken while false. */
  speaks = true

  static async create(o: { serverPort: number; hz: number; law?: G711Law }): Promise<TonePhone> {
    return new TonePhone(await RawPeer.create(o.serverPort), await RtpParty.create(), o.hz, o.law ?? 'PCMA')
  }

  private constructor(peer: RawPeer, party: RtpParty, hz: number, law: G711Law) {
    this.peer = peer
    this.party = party
    this.#hz = hz
    this.#law = law
    this.#speaking = setInterval(() => {
      if (this.#port !== undefined && this.speaks) party.tone(this.#port, { law, hz, packets: 1 })
    }, 20)
  }

  get hz(): number {
    return this.#hz
  }
  get address(): string {
    return `sip:201@${this.peer.hostPort}`
  }
  sdp(direction?: string): string {
    return this.party.sdp({
      payloadTypes: this.#law === 'PCMU' ? '0 101' : '8 101',
      ...(direction !== undefined && { direction }),
    })
  }

  /** Calls; the answer is for `talk`. */
  call(): void {
    this.peer.request('INVITE', { body: this.sdp() })
  }
  async answered(): Promise<SipResponse> {
    const ok = await this.peer.nextResponse(200, 'INVITE', 15_000)
    this.peer.inDialog('ACK', ok, 1)
    this.talk(ok.body.toString())
    return ok
  }
  /** Answers a call to it, or any other offer; speaks from then on. */
  answer(invite: SipRequest, o: { status?: number; direction?: string } = {}): void {
    const status = o.status ?? 200
    const ok = status >= 200 && status < 300
    this.peer.respond(invite, status, {
      toTag: 'phone',
      headers: [`Contact: <sip:201@${this.peer.hostPort}>`, 'Allow: INVITE, ACK, BYE, CANCEL, REFER, INFO'],
      ...(ok && { body: this.sdp(o.direction) }),
    })
    if (ok) this.talk(invite.body.toString())
  }
  talk(sdp: string): void {
    this.#port = Number(/m=audio (\d+)/.exec(sdp)?.[1])
  }
  /** A request in the dialog in which the server called this phone. */
  within(invite: SipRequest, method: string, cseq: number, body = ''): void {
    const target = /<([^>]+)>/.exec(invite.get('contact') ?? '')?.[1] ?? ''
    this.peer.send(
      [
        `${method} ${target} SIP/2.0`,
        this.peer.via(),
        'Max-Forwards: 70',
        `From: ${invite.get('to')};tag=phone`,
        `To: ${invite.get('from')}`,
        `Call-ID: ${invite.callId}`,
        `CSeq: ${cseq} ${method}`,
        `Contact: <sip:201@${this.peer.hostPort}>`,
        ...(body === '' ? [] : ['Content-Type: application/sdp']),
      ],
      body,
    )
  }

  /** Resolves when half a second of what it hears is that tone. */
  async hears(hz: number, timeoutMs = 8000): Promise<void> {
    await until(`${hz} Hz`, () => this.share(hz) > 0.8, { timeoutMs }).catch(error => {
      const share = this.share(hz).toFixed(2)
      throw new Error(`${error.message}; a share of ${share}, ${this.party.received.length} packets`)
    })
  }
  /** How much of the last half second is that tone. */
  share(hz: number): number {
    const voice = this.party.received.filter(packet => (packet[1]! & 0x7f) !== 101).slice(-25)
    if (voice.length < 25) return 0
    return shareInPieces(hz, decodeG711(this.#law, Buffer.concat(voice.map(packet => packet.subarray(12)))), 8000)
  }
  get keys(): number {
    return new Set(
      this.party.received.filter(packet => (packet[1]! & 0x7f) === 101).map(packet => packet.readUInt32BE(4)),
    ).size
  }
  forget(): void {
    this.party.received.length = 0
  }

  close(): void {
    clearInterval(this.#speaking)
    this.peer.close()
    this.party.close()
  }
}
