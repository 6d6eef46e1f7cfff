import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { TransportParams } from '../../signaling/protocol/media.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { KeyFrameCatcher } from '../picture/key-frame-catcher.ts'
import { pictureOfVp8KeyFrame } from '../picture/picture.ts'
import { type BrowserPeer, TestBrowser } from './fixture/browser-peer.ts'
import { codeIn } from './fixture/coded-picture.ts'
import { Desk, openPool, told } from './fixture/desk.ts'
import { pitchOf, playTone } from './fixture/tone.ts'
import { MediaRoom } from './media-room.ts'

const CAMERA_CODE = 0b1011_0010_0111_0001
const PITCHES = [440, 620, 880, 1000, 1340]

/** The number in the agent's picture; a camera may begin with a black frame or two. */
async function codeSeen(
  peer: BrowserPeer,
  consumerId: string,
): Promise<{ code: number; widthPx: number; heightPx: number }> {
  for (let attempt = 0; ; attempt++) {
    const { png, ...size } = await peer.call('frame', consumerId)
    const code = await codeIn(Buffer.from(png, 'base64'))
    if (code === CAMERA_CODE || attempt === 20) return { code, ...size }
    await delay(100)
  }
}

const pool = await openPool()
const browser = await TestBrowser.launch(CAMERA_CODE)
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
  t.same(names, ['audio/PCMU', 'audio/PCMA', 'video/VP8', 'video/H264'])
  t.notMatch(JSON.stringify(capabilities.headerExtensions), /video-orientation|rtp-stream-id/)
})

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

t.test('[MR4] the camera reaches the viewer and the tap; its key frame is the same picture', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  await desk.caller('PCMA', 9)
  const catcher = new KeyFrameCatcher('VP8')
  t.teardown(() => catcher.close())
  desk.room.on('videoRtp', rtp => catcher.push(rtp))
  const started = told(desk.room, 'videoStarted')
  const agent = await desk.agent(pool, browser)
  await agent.consumer('audio')
  const phone = await desk.phone(pool, browser)
  await phone.peer.call('produceCamera')
  const [video] = await started
  t.match(video, { participantId: phone.peer.id, codec: 'VP8', clockRate: 90_000 })
  const frame = await codeSeen(agent.peer, await agent.consumer('video'))
  t.equal(frame.code, CAMERA_CODE, 'decoded by the agent')
  t.ok(desk.videoRtp.every(rtp => rtp.readUInt32BE(8) === video.ssrc && (rtp[1] ?? 0) % 128 === video.payloadType))
  t.same(desk.log.slice(desk.log.indexOf('videoStarted')).slice(0, 1), ['videoStarted'])
  t.ok(desk.log.indexOf('videoStarted') < desk.log.indexOf('firstVideoPacket'))

  const next = catcher.next(3000)
  const askedAt = performance.now()
  desk.room.requestKeyFrame()
  const caught = await next
  t.comment(`snapshot: key frame ${Math.round(performance.now() - askedAt)} ms after it was asked for`)
  const picture = await pictureOfVp8KeyFrame(caught.frame)
  t.match(picture, { widthPx: frame.widthPx, heightPx: frame.heightPx })
  t.equal(await codeIn(picture.webp), CAMERA_CODE, 'decoded from the tap')
  t.equal(await codeIn(await picture.jpeg()), CAMERA_CODE)
  const report = desk.videoRtcp[0] ?? (await told(desk.room, 'videoRtcp'))[0]
  t.same([report.readUInt16BE(0), report.readUInt32BE(4)], [0x80c8, video.ssrc], 'a sender report reaches the tap')
  const nearest = desk.videoRtp.map(rtp => Math.abs((report.readUInt32BE(16) - rtp.readUInt32BE(4)) | 0))
  t.ok(Math.min(...nearest) < 90_000, 'on the time line of the tapped packets')
  t.equal(desk.room.stats().video?.packetsLost, 0)

  const later = await desk.agent(pool, browser)
  const seen = await codeSeen(later.peer, await later.consumer('video'))
  t.equal(seen.code, CAMERA_CODE, 'a later viewer gets a key frame')
  for (const peer of [agent.peer, later.peer, phone.peer]) await peer.page.close()
})

