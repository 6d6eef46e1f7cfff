import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { makeLeg } from '../../test/doubles/edge-leg.ts'
import { until } from '../../test/doubles/until.ts'
import { VoicePresence } from './voice-presence.ts'

const LOST_MS = 300
const END_MS = 900

/** A real media edge and a telephone on loopback; the journal is a list. */
async function talking(t: Test) {
  const { edge, phone } = await makeLeg(t, { inactivityMs: LOST_MS, answer: false })
  const written: JournalEvent[] = []
  const seen = { givenUpAtMs: undefined as number | undefined, changes: 0 }
  const presence = new VoicePresence({
    media: { edge, agentSilentMs: () => 0 } as never,
    log: { write: (event: JournalEvent) => void written.push(event) } as never,
    voiceLostEndMs: END_MS,
    events: {
      changed: () => void seen.changes++,
      lostForGood: () => {
        seen.givenUpAtMs = performance.now()
      },
    },
  })
  t.teardown(() => presence.close())
  edge.onState(state => presence.caller(state))
  edge.answer(phone.sdp())
  edge.startSilence()
  const types = () => written.map(event => (event.type === 'voice.held' ? `${event.type} ${event.by}` : event.type))
  return { edge, phone, presence, seen, types, written }
}

t.test('[FA5] a caller not heard is told, and given up when the policy says so', async t => {
  const { presence, seen, types, written } = await talking(t)
  const fromMs = performance.now()
  await until('the loss', () => presence.callerLost)
  t.equal(seen.changes, 1, 'the agent is told')
  t.match(written[0], { type: 'voice.lost' })
  await until('the end', () => seen.givenUpAtMs !== undefined)
  const afterMs = (seen.givenUpAtMs ?? 0) - fromMs
  t.ok(afterMs >= END_MS - 50, `after ${Math.round(afterMs)} ms`)
  t.same(types(), ['voice.lost'])
})

t.test('[FA5] one who is heard again is found, and nothing ends', async t => {
  const { presence, phone, edge, seen, types } = await talking(t)
  await until('the loss', () => presence.callerLost)
  const speaking = setInterval(() => phone.speak(edge.rtpPort), 20)
  t.teardown(() => clearInterval(speaking))
  await until('the caller', () => !presence.callerLost)
  await sleep(END_MS + 200)
  t.equal(seen.givenUpAtMs, undefined)
  t.same(types(), ['voice.lost', 'voice.found'])
})

for (const by of ['peer', 'us'] as const)
  t.test(`[FA6] a hold suspends it, whoever holds (${by}), also when the caller was lost before`, async t => {
    const { edge, phone, presence, seen } = await talking(t)
    const hold = () => (by === 'us' ? edge.holdByUs('sendonly') : edge.answer(phone.sdp({ direction: 'sendonly' })))
    const retrieve = () => (by === 'us' ? edge.holdByUs(undefined) : edge.answer(phone.sdp({ direction: 'sendrecv' })))
    await until('the loss', () => presence.callerLost)
    hold()
    t.notOk(presence.callerLost, 'silence is what was asked for')
    await sleep(END_MS + LOST_MS + 200)
    t.equal(seen.givenUpAtMs, undefined, 'nobody is given up on hold')
    const retrievedMs = performance.now()
    retrieve()
    await until('the end', () => seen.givenUpAtMs !== undefined)
    const afterMs = (seen.givenUpAtMs ?? 0) - retrievedMs
    t.ok(afterMs >= END_MS - 50, `the whole patience again: ${Math.round(afterMs)} ms`)
  })

t.test('[FA6] two holds at once: it rests until both are over', async t => {
  const { edge, phone, presence, seen } = await talking(t)
  edge.holdByUs('sendonly')
  edge.answer(phone.sdp({ direction: 'sendonly' }))
  edge.holdByUs(undefined)
  await sleep(LOST_MS + END_MS + 200)
  t.notOk(presence.callerLost)
  t.equal(seen.givenUpAtMs, undefined)
  edge.answer(phone.sdp({ direction: 'sendrecv' }))
  await until('the loss', () => presence.callerLost)
})
