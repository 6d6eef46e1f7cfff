import t from 'tap'
import { temporaryFolder } from '../fixture.ts'
import { crashAt, traceCall } from './crash-campaign.ts'

/** A small generator of our own, so that a failure can be seen again (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let z = Math.imul(state ^ (state >>> 15), state | 1)
    z = (z + Math.imul(z ^ (z >>> 7), z | 61)) ^ z
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296
  }
}

t.test(
  '[NL1] a call killed, or its power cut, after any request to the disk loses nothing that was told or confirmed',
  async t => {
    const root = await temporaryFolder(t)
    const call = await traceCall(root)
    t.ok(call.ops.length > 150, `${call.ops.length} requests to the disk`)
    t.ok(call.ops.some(op => op.kind === 'synced'))
    t.ok(call.ops.some(op => op.kind === 'folder-synced'))
    const points = call.ops.map((_, index) => index + 1)
    const random = seeded(4)
    for (const kind of ['kill', 'power', 'torn'] as const)
      t.same(await crashAt({ call, root, points, kind, random }), [], `${kind} at each of ${points.length} points`)
  },
)
