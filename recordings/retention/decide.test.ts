import fc from 'fast-check'
import t from 'tap'
import { endOfDayMs, lastDay, localDay } from './calendar.ts'
import { type BusinessEvent, decideRetention, type RetentionFacts } from './decide.ts'
import { periodOf } from './keep-duration.ts'
import { type KeepRule, parsePolicy, RetentionPolicy } from './policy.ts'

const policyWith = (keep: KeepRule | 'for-ever', more: object = {}) =>
  RetentionPolicy.parse({
    version: 'test',
    timeZone: 'Asia/Shanghai',
    classes: [{ id: 'a', title: { 'zh-CN': '甲', en: 'A' }, keep, ...more }],
    erasure: { answerWithin: 'P1M' },
  })
const clock = (after: string, keep: string, more: object = {}) => ({
  after,
  keep,
  ifAny: false,
  statutory: true,
  basis: '',
  ...more,
})
const factsWith = (more: Partial<RetentionFacts> = {}): RetentionFacts => ({
  retentionClass: 'a',
  endedAt: '2026-01-31T10:00:00.000Z',
  events: [],
  holds: [],
  erasureRequested: false,
  ...more,
})
const at = (text: string) => Date.parse(text)
const FAR = at('2126-01-01T00:00:00Z')

t.test(
  '[RT1] calendar arithmetic is exact: month ends, 29 February, the zone of the policy, a skipped midnight',
  async t => {
    const last = (day: string, keep: string) => lastDay(day, periodOf(keep))
    t.equal(last('2026-01-31', 'P1M'), '2026-02-28')
    t.equal(last('2024-02-29', 'P1Y'), '2025-02-28')
    t.equal(last('2024-02-29', 'P4Y'), '2028-02-29')
    t.equal(last('2026-08-31', 'P6M'), '2027-02-28')
    t.equal(last('2026-12-31', 'P1Y2M3D'), '2028-03-03', 'months first, then days')
    t.equal(last('2026-02-27', 'P2W'), '2026-03-13')
    t.equal(localDay('2026-01-31T16:30:00Z', 'Asia/Shanghai'), '2026-02-01')
    t.equal(localDay('2026-01-31T16:30:00Z', 'America/New_York'), '2026-01-31')
    t.equal(endOfDayMs('2026-02-28', 'Asia/Shanghai'), at('2026-02-28T16:00:00Z'))
    t.equal(endOfDayMs('2026-03-28', 'Europe/Berlin'), at('2026-03-28T23:00:00Z'))
    t.equal(endOfDayMs('2026-03-29', 'Europe/Berlin'), at('2026-03-29T22:00:00Z'), 'the day clocks go forward')
    t.equal(endOfDayMs('2022-09-10', 'America/Santiago'), at('2022-09-11T04:00:00Z'), 'midnight did not exist there')
    t.equal(endOfDayMs('2026-06-01', 'Pacific/Kiritimati'), at('2026-06-01T10:00:00Z'))
    for (const bad of ['P', 'P1H', 'PT5M', '5Y', 'P1.5Y', 'P-1Y']) t.throws(() => periodOf(bad), bad)
    t.throws(() => localDay('2026-02-30', 'Asia/Shanghai'))
  },
)

t.test('[RT2] each clock starts with its event; what is not known yet keeps, and says which', async t => {
  const policy = policyWith({ latestOf: [clock('contract-end', 'P5Y'), clock('dispute-end', 'P2Y', { ifAny: true })] })
  t.match(decideRetention(policy, factsWith(), FAR), {
    kind: 'kept',
    reasons: [{ kind: 'event-unknown', event: 'contract-end' }],
  })
  const ended: BusinessEvent = { event: 'contract-end', at: '2026-03-31', reference: 'L1' }
  const lastMs = at('2031-03-31T16:00:00Z')
  t.match(decideRetention(policy, factsWith({ events: [ended] }), lastMs - 1), {
    kind: 'kept',
    reasons: [{ kind: 'until', until: '2031-03-31T16:00:00.000Z' }],
  })
  t.match(decideRetention(policy, factsWith({ events: [ended] }), lastMs), {
    kind: 'due',
    because: 'period-over',
    since: '2031-03-31T16:00:00.000Z',
    policyVersion: 'test',
    rule: 'latest of (contract-end + P5Y, dispute-end + P2Y if any)',
  })
  const dispute: BusinessEvent[] = [
    { event: 'dispute-begin', at: '2030-01-01', reference: 'D1' },
    { event: 'dispute-end', at: '2030-02-01', reference: 'D2' },
  ]
  t.match(
    decideRetention(policy, factsWith({ events: [ended, ...dispute] }), FAR).kind,
    'kept',
    'another dispute has ended, not this one',
  )
  const closed = [...dispute, { event: 'dispute-end', at: '2035-02-01', reference: 'D1' }]
  t.match(decideRetention(policy, factsWith({ events: [ended, ...closed] }), FAR), {
    kind: 'due',
    since: '2037-02-01T16:00:00.000Z',
  })
  const second = [ended, { event: 'contract-begin', at: '2026-05-01', reference: 'L2' }]
  t.match(decideRetention(policy, factsWith({ events: second }), FAR), {
    reasons: [{ kind: 'not-ended', subject: 'contract' }],
  })
})

