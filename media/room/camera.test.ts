import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { TransportParams } from '../../signaling/protocol/media.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { KeyFrameCatcher } from '../picture/key-frame-catcher.ts'
import { pictureOfVp8KeyFrame } from '../picture/picture.ts'
import { type BrowserPeer, TestBrowser } from './fixtures/browser-peer.ts'
import { codeIn } from './fixtures/coded-picture.ts'
import { Desk, openPool, told } from './fixtures/desk.ts'

const CAMERA_CODE = 0b1011_0010_0111_0001

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
