import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { checkIce } from '../../test/harness/stun-check.ts'
import { TestBrowser } from './fixtures/browser-peer.ts'
import { Desk, openPool, told } from './fixtures/desk.ts'
import { MediaRoom } from './media-room.ts'

const pool = await openPool()
const browser = await TestBrowser.launch(0)
t.teardown(async () => {
  await browser.close()
  await pool.close()
})
t.setTimeout(120_000)

// Begun first because it takes as long as a browser may keep silent before it counts as gone.
const killed = (async () => {
  const desk = await Desk.open(pool)
  await desk.caller('PCMU', 5)
  const agent = await desk.agent(pool, browser)
  const connected = told(desk.room, 'transportState')
  await agent.consumer('audio')
  await connected
  const gone = told(desk.room, 'transportState', 60_000)
  await agent.peer.page.close()
  return await gone.finally(() => desk.room.close())
})()
// Judged in its test; without this an early failure would end the whole file.
killed.catch(() => {})

t.test('[MR1] capabilities are known before any call and leave video orientation out', async t => {
  const capabilities = MediaRoom.routerRtpCapabilities(pool)
  const names = capabilities.codecs.map(codec => codec.mimeType).filter(name => !name.endsWith('rtx'))
  t.same(names, ['audio/PCMU', 'audio/PCMA', 'audio/G722', 'audio/opus', 'video/VP8', 'video/H264'])
  t.notMatch(JSON.stringify(capabilities.headerExtensions), /video-orientation|rtp-stream-id/)
})

t.test('[MR15] a path that stands before the connect request has come is connected all the same', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  const id = newId('part')
  // On a bad network signalling over TCP is often slower than the first check over UDP, which starts DTLS at the server.
  const { id: transportId, iceParameters, iceCandidates } = await desk.room.openTransport(id, 'send')
  const [candidate] = iceCandidates as { address: string; port: number; protocol: string }[]
  const { usernameFragment, password } = iceParameters as { usernameFragment: string; password: string }
  if (candidate?.protocol !== 'udp') throw new Error('no candidate over UDP')
  await checkIce({ address: candidate.address, port: candidate.port, usernameFragment, password })
  // The worker tells its state a moment later than it answers the check.
  await sleep(300)
  const fingerprints = [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }]
  await t.resolves(desk.room.connect(id, transportId, { role: 'client', fingerprints }))
  const refused = { name: 'RoomError', trouble: 'already-connected' }
  await t.rejects(desk.room.connect(id, transportId, { role: 'client', fingerprints }), refused)
})

t.test('[MR8] nobody may use what is not theirs', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  const { room } = desk
  const phone = await desk.phone(pool, browser)
  const agent = await desk.agent(pool, browser)
  await phone.peer.call('produceCamera')
  const video = await agent.consumer('video')
  const dtls = { fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] }
  const refusal = (trouble: string) => ({ name: 'RoomError', trouble })
  await t.rejects(room.connect(agent.peer.id, phone.transportId, dtls), refusal('unknown-transport'))
  await t.rejects(room.connect(phone.peer.id, phone.transportId, dtls), refusal('already-connected'))
  const unknownHash = { fingerprints: [{ algorithm: 'md5', value: 'AA' }] }
  await t.rejects(room.connect(agent.peer.id, agent.send.id, unknownHash), refusal('bad-parameters'))
  await t.rejects(room.restartIce(agent.peer.id, phone.transportId), refusal('unknown-transport'))
  await t.rejects(room.ready(phone.peer.id, video), refusal('unknown-consumer'))
  const codecs = [{ mimeType: 'video/VP8', clockRate: 90_000, payloadType: 96 }]
  const produce = (kind: 'audio' | 'video', parameters: object, transportId = phone.transportId) =>
    room.produce(phone.peer.id, 'caller', transportId, kind, { codecs, ...parameters })
  await t.rejects(produce('audio', {}), refusal('wrong-role'))
  await t.rejects(produce('video', { encodings: [{ ssrc: 1 }, { ssrc: 2 }] }), refusal('bad-parameters'))
  await t.rejects(produce('video', { encodings: [{}] }), refusal('bad-parameters'))
  await t.rejects(produce('video', {}, agent.send.id), refusal('unknown-transport'))
  t.equal(room.stats().video?.paused, false, 'the live camera is untouched')
  const ice = await room.restartIce(phone.peer.id, phone.transportId)
  t.type(ice.usernameFragment, 'string')
  for (const peer of [agent.peer, phone.peer]) await peer.page.close()
})

t.test('[MR9] a page that leaves is noticed at once, a killed one when it no longer answers', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  await desk.caller('PCMU', 5)
  const agent = await desk.agent(pool, browser)
  await agent.consumer('audio')
  await agent.peer.call('produceTone', 440, 'audio/PCMU')
  await told(desk.room, 'agentVoice')
  const left = told(desk.room, 'transportState', 2_000)
  await agent.peer.call('leave')
  const [participantId, , state] = await left
  t.same([participantId, state], [agent.peer.id, 'closed'])
  t.equal((await killed)[2], 'disconnected')
  await agent.peer.page.close()
})

t.test('[MR9] a dropped participant leaves nothing behind, and cannot pile up transports', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  await desk.caller('PCMU', 5)
  const agent = await desk.agent(pool, browser)
  await agent.peer.call('produceTone', 440, 'audio/PCMU')
  await told(desk.room, 'agentVoice')
  const gone = told(desk.room, 'agentMicrophone')
  desk.room.dropParticipant(agent.peer.id)
  t.same(await gone, [undefined])
  t.match(desk.room.stats(), { transports: 0, viewers: 0, voice: { microphone: false } })
  for (let i = 0; i < 10; i++) await desk.room.openTransport(agent.peer.id, 'send')
  t.equal(desk.room.stats().transports, 3)
  await agent.peer.page.close()
})