t.test('[MR5] a silent camera is told within two seconds, and when it is back; a paused one is not silent', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  const phone = await desk.phone(pool, browser)
  const first = told(desk.room, 'firstVideoPacket')
  const producerId = await phone.peer.call('produceCamera')
  await first
  const silent = told(desk.room, 'videoSilent', 4000)
  await phone.peer.call('setProducerPaused', producerId, true)
  const [silentMs] = await silent
  t.ok(silentMs > 1500 && silentMs < 2000, `${silentMs} ms`)
  const back = told(desk.room, 'videoBack')
  await phone.peer.call('setProducerPaused', producerId, false)
  await back

  await desk.room.pauseVideo()
  await delay(200)
  desk.log.length = 0
  desk.videoRtp.length = 0
  await delay(1900)
  t.same(desk.log, [])
  t.same(desk.videoRtp, [], 'nothing is recorded while the caller has paused')
  const catcher = new KeyFrameCatcher('VP8')
  t.teardown(() => catcher.close())
  desk.room.on('videoRtp', rtp => catcher.push(rtp))
  const next = catcher.next(3000)
  await desk.room.resumeVideo()
  await next
  t.same(desk.log, [], 'and the picture starts with a key frame')
  await phone.peer.page.close()
})

t.test('[MR6] a second camera of the same phone replaces the first, for viewers too', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  const agent = await desk.agent(pool, browser)
  const phone = await desk.phone(pool, browser)
  await phone.peer.call('produceCamera')
  const first = await agent.consumer('video')
  const closed = told(desk.room, 'consumerClosed')
  const pushed = told(desk.room, 'consumer')
  await phone.peer.call('produceCamera')
  t.same(await closed, [agent.peer.id, first])
  const [, params] = await pushed
  await delay(300)
  t.equal((await codeSeen(agent.peer, params.id)).code, CAMERA_CODE)
  const ended = told(desk.room, 'videoEnded')
  desk.room.closeVideo(agent.peer.id)
  t.equal(desk.room.stats().video?.silent, false, 'somebody else cannot stop it')
  desk.room.closeVideo(phone.peer.id)
  await ended
  t.equal(desk.room.stats().video, undefined)
  for (const peer of [agent.peer, phone.peer]) await peer.page.close()
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

t.test('[MR14] one port for all browsers of a worker; ICE restarts under a running picture', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  const ports = (params: TransportParams) => params.iceCandidates.map(one => `${one.protocol} ${one.port}`)
  const other = await Desk.open(pool)
  t.same(
    ports(await desk.room.openTransport(newId('part'), 'send')),
    ports(await other.room.openTransport(newId('part'), 'receive')),
  )
  other.room.close()
  const phone = await desk.phone(pool, browser)
  const first = told(desk.room, 'firstVideoPacket')
  await phone.peer.call('produceCamera')
  await first
  const iceParameters = await desk.room.restartIce(phone.peer.id, phone.transportId)
  await phone.peer.call('restartIce', iceParameters as never)
  await delay(300)
  desk.videoRtp.length = 0
  await delay(500)
  t.ok(desk.videoRtp.length > 5, 'packets go on')
  t.same(
    desk.log.filter(entry => /silent|closed|failed/i.test(entry)),
    [],
  )
  await phone.peer.page.close()
})

t.test('[MR10] H.264 when the phone has no VP8', async t => {
  const desk = await Desk.open(pool)
  t.teardown(() => desk.room.close())
  const catcher = new KeyFrameCatcher('H264')
  t.teardown(() => catcher.close())
  desk.room.on('videoRtp', rtp => catcher.push(rtp))
  const agent = await desk.agent(pool, browser)
  const phone = await desk.phone(pool, browser)
  const started = told(desk.room, 'videoStarted')
  const next = catcher.next(5000)
  await phone.peer.call('produceCamera', 'video/H264')
  t.match((await started)[0], { codec: 'H264' })
  t.match(await next, { codec: 'H264', widthPx: 640, heightPx: 480 })
  t.equal((await codeSeen(agent.peer, await agent.consumer('video'))).code, CAMERA_CODE)
  for (const peer of [agent.peer, phone.peer]) await peer.page.close()
})
