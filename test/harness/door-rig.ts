import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { CallLeg, LegGone, OfferReply, OurOffer } from '../../signaling/sip/call-leg.ts'
import type { SipResponse } from '../../signaling/sip/embedded/sip-message.ts'
import { SipServer, type SipServerOptions } from '../../signaling/sip/embedded/sip-server.ts'
import { answerSdp, RawPeer } from '../../signaling/sip/embedded/testing/raw-peer.ts'
import { SipDoor } from '../../signaling/sip/sip-door.ts'
import { until } from '../doubles/until.ts'

const SECRET = 'door-secret'
const logger = { debug() {}, info() {}, warn() {}, error() {} }

/** The phone door over the embedded SIP server, and a peer that says exactly what a test wants. */
export class DoorRig {
  readonly server: SipServer
  readonly door: SipDoor
  readonly peer: RawPeer
  readonly legs: CallLeg[]
  readonly #peers: RawPeer[]

  private constructor(server: SipServer, door: SipDoor, peer: RawPeer, legs: CallLeg[]) {
    this.server = server
    this.door = door
    this.peer = peer
    this.legs = legs
    this.#peers = [peer]
  }

  static async open(
    t: { teardown(run: () => unknown): void },
    o: {
      server?: Partial<SipServerOptions>
      onInvite?: (leg: CallLeg) => Promise<void>
      trunks?: readonly string[]
    } = {},
  ): Promise<DoorRig> {
    const server = await SipServer.create({
      control: { host: '127.0.0.1', port: 0, secret: SECRET },
      listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
      ...o.server,
    })
    const legs: CallLeg[] = []
    const door = await SipDoor.create({
      control: { host: '127.0.0.1', port: server.controlPort, secret: SECRET },
      handler: {
        async onInvite(leg) {
          legs.push(leg)
          await (o.onInvite ?? (answered => answered.answer(answerSdp)))(leg)
        },
      },
      logger,
      ...(o.trunks && { trunkAllowList: o.trunks }),
    })
    await delay(20) // the routes take a round trip to the server
    const rig = new DoorRig(server, door, await RawPeer.create(portOf(server)), legs)
    t.teardown(() => rig.#close())
    return rig
  }

  get sipPort(): number {
    return portOf(this.server)
  }

  async anotherPeer(): Promise<RawPeer> {
    const peer = await RawPeer.create(this.sipPort)
    this.#peers.push(peer)
    return peer
  }

  /** A call of the peer, answered and acknowledged. */
  async talk(headers: readonly string[] = [], peer = this.peer): Promise<{ leg: CallLeg; ok: SipResponse }> {
    const { callId } = peer.request('INVITE', { headers })
    const ok = await peer.nextResponse(200)
    peer.inDialog('ACK', ok, 1)
    await until('the leg', () => this.legs.some(leg => leg.sipCallId === callId))
    await delay(20)
    return { leg: this.legs.find(leg => leg.sipCallId === callId)!, ok }
  }

  async #close(): Promise<void> {
    for (const peer of this.#peers) peer.close()
    // The server first: with it gone, no BYE waits for a peer that has left.
    await this.server.close()
    await until('the door knows', () => !this.door.connected)
    await this.door.close()
  }
}

const portOf = (server: SipServer): number => Number(server.hostports[0]?.split(':').at(-1))

export async function goneOf(leg: CallLeg): Promise<LegGone> {
  if (!leg.gone.aborted) await once(leg.gone, 'abort', { signal: AbortSignal.timeout(3000) })
  return leg.gone.reason as LegGone
}

/** Offers that count themselves: `a=n:1`, `a=n:2` ... in the SDP. */
export class CountedOffer implements OurOffer {
  made = 0
  taken = 0

  make(): string {
    this.made++
    return `${answerSdp}a=n:${this.made}\r\n`
  }

  withdrawn(): void {
    this.taken++
  }
}

export const accepting = async (): Promise<OfferReply> => ({ sdp: answerSdp })
