/**
 * Started by the benchmark of call set-up, as a process of its own: the embedded SIP server, the door, a media edge and a real
 * record for each call. The agent is SIMULATED: every call is answered at once, and from then on packets of silence come from
 * where the media server would be. Prints its SIP port; on a message, what it has seen; ends with its parent.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { PortPool } from '../../media/edge/port-pool.ts'
import { VoiceEdge } from '../../media/edge/voice-edge.ts'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import { SealKey } from '../../recordings/seal/seal-key.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { CallLeg } from '../../signaling/sip/call-leg.ts'
import { SipServer } from '../../signaling/sip/embedded/sip-server.ts'
import { SipDoor } from '../../signaling/sip/sip-door.ts'
import { writeRtp } from '../simulated-caller/rtp-packet.ts'
import { Pacer } from './simulated/pacer.ts'

const [root] = process.argv.slice(2)
if (root === undefined) throw new Error('usage: telephony-node.ts <folder>')
const logger = { debug() {}, info() {}, warn() {}, error: console.error }
const key = await SealKey.loadOrCreate(`${root}/keys`)
const ports = new PortPool({ minPort: 40_000, maxPort: 49_999 })
const pacer = new Pacer()
const seen = { calls: 0, live: 0, mostLive: 0, sealed: 0, failed: 0, received: 0, journalled: 0 }
const lag = monitorEventLoopDelay({ resolution: 1 })
lag.enable()
const SILENCE = Buffer.alloc(160, 0xd5)

async function carry(leg: CallLeg): Promise<void> {
  const startedMs = performance.now()
  const nowMs = () => performance.now() - startedMs
  const callId = newId('call')
  const edge = await VoiceEdge.create({
    ...{ ports, logger, inactivityMs: 10_000, nowMs: () => performance.now() },
    ...{ listenAddress: '127.0.0.1', announcedAddress: '127.0.0.1', sipSourceAddress: leg.sourceAddress },
  })
  const sdp = edge.answer(leg.offerSdp)
  const archive = await CallArchive.open({ root: root as string, callId, nowMs, logger, onDegraded() {} })
  const agent = { id: newId('user'), name: 'simulated' }
  const answeredAt = new Date().toISOString()
  archive.journal.append({
    ...{ type: 'call.answered', callId, wallClock: answeredAt, from: leg.from, to: leg.to, agent },
    voiceCodec: 'PCMA',
  })
  const g711 = { codec: 'PCMA', payloadType: 8, clockRate: 8000 }
  const tracks = {
    in: archive.openTrack({ track: 'caller-voice', ...g711 }),
    out: archive.openTrack({ track: 'agent-voice', ...g711 }),
  }
  edge.onTap({ rtp: (direction, packet) => tracks[direction].rtp(packet), rtcp() {}, event() {} })
  seen.live++
  seen.mostLive = Math.max(seen.mostLive, seen.live)
  let sequence = 0
  let stop = () => {}
  const ended = new Promise<void>(resolve => leg.gone.addEventListener('abort', () => resolve(), { once: true }))
  try {
    edge.startSilence()
    await leg.answer(sdp)
    stop = pacer.every(20, Math.random(), () => {
      const header = { payloadType: 8, marker: sequence === 0, sequence, timestamp: sequence * 160, ssrc: 4711 }
      sequence = (sequence + 1) & 0xffff
      edge.sendVoice(writeRtp(header, SILENCE))
    })
    await ended
  } finally {
    stop()
    seen.live--
    await edge.close()
    const facts = { from: leg.from, to: leg.to, agent, answeredAt, participants: [] }
    const manifest = await archive.seal({ end: { cause: 'caller-hung-up' }, facts, key })
    const [caller] = manifest.tracks.filter(track => track.track === 'caller-voice')
    seen.sealed++
    seen.received += caller?.packetsReceived ?? 0
    seen.journalled += caller?.packets ?? 0
  }
}

const server = await SipServer.create({
  control: { host: '127.0.0.1', port: 0, secret: 'bench' },
  listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
})
await SipDoor.create({
  control: { host: '127.0.0.1', port: server.controlPort, secret: 'bench' },
  handler: {
    async onInvite(leg) {
      seen.calls++
      carry(leg).catch(() => void seen.failed++)
    },
  },
  logger,
})
process.on('message', () => {
  process.send?.({ ...seen, lagP99Ms: lag.percentile(99) / 1e6, cpuMs: process.cpuUsage().user / 1000 })
  lag.reset()
})
process.on('disconnect', () => process.exit(0))
process.send?.({ sipPort: Number(server.hostports[0]?.split(':').at(-1)) })
