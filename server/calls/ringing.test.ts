import t, { type Test } from 'tap'
import type { UserId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { HandLeg } from '../../test/doubles/hand-leg.ts'
import { AgentSeat } from './agent-seat.ts'
import { Ringing } from './ringing.ts'

type Opening = { readonly discarded: () => boolean; open(): void; fail(error: Error): void }

/** A call that rings; when a record is open, is the test's word. */
function ring(t: Test) {
  const leg = new HandLeg()
  const openings: Opening[] = []
  const told: string[] = []
  const agentVoice = { by: 'browser', byBrowser() {}, close() {} }
  const ringing = new Ringing({
    ...{ callId: newId('call'), leg, answerSdp: 'v=0' },
    agentVoice: agentVoice as never,
    media: { edge: { startSilence: () => told.push('silence') } } as never,
    deps: {
      rules: { ringTimeoutMs: 60_000 },
      logger: { warn() {} },
      events: { callAnswered: () => told.push('counted') },
    } as never,
    openAnswered: () => {
      const { promise, resolve, reject } = Promise.withResolvers<never>()
      let isDiscarded = false
      const discard = async () => {
        isDiscarded = true
      }
      openings.push({
        discarded: () => isDiscarded,
        open: () => resolve({ archive: { discard } } as never),
        fail: reject,
      })
      return promise
    },
    events: {
      changed() {},
      answered: ({ seat }) => told.push(`answered by ${seat.agent.name}`),
      ended: end => told.push(end.cause),
    },
  })
  t.teardown(() => ringing.close())
  const seat = (name: string) => new AgentSeat(newId('part'), { id: newId('user') as UserId, name })
  return { ringing, leg, openings, told, seat }
}

t.test(
  '[CA8] taken by one who leaves before the record is open, then by another: it stays with the other, with one record',
  async t => {
    const { ringing, leg, openings, told, seat } = ring(t)
    const one = seat('one')
    const first = ringing.take(one, 'browser', async () => 'in')
    t.equal(ringing.phase, 'answering')
    await new Promise(setImmediate)
    const givenBack = ringing.giveBack('the agent left')
    t.equal(ringing.phase, 'ringing')
    const two = seat('two')
    const second = ringing.take(two, 'browser', async () => 'in')
    await t.rejects(
      ringing.take(seat('three'), 'browser', async () => 'in'),
      { code: 'conflict' },
    )
    t.equal(openings.length, 1, 'their folder has one name: the first is waited for')
    openings[0]?.open()
    await t.rejects(first, { code: 'gone' })
    t.ok(openings[0]?.discarded(), 'of the first nothing stays')
    await givenBack
    await new Promise(setImmediate)
    t.equal(ringing.phase, 'answering')
    t.equal(ringing.seat, two)
    openings[1]?.open()
    t.equal(await second, 'in')
    await ringing.agentHeard()
    t.same(told, ['answered by two', 'silence', 'counted'])
    t.match(leg.said.at(-1), /^200/)
  },
)

t.test('[CA8] its record cannot be opened: it rings again, for whoever presses next', async t => {
  const { ringing, openings, told, seat } = ring(t)
  const first = ringing.take(seat('one'), 'browser', async () => 'in')
  await new Promise(setImmediate)
  openings[0]?.fail(new Error('no space'))
  await t.rejects(first, /no space/)
  t.equal(ringing.phase, 'ringing')
  const second = ringing.take(seat('two'), 'browser', async () => 'in')
  await new Promise(setImmediate)
  openings[1]?.open()
  t.equal(await second, 'in')
  ringing.close()
  await ringing.agentHeard()
  t.same(told, [], 'heard after the end it is not answered any more')
})
