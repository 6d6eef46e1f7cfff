import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { IntakeError } from '../../media/picture/intake-error.ts'
import { makeSafe } from '../../media/picture/safe-picture.ts'
import { isSameView } from '../../media/picture/same-view.ts'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { CameraState } from '../../signaling/protocol/call.ts'
import type { PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { Picture } from '../../signaling/protocol/page.ts'
import type { Rung } from '../../signaling/protocol/phone.ts'
import { until } from '../../test/harness/until.ts'
import { CallLog } from '../calls/call-log.ts'
import { CallStage } from './call-stage.ts'
import { Pages } from './pages.ts'
import { Shutter } from './shutter.ts'
import { sameShape } from './still-result.ts'

const agent = newId('part')
const caller = newId('part')
const logger = { debug() {}, info() {}, warn() {}, error() {} }
const jpeg = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'navy' } })
    .jpeg()
    .toBuffer()

/** A shutter with a real archive, journal and stage; camera, network and phone are set by hand. */
async function house(t: { teardown(end: () => unknown): void }, o: { stillMs?: number } = {}) {
  const root = await mkdtemp(join(tmpdir(), 'tongping-shutter-'))
  const callId = newId('call')
  const archive = await CallArchive.open({ root, callId, nowMs: () => performance.now(), logger, onDegraded() {} })
  const entries: JournalEntry[] = []
  const log: CallLog = new CallLog(archive, entry => {
    stage.fold(entry)
    entries.push(entry)
  })
  const stage = new CallStage(log)
  const pages = new Pages({ archive, log })
  log.write({
    type: 'call.answered',
    callId,
    wallClock: new Date().toISOString(),
    from: '1',
    to: '2',
    agent: { id: newId('user'), name: 'a' },
    voiceCodec: 'PCMU',
  })
  const world = {
    camera: 'live' as CameraState,
    rung: 'live' as Rung,
    latest: undefined as Picture | undefined,
    mayKeep: true,
    busy: false,
    counted: [] as string[],
    connected: true,
    asked: [] as PageId[],
    frame: await jpeg(640, 480),
  }
  const shutter = new Shutter({
    log,
    pages,
    stage,
    camera: {
      get state() {
        return world.camera
      },
      still: async () => ({
        bytes: world.frame,
        type: 'image/jpeg',
        widthPx: 640,
        heightPx: 480,
        rtpTimestamp: 7,
      }),
    },
    intake: {
      take: async bytes => {
        if (world.busy) throw new IntakeError('busy')
        return makeSafe(bytes)
      },
      isSameView: (frame, still) => isSameView({ frame, still }),
    },
    scan: () => ({ rung: world.rung, latest: world.latest }),
    mayKeep: () => world.mayKeep,
    ask: pageId => {
      world.asked.push(pageId)
      return world.connected
    },
    caller: () => caller,
    counted: result => void world.counted.push(result),
    deadlines: { stillMs: o.stillMs ?? 60_000, onlyStillMs: o.stillMs ?? 60_000 },
  })
  t.teardown(async () => {
    shutter.close()
    await archive.discard()
    await rm(root, { recursive: true, force: true })
  })
  const of = (type: JournalEntry['type']) => entries.filter(entry => entry.type === type)
  return { shutter, pages, stage, log, archive, world, of }
}

t.test(
  '[PIC16] on the slow scan the newest still is the page at once, and the phone is asked for a better one',
  async t => {
    const { shutter, pages, stage, world, of } = await house(t)
    world.rung = 'slow-scan'
    world.latest = await pages.keep('scan-1', {
      bytes: await jpeg(640, 480),
      type: 'image/jpeg',
      widthPx: 640,
      heightPx: 480,
      source: 'slow-scan',
    })
    const pageId = await shutter.press(agent)
    t.match(of('page.added'), [{ page: { id: pageId, kind: 'camera', picture: { source: 'slow-scan' } } }])
    t.equal(stage.stage.showing, pageId)
    t.same(world.asked, [pageId])
    t.equal(await shutter.arrived(caller, pageId, 'photo', await jpeg(1280, 960)), pageId)
    t.match(of('page.bettered'), [{ pageId, picture: { source: 'phone-photo', widthPx: 1280 } }])

    world.latest = undefined
    const waiting = shutter.press(agent)
    const asked = await until('the phone to be asked', () => world.asked[1])
    await shutter.arrived(caller, asked, 'frame', await jpeg(1280, 720))
    t.equal(await waiting, asked, 'without a fresh one the agent waits')
  },
)

t.test('[PIC17] nobody is photographed who paused the camera, and nothing is kept without consent', async t => {
  const { shutter, world, of } = await house(t)
  for (const camera of ['paused', 'stopped', 'none'] as const) {
    for (const rung of ['live', 'slow-scan', 'photo'] as const) {
      world.camera = camera
      world.rung = rung
      await t.rejects(shutter.press(agent), { code: 'conflict' }, `${camera} on ${rung}`)
    }
  }
  world.camera = 'live'
  world.rung = 'live'
  world.mayKeep = false
  await t.rejects(shutter.press(agent), { code: 'forbidden' })
  t.same(of('page.added'), [])
  t.same(world.asked, [])
})

