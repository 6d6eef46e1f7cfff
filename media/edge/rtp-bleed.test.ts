import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { RtpParty } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { PortPool } from './port-pool.ts'
import { VoiceEdge } from './voice-edge.ts'

type Test = { teardown(run: () => unknown): void }

/** One pair of ports only: every call gets the one of the call before it. */
function onePair(t: Test) {
  const minPort = 10_000 + 2 * Math.floor(Math.random() * 4000)
  const ports = new PortPool({ minPort, maxPort: minPort + 1 })
  t.teardown(() => ports.close())
  return async (phone: RtpParty, signalling: string) => {
    const edge = await VoiceEdge.create({
      ports,
      listenAddress: '127.0.0.1',
      announcedAddress: '127.0.0.1',
      sipSourceAddress: signalling,
      logger: { debug() {}, warn() {} },
      inactivityMs: 60_000,
      nowMs: () => performance.now(),
    })
    const voice: Buffer[] = []
    edge.onVoice(rtp => voice.push(rtp))
    t.teardown(() => edge.close())
    edge.answer(phone.sdp())
    edge.startSilence()
    return { edge, voice }
  }
}

async function party(t: Test, o: { address: string; ssrc: number }): Promise<RtpParty> {
  const made = await RtpParty.create(o)
  t.teardown(() => made.close())
  return made
}

t.test('[ME97] what a former call still sends to a port that is used again is heard by nobody', async t => {
  for (const where of ['elsewhere', 'behind the same SBC'] as const) {
    const open = onePair(t)
    const first = await party(t, { address: '127.0.0.2', ssrc: 0x1111 })
    const former = await open(first, '127.0.0.2')
    first.speak(former.edge.rtpPort, 5)
    await until('the first call', () => former.voice.length === 5)
    await former.edge.close()
    // An SBC has one address for all calls: only its ports tell them apart.
    const address = where === 'elsewhere' ? '127.0.0.3' : '127.0.0.2'
    const second = await party(t, { address, ssrc: 0x2222 })
    const now = await open(second, address)
    t.equal(now.edge.rtpPort, former.edge.rtpPort, 'the same port')
    // Its BYE was lost, or is on its way: it goes on speaking, while the second one is still silent.
    first.speak(now.edge.rtpPort, 10)
    await until('refused', () => now.edge.stats().refused === 10)
    t.equal(now.voice.length, 0)
    second.speak(now.edge.rtpPort, 5)
    await until('the second call', () => now.voice.length === 5)
    first.speak(now.edge.rtpPort, 10)
    await until('refused', () => now.edge.stats().refused === 20)
    await delay(30)
    t.equal(now.voice.length, 5, where)
    const silent = first.received.length
    await delay(60)
    t.equal(first.received.length, silent, 'nor does anything of the second call go there')
    await now.edge.close()
  }
})

t.test('[ME97] the same telephone calls again from the same port, with a stream of its own: it is heard', async t => {
  const open = onePair(t)
  const phone = await party(t, { address: '127.0.0.2', ssrc: 0x1111 })
  const first = await open(phone, '127.0.0.2')
  phone.speak(first.edge.rtpPort, 5)
  await until('the first call', () => first.voice.length === 5)
  await first.edge.close()
  const again = await open(phone, '127.0.0.2')
  phone.speak(again.edge.rtpPort, 5)
  await until('the same', () => again.voice.length === 5)
})