t.test(
  '[RT3] an open dispute keeps whatever the class says; so does a hold; so do no policy and an unlisted class',
  async t => {
    const policy = policyWith(clock('call-end', 'P1D'), { atMost: 'P2D' })
    t.match(decideRetention(policy, factsWith(), FAR).kind, 'due')
    const open: BusinessEvent[] = [{ event: 'dispute-begin', at: '2026-02-01', reference: 'D1' }]
    t.match(decideRetention(policy, factsWith({ events: open }), FAR), {
      kind: 'kept',
      reasons: [{ kind: 'not-ended', subject: 'dispute' }],
    })
    t.match(decideRetention(policy, factsWith({ holds: ['h1'], erasureRequested: true }), FAR), {
      kind: 'kept',
      reasons: [{ kind: 'held', holds: ['h1'] }],
    })
    t.match(decideRetention(undefined, factsWith({ erasureRequested: true }), FAR), {
      kind: 'kept',
      reasons: [{ kind: 'no-policy' }],
    })
    t.match(decideRetention(policy, factsWith({ retentionClass: 'b' }), FAR).kind, 'kept')
    t.match(decideRetention({ ...policy, otherwise: 'a' }, factsWith({ retentionClass: 'b' }), FAR), {
      kind: 'due',
      classId: 'a',
    })
  },
)

t.test('[RT4] minimum and maximum count from the end of the call; the minimum wins', async t => {
  const never = policyWith(clock('contract-end', 'P5Y'), { atMost: 'P10Y' })
  t.match(decideRetention(never, factsWith(), at('2036-01-31T15:59:59Z')).kind, 'kept')
  t.match(decideRetention(never, factsWith(), at('2036-01-31T16:00:00Z')).kind, 'due', 'the cap ends an unknown clock')
  const short = policyWith(clock('call-end', 'P1D'), { atLeast: 'P1Y', atMost: 'P6M' })
  t.match(decideRetention(short, factsWith(), at('2027-01-31T15:59:59Z')).kind, 'kept')
  t.match(decideRetention(short, factsWith(), at('2027-01-31T16:00:00Z')).kind, 'due')
})

t.test('[RT5] an erasure request ends periods that no law prescribes, and waits for those it does', async t => {
  const nowMs = at('2026-06-01T00:00:00Z')
  const own = policyWith(clock('call-end', 'P2Y', { statutory: false }))
  t.match(decideRetention(own, factsWith(), nowMs).kind, 'kept')
  t.match(decideRetention(own, factsWith({ erasureRequested: true }), nowMs), { kind: 'due', because: 'erasure' })
  const mixed = policyWith({
    latestOf: [clock('call-end', 'P2Y', { statutory: false }), clock('call-end', 'P6M')],
  })
  t.match(decideRetention(mixed, factsWith({ erasureRequested: true }), nowMs), {
    kind: 'kept',
    reasons: [{ kind: 'until', until: '2026-07-31T16:00:00.000Z' }],
  })
  t.match(decideRetention(mixed, factsWith({ erasureRequested: true }), at('2026-07-31T16:00:00Z')).kind, 'due')
  t.match(decideRetention(policyWith('for-ever'), factsWith({ erasureRequested: true }), FAR).kind, 'kept')
})

