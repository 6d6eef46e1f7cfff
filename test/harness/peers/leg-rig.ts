import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PortPool } from '../../../media/edge/port-pool.ts'
import { SdpRefusal, type SrtpMode } from '../../../media/edge/remote-voice.ts'
import type { VoiceCodec } from '../../../media/edge/voice-codec.ts'
import { VoiceEdge } from '../../../media/edge/voice-edge.ts'
import { decodeG711, encodeG711 } from '../../../scripts/simulated-caller/g711.ts'
import { readRtp, writeRtp } from '../../../scripts/simulated-caller/rtp-packet.ts'
import { tone } from '../../../scripts/simulated-caller/sample-source.ts'
import type { CallLeg } from '../../../signaling/sip/call-leg.ts'
import { SipServer } from '../../../signaling/sip/embedded/sip-server.ts'
import { selfSigned } from '../../../signaling/sip/embedded/testing/certificates.ts'
import { SipDoor } from '../../../signaling/sip/sip-door.ts'
import { dominantHz, shareOf } from '../tone.ts'
import { until } from '../until.ts'
import { Baresip, type BaresipOptions } from './baresip.ts'
import { decodeG722, g722Tone } from './g722.ts'

export const PEER_HZ = 440
export const OUR_HZ = 700
/** Bytes, and ticks of the RTP clock, in 20 ms: of G.711 as of G.722 (RFC 3551 section 4.5.2). */
const FRAME = 160
/** Half a second of either. */
const HEARD_BYTES = 4000
const logger = { debug() {}, info() {}, warn() {}, error() {} }

/** What we can call, and somebody takes the call there. */
type Telephone = Pick<Baresip, 'number' | 'sipPort' | 'rings' | 'accept'>

/** One call as the server carries it, door and edge real; at the end of it a tone speaks and an ear listens. */
export class OurSide {
  readonly edge: VoiceEdge
  leg: CallLeg | undefined
  #heard: Buffer = Buffer.alloc(0)
  readonly #speaking: NodeJS.Timeout

