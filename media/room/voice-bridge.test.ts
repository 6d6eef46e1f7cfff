import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { TestBrowser } from './fixtures/browser-peer.ts'
import { Desk, openPool, told } from './fixtures/desk.ts'
import { pitchOf, playTone } from './fixtures/tone.ts'

const PITCHES = [440, 620, 880, 1000, 1340]

const pool = await openPool()
const browser = await TestBrowser.launch(0)
t.teardown(async () => {
  await browser.close()
  await pool.close()
})
t.setTimeout(120_000)

t.test('[MR2] voice both ways in two calls at once: each hears its own tone, in its own codec', async t => {
  const calls = [
    { codec: 'PCMA', payloadType: 8, callerHz: 440, agentHz: 1000, ssrc: 0xaaaa_0001 },
    { codec: 'PCMU', payloadType: 0, callerHz: 620, agentHz: 1340, ssrc: 0xaaaa_0002 },
  ] as const
  await Promise.all(
    calls.map(async call => {
      const desk = await Desk.open(pool)
      const voice = await desk.caller(call.codec, call.ssrc)
      const stop = playTone({ hz: call.callerHz, codec: call.codec, ssrc: call.ssrc }, voice.send)
      const agent = await desk.agent(pool, browser)
      await agent.peer.call('produceTone', call.agentHz, `audio/${call.codec}`)
      const heard = await agent.peer.call('pitch', await agent.consumer('audio'))
      t.ok(Math.abs(heard.hz - call.callerHz) < 8, `the agent hears ${call.callerHz} Hz, not ${heard.hz}`)
      desk.agentVoice.length = 0
      await delay(600)
      t.ok(desk.agentVoice.length > 20, 'about 50 packets a second')
      t.ok(desk.agentVoice.every(rtp => (rtp.readUInt8(1) & 0x7f) === call.payloadType))
      const pitch = pitchOf(desk.agentVoice, call.codec, PITCHES)
      t.equal(pitch.hz, call.agentHz)
      t.ok(pitch.share > 0.9, `the caller hears a clean tone: ${pitch.share}`)
      const agreed = await agent.peer.call('negotiated', 'receive')
      t.equal(agreed[`audio/${call.codec}`], call.payloadType)
      t.match(agreed.srtpCipher, /AEAD_AES_\d+_GCM/, 'the cheap cipher is agreed')
      stop()
      await agent.peer.page.close()
      desk.room.close()
    }),
  )
})

t.test('[MR3] a microphone that would need transcoding is refused', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  const agent = await desk.agent(pool, browser)
  await t.rejects(agent.peer.call('produceTone', 440, 'audio/PCMU'), /no voice codec yet/)
  await desk.caller('PCMA', 7)
  await t.rejects(agent.peer.call('produceTone', 440, 'audio/PCMU'), /must be produced with it/)
  const other = await desk.agent(pool, browser)
  await other.peer.call('produceTone', 440, 'audio/PCMA')
  await told(desk.room, 'agentVoice')
  for (const { peer } of [agent, other]) await peer.page.close()
})

t.test('[MR6] the newest microphone speaks alone', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  await desk.caller('PCMA', 3)
  const [older, newer] = [await desk.agent(pool, browser), await desk.agent(pool, browser)]
  await older.peer.call('produceTone', 440, 'audio/PCMA')
  await told(desk.room, 'agentVoice')
  await newer.peer.call('produceTone', 1340, 'audio/PCMA')
  await delay(300)
  desk.agentVoice.length = 0
  await delay(600)
  const pitch = pitchOf(desk.agentVoice, 'PCMA', PITCHES)
  t.ok(pitch.hz === 1340 && pitch.share > 0.9, `${pitch.hz} Hz, ${pitch.share}`)
  for (const { peer } of [older, newer]) await peer.page.close()
})

t.test('[MR7] a hold of more than 32768 packets does not silence the agent when the producer was paused', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  const ssrc = 0xbbbb_0001
  const voice = await desk.caller('PCMA', ssrc)
  const agent = await desk.agent(pool, browser)
  await agent.consumer('audio')
  await delay(300)
  // Eleven minutes of packets in a burst: the SRTP index must be past 32768 for the fault to show.
  const packet = Buffer.alloc(172, 0xd5)
  packet.writeUInt16BE(0x8008, 0)
  packet.writeUInt32BE(ssrc, 8)
  for (let i = 0; i < 34_000; i++) {
    packet.writeUInt16BE(i & 0xffff, 2)
    packet.writeUInt32BE(i * 160, 4)
    voice.send(packet)
    if (i % 200 === 0) await delay(1)
  }
  await voice.pause()
  await voice.resume()
  const stop = playTone({ hz: 880, codec: 'PCMA', ssrc, sequence: 34_000 + 40_000 }, voice.send)
  t.teardown(stop)
  await delay(500)
  const heard = await agent.peer.call('pitch', await agent.consumer('audio'))
  t.ok(Math.abs(heard.hz - 880) < 8 && heard.decibels > -60, `${heard.hz} Hz at ${heard.decibels} dB`)
  await voice.pause()
  await delay(1500)
  const quiet = await agent.peer.call('pitch', await agent.consumer('audio'))
  t.ok(quiet.decibels < -70, `held: ${quiet.decibels} dB`)
  await agent.peer.page.close()
})
