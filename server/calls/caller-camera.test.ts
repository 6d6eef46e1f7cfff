import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { RoomEvents } from '../../media/room/room-events.ts'
import { TypedEmitter } from '../../media/room/typed-emitter.ts'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallerCamera } from './caller-camera.ts'

const by = newId('part')

/** A camera that is live, in a room whose media worker answers when the test says so. */
async function live() {
  const events = new TypedEmitter<RoomEvents>((_event, error) => {
    throw error
  })
  const asked: string[] = []
  let answer = () => {}
  const room = {
    on: events.on.bind(events),
    shutVideo: async () => {},
    requestKeyFrame() {},
    pauseVideo: async () => void asked.push('pause'),
    resumeVideo: () => {
      asked.push('resume')
      return new Promise<void>(done => {
        answer = done
      })
    },
    closeVideo() {},
  }
  const written: string[] = []
  const log = {
    write: (event: JournalEvent) =>
      void written.push('because' in event && event.because ? `${event.type} ${event.because}` : event.type),
  }
  const camera = new CallerCamera({
    ...{ log: log as never, archive: { openTrack: () => undefined } as never, ffmpegBin: '' },
    ...{ expectsVideo: () => true, keeps: () => false },
    events: { changed() {}, firstPicture() {}, trouble() {}, frameSeen() {} },
  })
  camera.watch(room as never)
  const video = { participantId: by, producerId: 'p', codec: 'VP8', payloadType: 101, clockRate: 90_000, ssrc: 7 }
  camera.expected(by)
  events.emit('videoStarted', video as never)
  events.emit('firstVideoPacket', by)
  written.length = 0
  return {
    camera,
    asked,
    written,
    async workerAnswers() {
      answer()
      await sleep(1)
    },
  }
}

t.test(
  '[VC22] the picture pauses with the voice and comes back with it, and the record says because of what',
  async t => {
    const { camera, written, workerAnswers } = await live()
    camera.hold(true)
    camera.hold(false)
    await workerAnswers()
    t.equal(camera.state, 'live')
    t.same(written, ['camera.paused hold', 'camera.resumed hold'])
  },
)

t.test('[VC22] held again before the picture was back: it stays paused, and comes back after that hold', async t => {
  const { camera, asked, written, workerAnswers } = await live()
  camera.hold(true)
  camera.hold(false)
  camera.hold(true)
  await workerAnswers()
  t.equal(camera.state, 'paused')
  t.equal(asked.at(-1), 'pause')
  t.same(written, ['camera.paused hold'], 'it was not back in between')
  camera.hold(false)
  await workerAnswers()
  t.equal(camera.state, 'live')
  t.same(written, ['camera.paused hold', 'camera.resumed hold'])
})
