import t from 'tap'
import type { RequestData, RequestName } from '../../signaling/protocol/catalogue.ts'
import type { Anchor, Mark } from '../../signaling/protocol/mark.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { Homography } from '../shared/tracking/homography.ts'
import { type Anchoring, Anchorings, NothingToHold, type Request } from './live-anchorings.ts'

const callId = newId('call')
const ANCHOR: Anchor = { rtpTimestamp: 900, widthPx: 640, heightPx: 480, epoch: 0, features: 'AAAA' }
/** The held frame lies a tenth of the picture to the right of the anchor frame. */
const SHIFT: Homography = [1, 0, 0.1, 0, 1, 0, 0, 0, 1]

function pen(first: Promise<Anchoring> | undefined) {
  const sent: { name: RequestName; data: RequestData<'mark.begin'> & RequestData<'mark.extend'> }[] = []
  const hold = { current: first }
  const request: Request = async (name, data) => {
    sent.push({ name, data: data as never })
    return {} as never
  }
  const anchorings = new Anchorings(request, () => hold.current)
  const begin = (mark: Mark) => anchorings.wire('mark.begin', { callId, on: 'live', mark })
  const extend = (mark: Mark, x: number) =>
    anchorings.wire('mark.extend', { callId, on: 'live', markId: mark.id, points: [[x, 0.5]] })
  return { sent, hold, anchorings, begin, extend }
}
const stroke = (): Mark => ({ id: newId('mark'), colour: 'red', shape: 'pen', points: [[0.5, 0.5]] })

t.test('[TRK11] points drawn on the held frame travel as points of the anchor frame, in order', async t => {
  const { sent, begin, extend } = pen(Promise.resolve({ anchor: ANCHOR, toAnchor: SHIFT }))
  const mark = stroke()
  await Promise.all([begin(mark), extend(mark, 0.6), extend(mark, 0.95)])
  t.same(
    sent.map(one => one.name),
    ['mark.begin', 'mark.extend', 'mark.extend'],
  )
  t.same(sent[0]?.data.mark.points, [[0.6, 0.5]])
  t.same(sent[1]?.data.points, [[0.7, 0.5]])
  t.same(sent[2]?.data.points, [[1, 0.5]], 'what lies beyond the anchor frame is pulled to its edge')
})

t.test(
  '[TRK42] the phone is turned in the middle of a stroke: every point stays on the frame it was drawn on',
  async t => {
    const { sent, hold, begin, extend } = pen(Promise.resolve({ anchor: ANCHOR, toAnchor: undefined }))
    const mark = stroke()
    await begin(mark)
    await extend(mark, 0.55)
    // The next frames are upright; whoever draws still looks at the held one.
    const turned: Anchor = { ...ANCHOR, rtpTimestamp: 990, widthPx: 480, heightPx: 640, epoch: 1 }
    hold.current = Promise.resolve({ anchor: turned, toAnchor: undefined })
    await extend(mark, 0.6)
    const next = stroke()
    await begin(next)
    t.same(
      sent.slice(1, 3).map(one => one.data.points),
      [[[0.55, 0.5]], [[0.6, 0.5]]],
    )
    t.equal(sent[0]?.data.anchor?.epoch, 0)
    t.equal(sent[3]?.data.anchor?.epoch, 1, 'the next stroke belongs to the upright frame')
  },
)

t.test('[TRK43] features travel once for each anchor', async t => {
  const { sent, begin } = pen(Promise.resolve({ anchor: ANCHOR, toAnchor: undefined }))
  await begin(stroke())
  await begin(stroke())
  t.equal(sent[0]?.data.anchor?.features, 'AAAA')
  t.equal(sent[1]?.data.anchor?.features, undefined)
  t.equal(sent[1]?.data.anchor?.rtpTimestamp, 900)
})

t.test('[TRK4] a stroke with nothing to hold on to never reaches the server', async t => {
  const refused = Promise.reject(new NothingToHold())
  refused.catch(() => {})
  const { sent, begin, extend } = pen(refused)
  const mark = stroke()
  for (const asked of [begin(mark), extend(mark, 0.6)]) {
    const error: unknown = await asked.catch((reason: unknown) => reason)
    t.ok(error instanceof NothingToHold)
  }
  t.equal(sent.length, 0)
})

t.test('[TRK43] what is drawn on pages passes as it is', async t => {
  const { sent, anchorings } = pen(undefined)
  await anchorings.wire('mark.begin', { callId, on: newId('page'), mark: stroke() })
  await anchorings.wire('ink.undo', { callId, on: 'live' })
  t.same(
    sent.map(one => one.name),
    ['mark.begin', 'ink.undo'],
  )
  t.equal(sent[0]?.data.anchor, undefined)
})
