import type { HoldMusic } from '../../media/edge/hold-music.ts'
import { PortPool } from '../../media/edge/port-pool.ts'
import type { SrtpMode } from '../../media/edge/remote-voice.ts'
import type { VoiceCodec } from '../../media/edge/voice-codec.ts'
import { VoiceEdge } from '../../media/edge/voice-edge.ts'
import type { VoiceState } from '../../media/edge/voice-listeners.ts'
import { RtpParty } from './rtp-party.ts'

type Test = { teardown(fn: () => unknown): void }
type LegOptions = {
  answer?: boolean
  inactivityMs?: number
  signalling?: string
  codecs?: readonly VoiceCodec[]
  holdMusic?: HoldMusic
  srtp?: SrtpMode
  /** Address of the sockets; 127.0.0.1 without it. */
  listen?: string
}
const quiet = { debug() {}, warn() {} }

/** An edge and its phone on loopback, with a clock that can be moved and everything written down. */
export async function makeLeg(t: Test, o: LegOptions = {}) {
  const ports = new PortPool({ minPort: 21_000, maxPort: 24_999 })
  const phone = await RtpParty.create()
  const clock = { skewMs: 0 }
  const edge = await VoiceEdge.create({
    ports,
    listenAddress: o.listen ?? '127.0.0.1',
    announcedAddress: '127.0.0.1',
    sipSourceAddress: o.signalling ?? '127.0.0.1',
    logger: quiet,
    inactivityMs: o.inactivityMs ?? 60_000,
    ...(o.codecs && { codecs: o.codecs }),
    ...(o.srtp && { srtp: o.srtp }),
    ...(o.holdMusic && { holdMusic: o.holdMusic }),
    nowMs: () => performance.now() + clock.skewMs,
  })
  const voice: Buffer[] = []
  const states: VoiceState[] = []
  const tapped: { direction: string; packet: Buffer; kind: string }[] = []
  edge.onVoice(rtp => voice.push(rtp))
  edge.onState(state => states.push(state))
  edge.onTap({
    rtp: (direction, packet, kind) => tapped.push({ direction, packet, kind }),
    rtcp: (direction, packet) => tapped.push({ direction, packet, kind: 'rtcp' }),
    event: () => {},
  })
  t.teardown(async () => {
    await edge.close()
    ports.close()
    phone.close()
  })
  if (o.answer !== false) edge.answer(phone.sdp())
  return { edge, phone, ports, clock, voice, states, tapped }
}
/** Differences of one field from packet to packet, modulo its size. */
export const steps = (packets: readonly Buffer[], of: (p: Buffer) => number, mask: number) =>
  packets.slice(1).map((p, i) => ((of(p) - of(packets[i]!)) & mask) >>> 0)
