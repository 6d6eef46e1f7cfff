import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { RoomEvents, VideoStart } from '../../media/room/room-events.ts'
import { TypedEmitter } from '../../media/room/typed-emitter.ts'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import { readRtpJournal } from '../../recordings/tracks/read-rtp-journal.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallLog } from '../calls/call-log.ts'
import { CallerCamera, type CameraRoom } from '../calls/caller-camera.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const by = newId('part')
const LATENCY_MS = 50
const FRAME_MS = 40

/** How a codec's frames begin and go on, in two packets each; what follows is free. */
const CODECS = {
  VP8: {
    key: [
      [0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0],
      [0x00, 1, 2, 3],
    ],
    delta: [
      [0x10, 0x11, 0, 0],
      [0x00, 4, 5, 6],
    ],
  },
  H264: {
    // STAP-A of parameter sets (RFC 6184 section 5.7.1; the mark ends the second), then the IDR picture in fragments (FU-A, 5.8).
    key: [
      [0x78, 0, 4, 0x67, 0x42, 0x00, 0x1f, 0, 5, 0x68, 0xce, 0x3c],
      [0x7c, 0x85, 1, 2, 3],
      [0x7c, 0x45, 4, 5, 6],
    ],
    delta: [
      [0x5c, 0x81, 1, 2],
      [0x5c, 0x41, 3, 4],
    ],
  },
} as const
type Codec = keyof typeof CODECS

/** A room and its camera, driven by hand: what a real one tells, when the test says so. */
class HandRoom implements CameraRoom {
  readonly events = new TypedEmitter<RoomEvents>((_event, error) => {
    throw error
  })
  readonly on = this.events.on.bind(this.events)
  shut = false
  keyFramesWanted = 0
  async shutVideo(shut: boolean): Promise<void> {
    this.shut = shut
  }
  requestKeyFrame(): void {
    this.keyFramesWanted += 1
  }
  async pauseVideo(): Promise<void> {}
  async resumeVideo(): Promise<void> {}
  closeVideo(): void {}

  started(codec: Codec, ssrc: number): void {
    const video: VideoStart = { participantId: by, producerId: 'p', codec, payloadType: 101, clockRate: 90_000, ssrc }
    this.events.emit('videoStarted', video)
  }
}

