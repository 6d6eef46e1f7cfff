import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { DialPolicy, type DialRules } from './dial-policy.ts'

const rules: DialRules = {
  allow: ['+86*', '1??????????', '10086'],
  maxCalls: 3,
  maxCallsPerAgent: 2,
  callsPerMinute: 5,
  callsPerMinutePerAgent: 3,
}
const [one, two] = [newId('user'), newId('user')]

t.test('[OC19] nothing may be called until a pattern allows it; a pattern means what it says', async t => {
  t.throws(() => new DialPolicy({ ...rules, allow: [] }).begin(one, '10086'), { code: 'forbidden' })
  const policy = new DialPolicy({
    ...rules,
    maxCallsPerAgent: 99,
    maxCalls: 99,
    callsPerMinute: 99,
    callsPerMinutePerAgent: 99,
  })
  for (const to of ['+8613800138000', '13800138000', '10086']) policy.begin(one, to)
  for (const to of ['', '+1900', '008613800138000', '1380013800', '138001380000', '100861', '1380013800x'])
    t.throws(() => policy.begin(one, to), { code: 'forbidden' }, to)
})

t.test('[OC20] caps: at the same time and within a minute, for one agent and for all', async t => {
  let nowMs = 0
  const policy = new DialPolicy(rules, () => nowMs)
  const ends = [policy.begin(one, '10086'), policy.begin(one, '10086')]
  t.throws(() => policy.begin(one, '10086'), { code: 'too-many' }, 'two at a time')
  ends.push(policy.begin(two, '10086'))
  t.throws(() => policy.begin(two, '10086'), { code: 'too-many' }, 'three of all')
  for (const end of ends) {
    end.release()
    end.release()
  }
  policy.begin(one, '10086').release()
  t.throws(() => policy.begin(one, '10086'), { code: 'too-many' }, 'three of one within a minute')
  policy.begin(two, '10086').release()
  t.throws(() => policy.begin(two, '10086'), { code: 'too-many' }, 'five of all within a minute')
  nowMs = 60_001
  policy.begin(one, '10086').release()
})

t.test('[OC27] a call that its agent has left counts for the house, and no more for the agent', async t => {
  const policy = new DialPolicy({
    ...rules,
    maxCalls: 3,
    maxCallsPerAgent: 1,
    callsPerMinutePerAgent: 9,
    callsPerMinute: 9,
  })
  const first = policy.begin(one, '10086')
  t.throws(() => policy.begin(one, '10086'), { code: 'too-many' })
  first.leave()
  first.leave()
  const second = policy.begin(one, '10086')
  second.leave()
  const third = policy.begin(one, '10086')
  t.throws(() => policy.begin(two, '10086'), { code: 'too-many' }, 'three of all')
  first.release()
  first.release()
  first.leave()
  policy.begin(two, '10086').release()
  t.throws(() => policy.begin(one, '10086'), { code: 'too-many' }, 'the third is still the agent’s own')
  third.release()
  policy.begin(one, '10086').release()
})