t.test('[PIC18] a still that nobody sends is told when its time is up; after close nothing waits', async t => {
  const { shutter, world, of } = await house(t, { stillMs: 20 })
  const pageId = await shutter.press(agent)
  await until('the time to be up', () => of('still.failed').length > 0)
  t.match(of('still.failed'), [{ pageId, by: caller, reason: 'timeout' }])
  await t.rejects(shutter.arrived(caller, pageId, 'photo', await jpeg(1280, 960)), { code: 'gone' })
  world.rung = 'photo'
  await t.rejects(shutter.press(agent), { code: 'unavailable' })
  world.connected = false
  await t.rejects(shutter.press(agent), { code: 'unavailable' })
  t.match(of('still.failed').at(-1), { reason: 'phone-not-connected' })
  t.same(world.counted, ['timeout', 'timeout', 'phone-not-connected'])

  const late = await house(t)
  late.world.rung = 'photo'
  const waiting = t.rejects(late.shutter.press(agent), { code: 'gone' })
  await until('the phone to be asked', () => late.world.asked[0])
  late.shutter.close()
  await waiting
})

t.test('[PIC13] a still refused because the house is busy may be sent again', async t => {
  const { shutter, world, of } = await house(t)
  const pageId = await shutter.press(agent)
  world.busy = true
  await t.rejects(shutter.arrived(caller, pageId, 'photo', await jpeg(1280, 960)), /too many pictures/)
  world.busy = false
  t.equal(await shutter.arrived(caller, pageId, 'photo', await jpeg(1280, 960)), pageId)
  t.same(of('still.failed'), [])
})

t.test('[PIC19] a phone that comes back is asked again for what it has not sent', async t => {
  const { shutter, world, of } = await house(t)
  world.connected = false
  const pageId = await shutter.press(agent)
  t.same(of('still.failed'), [])
  world.connected = true
  shutter.askAgain()
  t.same(world.asked, [pageId, pageId])
  t.equal(await shutter.arrived(caller, pageId, 'photo', await jpeg(1280, 960)), pageId)
  shutter.askAgain()
  t.equal(world.asked.length, 2, 'not for what has arrived')
})

t.test('[PIC33] once something is drawn, only the very same view betters the page', async t => {
  const { shutter, stage, world, of } = await house(t)
  const rings = (left: number) =>
    sharp(
      Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="640" height="480" fill="#bbb"/>
      ${Array.from({ length: 20 }, (_, i) => `<circle cx="${left + (i % 5) * 120}" cy="${70 + Math.floor(i / 5) * 110}" r="${12 + ((i * 29) % 37)}" fill="#${(i * 41 + 100) % 900}"/>`).join('')}</svg>`),
    )
  world.frame = await rings(60).jpeg().toBuffer()
  const drawnOn = async () => {
    const pageId = await shutter.press(agent)
    const mark = { id: newId('mark'), colour: 'red' as const, shape: 'circle' as const }
    stage.begin({ by: agent, role: 'agent' }, pageId, { ...mark, points: [[0.3, 0.3]] })
    return pageId
  }
  const still = await drawnOn()
  t.equal(await shutter.arrived(caller, still, 'photo', await rings(60).resize(1600).jpeg().toBuffer()), still)
  t.match(of('page.bettered'), [{ pageId: still }])
  const moved = await drawnOn()
  const own = await shutter.arrived(caller, moved, 'photo', await rings(110).resize(1600).jpeg().toBuffer())
  t.not(own, moved)
  t.match(of('page.added').at(-1), { page: { kind: 'photo', of: moved } })
  t.equal(stage.stage.showing, moved, 'the marked page stays before the eyes')
})

t.test('[PIC11] shapes are the same within two per cent', t => {
  const size = (widthPx: number, heightPx: number) => ({ widthPx, heightPx })
  t.ok(sameShape(size(640, 480), size(4032, 3024)))
  t.ok(sameShape(size(1280, 720), size(1920, 1088)))
  t.notOk(sameShape(size(640, 480), size(480, 640)))
  t.notOk(sameShape(size(1280, 720), size(4032, 3024)))
  t.end()
})

t.test('[PIC25] what is being written when the call ends is waited for; afterwards nothing is written', async t => {
  const { pages, archive } = await house(t)
  const picture = {
    bytes: await jpeg(64, 48),
    type: 'image/jpeg',
    widthPx: 64,
    heightPx: 48,
    source: 'caller-file',
  } as const
  const writing = pages.keep('page_a', picture)
  await pages.close()
  t.same(await readFile(join(archive.folder, 'pictures/page_a.jpg')), picture.bytes)
  await writing
  await t.rejects(pages.keep('page_b', picture), { code: 'gone' })
})
