import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { sequenceOf } from '../media/edge/rtp-packet.ts'
import { TestBrowser } from '../media/room/fixtures/browser-peer.ts'
import { Desk, openPool } from '../media/room/fixtures/desk.ts'
import { makeLeg, steps } from './doubles/edge-leg.ts'
import { rtpPacket } from './doubles/rtp-party.ts'
import { until } from './doubles/until.ts'

t.setTimeout(180_000)

/** One second and a half of voice. */
const PACKETS = 75
/** The index of the stream must be past 2^15: only then a receiver of SRTP loses its count for good (RFC 3711 section 3.3.1). */
const PACKETS_BEFORE = 34_000

const pool = await openPool()
const browser = await TestBrowser.launch(0)
t.teardown(async () => {
  await browser.close()
  await pool.close()
})

const isAgent = (p: Buffer) => p.subarray(12).every(octet => octet === 0x55)

t.test(
  '[ME95] after holds and silences of 1 to 60 minutes every packet is heard, through the room, both ways',
  async t => {
    const { edge, phone, clock, voice } = await makeLeg(t)
    const desk = await Desk.open(pool)
    t.teardown(() => desk.room.close())
    const caller = await desk.caller('PCMA', edge.ssrc)
    // As server/calls/call-media.ts joins them.
    edge.onVoice(rtp => {
      voice.push(rtp)
      caller.send(rtp)
    })
    edge.onState(state => {
      if (state.kind !== 'held' && state.kind !== 'retrieved') return
      const { byPeer, byUs } = edge.held
      void (byPeer || byUs ? caller.pause() : caller.resume())
    })
    const agent = await desk.agent(pool, browser)
    const consumer = await agent.consumer('audio')
    edge.startSilence()
    // In bursts that a socket's buffer holds; the clock goes along.
    while (voice.length < PACKETS_BEFORE) {
      phone.speak(edge.rtpPort, 20)
      clock.skewMs += 400
      await delay(1)
    }
    await delay(300)

    let spoken = 0
    const speak = async () => {
      for (let n = 0; n < PACKETS; n++) {
        phone.speak(edge.rtpPort, 1)
        edge.sendVoice(rtpPacket({ sequence: spoken & 0xffff, timestamp: spoken * 160, ssrc: 9 }))
        spoken++
        await delay(10)
      }
    }
    const measure = async (what: string) => {
      const before = await agent.peer.call('received', consumer)
      const [voiceBefore, agentBefore] = [voice.length, phone.received.filter(isAgent).length]
      await speak()
      await until('the phone heard', () => phone.received.filter(isAgent).length - agentBefore >= PACKETS, 3000).catch(
        () => {},
      )
      await delay(150)
      const after = await agent.peer.call('received', consumer)
      t.equal(after.packets - before.packets, PACKETS, `${what}: the agent's browser got every packet`)
      t.equal(after.lost, before.lost, `${what}: and misses none`)
      t.equal(phone.received.filter(isAgent).length - agentBefore, PACKETS, `${what}: the phone got every packet`)
      t.ok(
        steps(voice.slice(voiceBefore - 1), sequenceOf, 0xffff).every(d => d === 1),
        `${what}: one sequence`,
      )
    }
    /** The peer's stream runs on while nobody hears it. */
    const pass = (minutes: number) => {
      clock.skewMs += minutes * 60_000
      phone.sequence = (phone.sequence + minutes * 3000) & 0xffff
      phone.timestamp = (phone.timestamp + minutes * 60_000 * 8) >>> 0
      spoken += minutes * 3000
    }

    await measure('before any hold')
    for (const minutes of [1, 12, 25, 60]) {
      edge.answer(phone.sdp({ direction: 'sendonly' }))
      await delay(50)
      pass(minutes)
      edge.answer(phone.sdp())
      await delay(50)
      await measure(`their hold of ${minutes} min`)

      edge.holdByUs('inactive')
      edge.offer()
      edge.acceptAnswer(phone.sdp({ direction: 'inactive' }))
      await delay(50)
      pass(minutes)
      edge.holdByUs(undefined)
      edge.offer()
      edge.acceptAnswer(phone.sdp())
      await delay(50)
      await measure(`our hold of ${minutes} min`)

      pass(minutes)
      await measure(`an unsignalled silence of ${minutes} min`)
    }
    await agent.peer.page.close()
  },
)
