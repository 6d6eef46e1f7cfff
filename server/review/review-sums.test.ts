import t from 'tap'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { auditPeople, type WatchLine } from './audit-patterns.ts'
import { drawSample, periodOf } from './draw-sample.ts'
import { maskEverywhere, maskNumber, maskNumbersIn } from './mask-number.ts'
import { mergeSpans } from './merge-spans.ts'

const calls = Array.from({ length: 60 }, (_, n) => ({
  callId: newId('call'),
  agentId: `agent${n % 3}`,
  answeredAt: new Date(Date.UTC(2026, 10, 1 + (n % 20))).toISOString(),
}))

t.test('[RW47] lots fall by seed and call alone, whatever order the calls come in', async t => {
  const method = { kind: 'random', size: 10 } as const
  const one = drawSample(calls, method, 'a')
  t.same(drawSample([...calls].reverse(), method, 'a'), one)
  t.notSame(drawSample(calls, method, 'b'), one)
  // A call more displaces at most one.
  const more = drawSample([...calls, { callId: newId('call'), agentId: 'x', answeredAt: '2026-11-01' }], method, 'a')
  t.ok(one.filter(({ callId }) => more.some(other => other.callId === callId)).length >= 9)
  const seen = new Map<CallId, number>()
  for (let seed = 0; seed < 600; seed++)
    for (const { callId } of drawSample(calls, method, `${seed}`)) seen.set(callId, (seen.get(callId) ?? 0) + 1)
  // 100 expected of each; six standard deviations (9.1) are 55.
  t.ok(
    calls.every(({ callId }) => Math.abs((seen.get(callId) ?? 0) - 100) < 55),
    'every call has the same chance',
  )
})

t.test('[RW48] a quota takes so many of each agent in each period, fewer where there are fewer', async t => {
  const drawn = drawSample(calls, { kind: 'quota', perAgent: 2, period: 'week' }, 'q')
  const strata = Map.groupBy(drawn, one => one.stratum)
  t.ok(strata.size >= 9)
  for (const [stratum, its] of strata) t.equal(its.length, Math.min(2, its[0]?.ofStratum ?? 0), stratum)
  t.equal(periodOf('2027-01-01T00:00:00.000Z', 'week'), '2026-W53')
  t.equal(periodOf('2026-12-28T23:59:59.000Z', 'week'), '2026-W53')
})

t.test('[RW10] masking leaves the last four of numbers, in texts too, and everything else', async t => {
  t.equal(maskNumber('13800138000'), '•••••••8000')
  t.equal(maskNumber('021'), '•••')
  t.equal(
    maskNumbersIn('打 13800138000 或 110101199003077758，订单 123，v1.2345678901'),
    '打 •••••••8000 或 ••••••••••••••7758，订单 123，v1.2345678901',
  )
  const entry = { a: ['x 13800138000', 5], b: { c: '13800138000' }, d: [1, 2] }
  const masked = maskEverywhere(entry, '13800138000')
  t.same(masked, { a: ['x •••••••8000', 5], b: { c: '•••••••8000' }, d: [1, 2] })
  t.equal(masked.d, entry.d, 'what has no number stays the same object')
})

t.test('[RW54] unusual numbers are told against what is usual', async t => {
  const line = (user: string, day: string, action: WatchLine['action'], callId = newId('call')): WatchLine => ({
    at: `2026-11-${day}T10:00:00.000Z`,
    user: { id: user, name: user },
    callId,
    action,
    detail: 'why',
  })
  const usual = ['01', '02', '03', '04'].flatMap(day => [line('ann', day, 'open'), line('ann', day, 'open')])
  const many = Array.from({ length: 12 }, () => line('bob', '02', 'open'))
  const same = many.slice(0, 4).map(one => one.callId)
  const people = auditPeople({
    lines: [...usual, ...many],
    assigned: new Set(),
    customerOf: id => ({ key: same.includes(id) ? 'one' : id, masked: '••0' }),
  })
  const kinds = (name: string) => people.find(one => one.user.id === name)?.patterns.map(one => one.kind)
  t.same(kinds('ann'), ['opened-unassigned', 'opened-not-played'])
  t.same(kinds('bob'), ['opened-unassigned', 'many-in-a-day', 'opened-not-played', 'same-customer'])
  t.match(people[1]?.patterns[1], { day: '2026-11-02', count: 12, usual: 2 })
  t.same(
    mergeSpans([
      [5, 9],
      [0, 2],
      [2, 3],
      [8, 8],
    ]),
    [
      [0, 3],
      [5, 9],
    ],
  )
})
