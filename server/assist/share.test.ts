import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { RoomEvents } from '../../media/room/room-events.ts'
import { TypedEmitter } from '../../media/room/typed-emitter.ts'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallLog } from '../calls/call-log.ts'
import { CallShare } from './share.ts'

const agent = newId('part')
const logger = { debug() {}, info() {}, warn() {}, error() {} }

/** A room driven by hand: it tells what a real one tells when a screen comes and goes. */
class HandRoom {
  readonly #events = new TypedEmitter<RoomEvents>(() => {})
  #shares = false
  on = this.#events.on.bind(this.#events)
  start(): void {
    this.#shares = true
    const video = { participantId: agent, producerId: 'p', codec: 'VP8', payloadType: 101, clockRate: 90_000, ssrc: 7 }
    this.#events.emit('screenStarted', video as RoomEvents['screenStarted'][0])
  }
  packet(): void {
    const rtp = Buffer.alloc(20)
    rtp[0] = 0x80
    rtp[1] = 101
    this.#events.emit('screenRtp', rtp)
  }
  stopScreen(): void {
    if (!this.#shares) return
    this.#shares = false
    this.#events.emit('screenEnded', agent)
  }
  requestScreenKeyFrame(): void {}
  readonly holds: boolean[] = []
  async holdScreen(on: boolean): Promise<void> {
    this.holds.push(on)
  }
  die(): void {
    this.#shares = false
    this.#events.emit('workerDied')
  }
}

async function house(t: { teardown(end: () => unknown): void }) {
  const root = await mkdtemp(join(tmpdir(), 'tongping-share-'))
  const callId = newId('call')
  const archive = await CallArchive.open({ root, callId, nowMs: () => performance.now(), logger, onDegraded() {} })
  const types: string[] = []
  const log: CallLog = new CallLog(archive, entry => {
    types.push(entry.type)
    share.noticed(entry)
  })
  const world = { allowed: true }
  const share: CallShare = new CallShare({ log, archive, allowed: () => world.allowed })
  log.write({
    type: 'call.answered',
    callId,
    wallClock: new Date().toISOString(),
    from: '1',
    to: '2',
    agent: { id: newId('user'), name: 'a' },
    voiceCodec: 'PCMU',
  })
  const room = new HandRoom()
  share.watch(room)
  share.watch(room)
  t.teardown(async () => {
    share.close()
    await archive.discard()
    await rm(root, { recursive: true, force: true })
  })
  return { archive, log, room, share, types: () => types.splice(0), world }
}

t.test('[PUSH10] a share begins once, is kept as a track, and ends once', async t => {
  const { archive, room, share, types } = await house(t)
  types()
  room.start()
  room.packet()
  t.same(types(), ['share.started'])
  share.stop()
  share.stop()
  t.same(types(), ['share.stopped'])
  t.notOk(share.active)
  const [track] = await archive.closeTracks()
  t.match(track, { track: 'agent-screen', codec: 'VP8', packetsReceived: 1 })
})

t.test(
  '[VC54] a hold pauses the screen that is shared, the one shared meanwhile, and the one of the next room',
  async t => {
    const { archive, room, share } = await house(t)
    room.start()
    share.hold(true)
    share.hold(true)
    t.same(room.holds, [true])
    room.start()
    const next = new HandRoom()
    share.watch(next)
    t.same(next.holds, [true], 'a room that takes the place of a dead one')
    share.hold(false)
    t.same(next.holds, [true, false])
    next.start()
    share.close()
    const tracks = await archive.closeTracks()
    t.equal(tracks.length, 3)
  },
)

t.test('[PUSH10] what is not on the stage any more is not sent any more', async t => {
  const { log, room, share, types, world } = await house(t)
  const endings = [
    () => log.write({ type: 'stage.live', by: agent }),
    () => log.write({ type: 'stage.page', by: agent, pageId: newId('page') }),
    () => {
      world.allowed = false
      log.write({
        type: 'scenario.chosen',
        by: agent,
        scenario: 'claim',
        title: { 'zh-CN': 'x', en: 'x' },
        retentionClass: 'x',
        tools: [],
      })
    },
    () => room.die(),
    () => share.close(),
  ]
  for (const end of endings) {
    room.start()
    types()
    end()
    t.equal(types().at(-1), 'share.stopped', String(end))
    t.notOk(share.active)
  }
})

t.test(
  '[PUSH10] a newer share replaces the older one, and a kind of call that keeps the tool keeps the share',
  async t => {
    const { log, room, share, types } = await house(t)
    room.start()
    types()
    room.start()
    t.same(types(), ['share.stopped', 'share.started'])
    log.write({
      type: 'scenario.chosen',
      by: agent,
      scenario: 'repair',
      title: { 'zh-CN': 'x', en: 'x' },
      retentionClass: 'x',
      tools: [],
    })
    t.ok(share.active)
  },
)
