import t from 'tap'
import type { MarkPose } from '../../signaling/protocol/mark.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { LiveMark, Tracked } from '../shared/live/live-tracking.ts'
import type { Homography } from '../shared/tracking/homography.ts'
import { PoseReporter } from './live-poses.ts'

const anchor = { rtpTimestamp: 7, widthPx: 640, heightPx: 480, epoch: 0 }
const live: LiveMark = { anchor, mark: { id: newId('mark'), colour: 'red', shape: 'pen', points: [[0.5, 0.5]] } }
const at = (x: number): Homography => [1, 0, x, 0, 1, 0, 0, 0, 1]
const tracked = (
  homography: Homography | undefined,
  state: 'tracking' | 'lost' | 'searching' = 'tracking',
): Tracked => ({
  rtpTimestamp: 90,
  poses: new Map([['0:7', { placeId: '0:7', state, homography, confidence: 1 }]]),
})

t.test('[TRK44] poses are told when they changed noticeably, at most five times a second', async t => {
  const sent: MarkPose[][] = []
  let nowMs = 0
  const reporter = new PoseReporter(
    (_, poses) => sent.push(poses),
    () => nowMs,
  )
  const callId = newId('call')
  const report = (what: Tracked, afterMs: number) => {
    nowMs += afterMs
    reporter.report(callId, [live], what)
  }
  report(tracked(undefined, 'searching'), 0)
  t.equal(sent.length, 0, 'never found yet: nothing to tell')
  report(tracked(at(0)), 33)
  t.equal(sent[0]?.[0]?.state, 'tracking')
  report(tracked(at(0.2)), 33)
  t.equal(sent.length, 1, 'too soon')
  report(tracked(at(0.002)), 300)
  t.equal(sent.length, 1, 'hardly moved')
  report(tracked(at(0.02)), 33)
  t.equal(sent.length, 2)
  report(tracked(undefined, 'lost'), 300)
  t.same(sent[2], [{ markId: live.mark.id, rtpTimestamp: 90, state: 'lost' }])
  report(tracked(undefined, 'lost'), 300)
  t.equal(sent.length, 3, 'still lost is no news')
  for (let i = 0; i < 60; i += 1) report(tracked(at(i / 60)), 33)
  t.ok(sent.length - 3 <= 10, `${sent.length - 3} in two seconds`)
})