  /** `wideband`: a second of the tone in G.722. */
  constructor(edge: VoiceEdge, wideband: Buffer) {
    this.edge = edge
    edge.onVoice(rtp => {
      const packet = readRtp(rtp)
      if (packet) this.#heard = Buffer.concat([this.#heard, packet.payload]).subarray(-HEARD_BYTES)
    })
    let frames = 0
    const says = tone(OUR_HZ)
    this.#speaking = setInterval(() => {
      if (!this.leg) return
      const { codec } = edge
      const at = (frames * FRAME) % wideband.length
      const payload =
        codec === 'PCMU' || codec === 'PCMA'
          ? encodeG711(codec, says(frames * FRAME, FRAME))
          : wideband.subarray(at, at + FRAME)
      const payloadType = edge.wireFormats[0]?.payloadType ?? 0
      const header = { payloadType, marker: frames === 0, sequence: frames, timestamp: frames * FRAME, ssrc: 4711 }
      edge.sendVoice(writeRtp(header, payload))
      frames++
    }, 20)
  }

  /** Resolves when half a second from now on is mostly that tone. */
  async hears(hz: number): Promise<number> {
    this.#heard = Buffer.alloc(0)
    return until(
      `${hz} Hz at our side`,
      async () => {
        if (this.#heard.length < HEARD_BYTES) return undefined
        const { codec } = this.edge
        const narrow = codec === 'PCMU' || codec === 'PCMA'
        const samples = narrow ? decodeG711(codec, this.#heard) : await decodeG722(this.#heard)
        const rateHz = narrow ? 8000 : 16_000
        const strongest = dominantHz(samples, rateHz)
        return strongest && Math.abs(strongest - hz) <= 20 && shareOf(hz, samples, rateHz) > 0.6 && strongest
      },
      { everyMs: 100 },
    )
  }
  /** Its tone comes to us, and ours comes back from its ear. */
  async bothHear(peer: Baresip): Promise<void> {
    await this.hears(PEER_HZ)
    await peer.echo(true)
    await this.hears(OUR_HZ)
    await peer.echo(false)
  }
  /** A re-INVITE of ours with what the edge wants now. */
  async offer(): Promise<void> {
    const answer = await this.leg?.offer({ make: () => this.edge.offer(), withdrawn: () => this.edge.abandonOffer() })
    this.edge.acceptAnswer(answer ?? '')
  }
  async close(): Promise<void> {
    clearInterval(this.#speaking)
    await this.edge.close()
  }
}

/** SIP server, door and edges, all real, and telephones beside them; everything ends with the test. */
export async function openLegRig(
  t: { teardown(fn: () => unknown): void },
  o: { transport?: 'udp' | 'tls'; srtp?: SrtpMode; codecs?: readonly VoiceCodec[] } = {},
) {
  const transport = o.transport ?? 'udp'
  const folder = await mkdtemp(join(tmpdir(), 'tongping-tls-'))
  const tls = transport === 'tls' ? await selfSigned(folder, 'sip.test', ['IP:127.0.0.1']) : undefined
  const server = await SipServer.create({
    control: { host: '127.0.0.1', port: 0, secret: 'leg' },
    listen: [{ protocol: transport, host: '127.0.0.1', port: 0 }],
    ...(tls && { tls: { ...tls, verifyServer: false } }),
  })
  const wideband = await g722Tone(OUR_HZ)
  const ports = new PortPool({ minPort: 26_000, maxPort: 26_999 })
  const sides: OurSide[] = []
  const side = async (sipSourceAddress: string) => {
    const edge = await VoiceEdge.create({
      ports,
      listenAddress: '127.0.0.1',
      announcedAddress: '127.0.0.1',
      sipSourceAddress,
      logger,
      inactivityMs: 10_000,
      nowMs: () => performance.now(),
      srtp: o.srtp ?? 'off',
      ...(o.codecs && { codecs: o.codecs }),
    })
    const made = new OurSide(edge, wideband)
    sides.push(made)
    return made
  }
  const door = await SipDoor.create({
    control: { host: '127.0.0.1', port: server.controlPort, secret: 'leg' },
    logger,
    handler: {
      async onInvite(leg) {
        const ours = await side(leg.sourceAddress)
        leg.onOffer(async offer => {
          try {
            return { sdp: ours.edge.answer(offer) }
          } catch (error) {
            if (error instanceof SdpRefusal) return { status: error.status, reason: error.message }
            throw error
          }
        })
        const sdp = ours.edge.answer(leg.offerSdp)
        leg.ring()
        ours.edge.startSilence()
        await leg.answer(sdp)
        ours.leg = leg
      },
    },
  })
  await until('the door to be connected', () => door.hostports.length > 0)
  t.teardown(async () => {
    for (const one of sides) await one.close()
    await door.close()
    await server.close()
    ports.close()
    await rm(folder, { recursive: true, force: true })
  })
  const phone = async (options: Partial<BaresipOptions> = {}) => {
    const baresip = await Baresip.start({ saysHz: PEER_HZ, transport, ...options })
    t.teardown(() => baresip.close())
    return baresip
  }
  /** We call a telephone that rings until somebody takes it. */
  const dial = async (peer: Telephone, o: { answers?: boolean; proxy?: string } = {}) => {
    const ours = await side('127.0.0.1')
    const provisional: number[] = []
    const call = door.call({
      to: peer.number,
      trunk: { name: 'peer', proxy: o.proxy ?? `sip:127.0.0.1:${peer.sipPort}`, fromNumber: '4008001234' },
      sdp: ours.edge.offer(),
      onProvisional: status => provisional.push(status),
      signal: new AbortController().signal,
    })
    if (o.answers !== false) {
      await peer.rings()
      await until('ringing at our side', () => provisional.includes(180))
      await peer.accept()
    }
    const { leg, answerSdp } = await call
    ours.edge.acceptAnswer(answerSdp)
    ours.edge.startSilence()
    leg.onOffer(async offer => ({ sdp: ours.edge.answer(offer) }))
    ours.leg = leg
    return { ours, leg }
  }
  const sipPort = Number(server.hostports[0]?.split(':').at(-1))
  return { server: { sipHost: '127.0.0.1', sipPort }, door, sides, phone, dial }
}