const anyKeep = fc.constantFrom('P1D', 'P30D', 'P1M', 'P6M', 'P1Y', 'P5Y', 'P1Y6M15D')
const anyEvent = fc.constantFrom('call-end', 'contract-end', 'product-end', 'dispute-end', 'loan-repaid')
const anyClock = fc.record({
  after: anyEvent,
  keep: anyKeep,
  ifAny: fc.boolean(),
  statutory: fc.boolean(),
  basis: fc.constant(''),
})
const anyRule: fc.Arbitrary<KeepRule> = fc.letrec<{ rule: KeepRule }>(tie => ({
  rule: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    anyClock,
    fc.record({ latestOf: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ earliestOf: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
  ),
})).rule
const anyDay = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2032-12-31'), noInvalidDate: true })
  .map(date => date.toISOString().slice(0, 10))
const anyEvents: fc.Arbitrary<BusinessEvent[]> = fc.array(
  fc.record({
    event: fc.oneof(anyEvent, fc.constantFrom('contract-begin', 'dispute-begin')),
    at: anyDay,
    reference: fc.constantFrom('1', '2'),
  }),
  { maxLength: 6 },
)
const anyNow = fc.date({ min: new Date('2020-01-01'), max: new Date('2050-01-01'), noInvalidDate: true })

t.test(
  '[RT6] property: one more rule, hold or begun dispute never purges earlier; a hold always wins; time only makes due',
  async t => {
    fc.assert(
      fc.property(anyRule, anyRule, anyEvents, anyNow, fc.boolean(), (rule, more, events, now, erasureRequested) => {
        const facts = factsWith({ events, erasureRequested })
        const decided = decideRetention(policyWith(rule), facts, now.getTime())
        const wider = policyWith({ latestOf: [rule, more] })
        // An erasure request ends everything that no law prescribes; a rule that does not apply at all is no rule.
        if (decided.kind === 'kept' && !decided.reasons.some(one => one.kind === 'no-clock'))
          if (decideRetention(wider, facts, now.getTime()).kind !== 'kept') return false
        const held = decideRetention(policyWith(rule), { ...facts, holds: ['h'] }, now.getTime())
        const disputed = [...events, { event: 'dispute-begin', at: '2026-01-01', reference: 'new' }]
        if (held.kind !== 'kept') return false
        if (decideRetention(policyWith(rule), { ...facts, events: disputed }, now.getTime()).kind !== 'kept')
          return false
        const later = decideRetention(policyWith(rule), facts, now.getTime() + 86_400_000 * 400)
        return decided.kind !== 'due' || later.kind === 'due'
      }),
      { numRuns: 2000 },
    )
    t.pass('2000 policies')
  },
)

t.test('[RT7] property: nothing is due before its period, counted in days of the policy’s zone, is over', async t => {
  fc.assert(
    fc.property(
      anyDay,
      anyKeep,
      fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/New_York'),
      (day, keep, zone) => {
        const last = lastDay(day, periodOf(keep))
        const endMs = endOfDayMs(last, zone)
        const policy = { ...policyWith(clock('contract-end', keep)), timeZone: zone }
        const facts = factsWith({ events: [{ event: 'contract-end', at: day, reference: '' }] })
        return (
          decideRetention(policy, facts, endMs - 1).kind === 'kept' &&
          decideRetention(policy, facts, endMs).kind === 'due' &&
          localDay(new Date(endMs - 1).toISOString(), zone) === last &&
          localDay(new Date(endMs).toISOString(), zone) > last
        )
      },
    ),
    { numRuns: 500 },
  )
  t.pass('500 periods')
})

t.test('[RT8] a policy that is not understood is refused with its place', async t => {
  const good = JSON.parse(JSON.stringify(policyWith('for-ever')))
  t.throws(() => parsePolicy('{'), /no JSON/)
  t.throws(() => parsePolicy(JSON.stringify({ ...good, timeZone: 'Mars/Olympus' })), /timeZone/)
  t.throws(() => parsePolicy(JSON.stringify({ ...good, otherwise: 'x' })), /otherwise/)
  t.throws(() => parsePolicy(JSON.stringify({ ...good, classes: [...good.classes, ...good.classes] })), /twice/)
  t.throws(
    () =>
      parsePolicy(
        JSON.stringify({ ...good, classes: [{ ...good.classes[0], keep: { after: 'call-end', keep: '5 years' } }] }),
      ),
    /classes\.0\.keep/,
  )
  t.throws(() => parsePolicy(JSON.stringify({ ...good, surprise: 1 })), /file/)
})
