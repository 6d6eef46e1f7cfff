import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { PortPool } from '../media/edge/port-pool.ts'
import { SdpRefusal } from '../media/edge/remote-voice.ts'
import { VoiceEdge } from '../media/edge/voice-edge.ts'
import type { VoiceState } from '../media/edge/voice-listeners.ts'
import { tone } from '../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../scripts/simulated-caller/sip-phone.ts'
import { wallClockMs } from '../scripts/simulated-caller/voice-stream.ts'
import type { CallLeg } from '../signaling/sip/call-leg.ts'
import { SipServer } from '../signaling/sip/embedded/sip-server.ts'
import { SipDoor } from '../signaling/sip/sip-door.ts'
import { until } from './doubles/until.ts'
import { shareOf } from './harness/tone.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Phone, SIP server, drachtio-srf, door and edge, all real; the "agent" at the end says back what it hears. */
async function open(t: { teardown(fn: () => unknown): void }, transport: 'udp' | 'tcp') {
  const server = await SipServer.create({
    control: { host: '127.0.0.1', port: 0, secret: 'leg' },
    listen: [{ protocol: transport, host: '127.0.0.1', port: 0 }],
  })
  const ports = new PortPool({ minPort: 26_000, maxPort: 26_999 })
  const calls: { leg: CallLeg; edge: VoiceEdge; states: VoiceState[] }[] = []
  const door = await SipDoor.create({
    control: { host: '127.0.0.1', port: server.controlPort, secret: 'leg' },
    logger,
    handler: {
      async onInvite(leg) {
        const edge = await VoiceEdge.create({
          ports,
          listenAddress: '127.0.0.1',
          announcedAddress: '127.0.0.1',
          sipSourceAddress: leg.sourceAddress,
          logger,
          inactivityMs: 10_000,
          nowMs: () => performance.now(),
        })
        const states: VoiceState[] = []
        calls.push({ leg, edge, states })
        leg.gone.addEventListener('abort', () => void edge.close())
        edge.onVoice(rtp => edge.sendVoice(rtp))
        edge.onState(state => states.push(state))
        leg.onOffer(async offer => {
          try {
            return { sdp: edge.answer(offer) }
          } catch (error) {
            if (error instanceof SdpRefusal) return { status: error.status, reason: error.message }
            throw error
          }
        })
        const sdp = edge.answer(leg.offerSdp)
        leg.ring()
        edge.startSilence()
        await leg.answer(sdp)
      },
    },
  })
  await delay(20)
  const port = Number(server.hostports[0]?.split(':').at(-1))
  const phone = await SipPhone.create({ server: { host: '127.0.0.1', port, transport }, number: '13800138000' })
  t.teardown(async () => {
    await phone.close()
    await door.close()
    await server.close()
    ports.close()
  })
  return { phone, door, calls }
}

for (const transport of ['udp', 'tcp'] as const) {
  t.test(`[PHL1] a whole phone call over ${transport}: voice, hold, voice again, hang-up`, async t => {
    const { phone, door, calls } = await open(t, transport)
    const call = await phone.call('4000', { codecs: ['PCMA'], says: tone(620) })
    await call.answered
    const { leg, edge, states } = calls[0]!
    t.match(leg, { from: '13800138000', to: '4000' })
    const hears = async (what: string) => {
      const fromMs = wallClockMs() + 100
      await delay(500)
      const share = shareOf(620, call.voice.samplesBetween(fromMs, fromMs + 300), 8000)
      t.ok(share > 0.9, `${what}: ${share}`)
    }
    await hears('the caller hears itself back')
    const held = await call.hold()
    t.equal(held.sdp?.direction, 'recvonly')
    await delay(50)
    const heard = call.voice.heard.length
    await delay(200)
    t.equal(call.voice.heard.length, heard, 'no voice to a phone on hold')
    const resumed = await call.resume()
    t.equal(resumed.sdp?.direction, 'sendrecv')
    await hears('and again after the hold')
    t.same(
      states.map(s => s.kind).filter(kind => kind !== 'latched'),
      ['held', 'retrieved'],
    )
    const sequences = call.voice.heard.map(p => p.sequence)
    t.ok(
      sequences.slice(1).every((s, i) => ((s - sequences[i]!) & 0xffff) === 1),
      'one contiguous sequence',
    )
    t.equal(await call.hangUp(), 200)
    await until('leg gone', () => leg.gone.aborted)
    t.match(leg.gone.reason, { by: 'peer', cancelled: false })
    t.equal(edge.stats().lostIn, 0)
    t.equal(door.stats().legs, 0)
  })
}

t.test('[PHL2] our side hangs up; the phone hears why', async t => {
  const { phone, calls } = await open(t, 'udp')
  const call = await phone.call('4000', { says: tone(620) })
  await call.answered
  await calls[0]!.leg.hangUp('agent hung up')
  t.match(await call.ended, { by: 'peer', reason: /agent hung up/ })
})
