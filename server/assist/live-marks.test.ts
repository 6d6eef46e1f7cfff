import t, { type Test } from 'tap'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { MarkId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry, JournalType } from '../../signaling/protocol/journal-entry.ts'
import type { MarkPose } from '../../signaling/protocol/mark.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallLog } from '../calls/call-log.ts'
import { CallStage } from './call-stage.ts'
import { LiveMarks } from './live-marks.ts'

const agent = newId('part')
const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1]

async function liveCall(t: Pick<Test, 'testdir' | 'teardown'>) {
  const archive = await CallArchive.open({
    root: t.testdir({}),
    callId: newId('call'),
    nowMs: () => performance.now(),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    onDegraded() {},
  })
  t.teardown(() => archive.discard())
  const told: JournalEntry[] = []
  const log: CallLog = new CallLog(archive, entry => {
    stage.fold(entry)
    told.push(entry)
  })
  const stage = new CallStage(log)
  const clock = { nowMs: 1_000 }
  const live = new LiveMarks({ log, stage: () => stage.stage, nowMs: () => clock.nowMs })
  const draw = (): MarkId => {
    const id = newId('mark')
    const anchor = { rtpTimestamp: 90_000, widthPx: 640, heightPx: 480, epoch: 0 }
    stage.begin(
      { by: agent, role: 'agent' },
      'live',
      { id, shape: 'pen', colour: 'red', points: [[0.5, 0.5]] },
      { anchor },
    )
    return id
  }
  const count = (type: JournalType) => told.filter(entry => entry.type === type).length
  return { live, stage, told, clock, draw, count }
}
const at = (markId: MarkId, state: MarkPose['state'] = 'tracking'): MarkPose => ({
  markId,
  rtpTimestamp: 93_000,
  state,
  ...(state === 'tracking' && { homography: IDENTITY }),
})

t.test('[TRK20] poses are journalled a few times a second; a mark lost or found is journalled at once', async t => {
  const { live, stage, clock, draw, count } = await liveCall(t)
  const id = draw()
  live.pose(agent, [at(id)])
  clock.nowMs += 100
  live.pose(agent, [at(id)])
  t.equal(count('marks.posed'), 1, 'too soon')
  live.pose(agent, [at(id, 'lost')])
  t.equal(count('marks.posed'), 2, 'news')
  t.equal(stage.stage.live.marks[0]?.pose?.state, 'lost')
  clock.nowMs += 200
  live.pose(agent, [at(id, 'lost')])
  t.equal(count('marks.posed'), 3)
})

t.test('[TRK21] poses of marks that are not to be seen are passed over; a place is told while tracking', async t => {
  const { live, stage, draw, count } = await liveCall(t)
  const [one, other] = [draw(), draw()]
  stage.undo({ by: agent, role: 'agent' }, 'live')
  live.pose(agent, [at(other), at(newId('mark'))])
  t.equal(count('marks.posed'), 0)
  t.throws(() => live.pose(agent, [{ markId: one, rtpTimestamp: 1, state: 'tracking' }]), { code: 'bad-request' })
  t.equal(count('marks.posed'), 0)
})

t.test('[TRK22] the pointer leaves at most five samples a second in the record', async t => {
  const { live, clock, told, count } = await liveCall(t)
  for (let i = 0; i < 30; i += 1) {
    live.point(agent, 'live', [[i / 30, 0.5, 0]])
    clock.nowMs += 33
  }
  t.equal(count('pointer.moved'), 5)
  const points = Array.from({ length: 30 }, (_, i): [number, number, number] => [i / 30, 0.5, i * 33])
  clock.nowMs += 1_000
  live.point(agent, 'live', points)
  const entry = told.at(-1)
  t.ok(entry?.type === 'pointer.moved' && entry.points.length === 6, 'the sixth of them and the newest')
  t.throws(() => live.point(agent, newId('page'), [[0, 0, 0]]), { code: 'not-found' })
})

t.test('[TRK23] a frame of another shape is another epoch; another resolution is not', async t => {
  const { live, stage, count } = await liveCall(t)
  const seen = (widthPx: number, heightPx: number) => live.frameSeen(agent, { widthPx, heightPx })
  seen(1280, 720)
  seen(640, 360)
  seen(320, 180)
  t.equal(stage.stage.epoch, 0)
  seen(360, 640)
  t.equal(stage.stage.epoch, 1)
  seen(720, 1280)
  seen(1280, 720)
  t.equal(stage.stage.epoch, 2)
  t.equal(count('camera.turned'), 2)
})