async function house(t: { teardown(end: () => unknown): void }) {
  const root = await mkdtemp(join(tmpdir(), 'tongping-camera-'))
  const world = { nowMs: 1_000, keeps: true, sequence: 0 }
  const nowMs = () => world.nowMs
  const archive = await CallArchive.open({ root, callId: newId('call'), nowMs, logger: quiet, onDegraded() {} })
  t.teardown(async () => {
    await archive.discard()
    await rm(root, { recursive: true, force: true })
  })
  const log = new CallLog(archive, () => {})
  log.write({
    type: 'call.answered',
    callId: newId('call'),
    wallClock: new Date(0).toISOString(),
    from: '1',
    to: '2',
    agent: { id: newId('user'), name: 'a' },
    voiceCodec: 'PCMU',
  })
  const camera = new CallerCamera({
    log,
    archive,
    ffmpegBin: 'none',
    expectsVideo: () => true,
    keeps: () => world.keeps,
    nowMs,
    events: { changed() {}, firstPicture() {}, trouble() {}, frameSeen() {} },
  })
  const room = new HandRoom()
  camera.watch(room)
  camera.expected(by)
  /** A frame of the stream, filmed `agoMs` before it comes in; every packet carries the mark. */
  const frame = (o: {
    codec: Codec
    ssrc: number
    kind: 'key' | 'delta'
    mark: number
    agoMs?: number
    skip?: number
  }) => {
    const timestamp = Math.round((world.nowMs - (o.agoMs ?? LATENCY_MS) + o.ssrc * 1_000_000) * 90)
    for (const start of CODECS[o.codec][o.kind].slice(o.skip ?? 0)) {
      const rtp = Buffer.alloc(12 + start.length + 2)
      rtp.set([0x80, 101])
      world.sequence += 1
      rtp.writeUInt16BE(world.sequence & 0xffff, 2)
      rtp.writeUInt32BE(timestamp >>> 0, 4)
      rtp.writeUInt32BE(o.ssrc, 8)
      rtp.set(start, 12)
      rtp.writeUInt16BE(o.mark, 12 + start.length)
      room.events.emit('videoRtp', rtp)
    }
  }
  /** Frames of the marks given, each with the clock a frame further. */
  const film = (o: { codec: Codec; ssrc: number; from: number; to: number; key?: boolean }) => {
    for (let mark = o.from; mark < o.to; mark++) {
      world.nowMs += FRAME_MS
      frame({ ...o, kind: o.key && mark === o.from ? 'key' : 'delta', mark })
    }
  }
  /** The marks in each of the camera's tracks, with what stands between them. */
  const read = async () => {
    await archive.closeTracks()
    const tracks: string[][] = []
    for (const { file } of await archive.closeTracks()) {
      const kept: string[] = []
      for await (const { kind, body } of await readRtpJournal(join(archive.folder, file))) {
        const what =
          kind === 'rtp'
            ? `${body.readUInt16BE(body.length - 2)}`
            : kind === 'event'
              ? JSON.parse(body.toString()).type
              : kind
        if (what !== kept.at(-1) && what !== 'closed' && what !== 'checkpoint') kept.push(what)
      }
      tracks.push(kept)
    }
    return tracks
  }
  return { world, camera, room, frame, film, read }
}
const marks = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`)

for (const codec of ['VP8', 'H264'] as const) {
  t.test(`[CS14] [CS15] ${codec}: the film goes on with a key frame filmed after the opening`, async t => {
    const { world, camera, room, frame, film, read } = await house(t)
    room.started(codec, 1)
    film({ codec, ssrc: 1, from: 1, to: 30, key: true })
    camera.shut()
    t.ok(room.shut)
    film({ codec, ssrc: 1, from: 100, to: 130 })
    camera.unshut()
    t.notOk(room.shut)
    world.nowMs += 10
    frame({ codec, ssrc: 1, kind: 'key', mark: 130, agoMs: LATENCY_MS + 30 })
    frame({ codec, ssrc: 1, kind: 'key', mark: 131, agoMs: 2_000 })
    world.nowMs += 40
    // Deltas after those show what was filmed before, in part.
    film({ codec, ssrc: 1, from: 140, to: 143 })
    // The rest of a key frame whose beginning is missing is none.
    frame({ codec, ssrc: 1, kind: 'key', mark: 144, skip: 1 })
    film({ codec, ssrc: 1, from: 200, to: 203, key: true })
    frame({ codec, ssrc: 1, kind: 'delta', mark: 145, agoMs: 300 })
    t.same(await read(), [[...marks(1, 30), 'paused', 'resumed', ...marks(200, 203)]])
  })

  t.test(
    `[CS16] ${codec}: a camera that starts behind it has no track before it opens, and begins with a key frame`,
    async t => {
      const { world, camera, room, frame, film, read } = await house(t)
      camera.shut()
      room.started(codec, 2)
      film({ codec, ssrc: 2, from: 100, to: 150, key: true })
      camera.unshut()
      world.nowMs += 5
      frame({ codec, ssrc: 2, kind: 'key', mark: 150, agoMs: LATENCY_MS + 30 })
      film({ codec, ssrc: 2, from: 151, to: 153 })
      film({ codec, ssrc: 2, from: 200, to: 203, key: true })
      t.same(await read(), [marks(200, 203)])
    },
  )

  t.test(`[CS16] ${codec}: a camera that starts as it opens brings nothing along that was on its way`, async t => {
    const { world, camera, room, frame, film, read } = await house(t)
    camera.shut()
    camera.unshut()
    room.started(codec, 3)
    world.nowMs += 5
    frame({ codec, ssrc: 3, kind: 'key', mark: 100, agoMs: 200 })
    film({ codec, ssrc: 3, from: 101, to: 130 })
    t.ok(room.keyFramesWanted > 0, 'a key frame is asked for, or the film would never begin')
    t.ok(room.keyFramesWanted < 10, 'and not with every packet')
    film({ codec, ssrc: 3, from: 200, to: 203, key: true })
    t.same(await read(), [marks(200, 203)])
  })
}

t.test('[CS2] [CS10] leave to record that is taken back behind the shutter holds when it opens', async t => {
  const { world, camera, room, film, read } = await house(t)
  room.started('VP8', 1)
  film({ codec: 'VP8', ssrc: 1, from: 1, to: 30, key: true })
  camera.shut()
  world.keeps = false
  camera.keepsChanged()
  camera.unshut()
  film({ codec: 'VP8', ssrc: 1, from: 100, to: 110, key: true })
  world.keeps = true
  camera.keepsChanged()
  film({ codec: 'VP8', ssrc: 1, from: 200, to: 203, key: true })
  t.same(await read(), [[...marks(1, 30), 'paused'], marks(200, 203)])
})

t.test('[CS16] a room that comes up behind it is shut from its first moment; a dead one is not waited for', async t => {
  const { camera, film, room, read } = await house(t)
  room.started('VP8', 1)
  film({ codec: 'VP8', ssrc: 1, from: 1, to: 30, key: true })
  camera.shut()
  room.events.emit('videoEnded', by)
  const next = new HandRoom()
  camera.watch(next)
  t.ok(next.shut)
  camera.unshut()
  t.notOk(next.shut)
  t.same(await read(), [[...marks(1, 30), 'paused']])
})
