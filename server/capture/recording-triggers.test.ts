import t from 'tap'
import type { RecordingTrigger } from '../../signaling/protocol/capture.ts'
import type { JournalEntry, JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { ConsentKind, Scenario } from '../../signaling/protocol/scenario.ts'
import type { CallLog } from '../calls/call-log.ts'
import { Scenarios } from '../scenarios/scenarios.ts'
import { RecordingTriggers } from './recording-triggers.ts'

const [usual] = (await Scenarios.load()).all
if (!usual) throw new Error('no scenario')
const agent = newId('part')

function house(voice: RecordingTrigger, picture: RecordingTrigger = voice, calledNumber = '4008001234') {
  const told: string[] = []
  const world = { given: new Set<ConsentKind>(), scenario: { ...usual, recording: { voice, picture } } as Scenario }
  const log = {
    closed: false,
    write: (event: JournalEvent) => {
      if ('parts' in event) told.push(`${event.type} ${event.parts.join('+')} ${event.because}`)
      else told.push(event.type)
      triggers.noticed({ ...event, seq: 0, atMs: 0, prev: '' } as JournalEntry)
    },
  } as unknown as CallLog
  const triggers: RecordingTriggers = new RecordingTriggers({
    log,
    scenario: () => world.scenario,
    calledNumber,
    consents: { has: kind => world.given.has(kind) },
    changed: () => {},
  })
  triggers.begin()
  return { triggers, told, world }
}
const entry = (event: object) => event as unknown as JournalEntry

t.test('[CS5] always: from the answer on, without a word; off: never, and the record says so', async t => {
  const always = house('always')
  t.ok(always.triggers.voice && always.triggers.picture)
  t.same(always.told, [])
  t.throws(() => always.triggers.stop(agent), { code: 'forbidden' })
  const off = house('off')
  t.notOk(off.triggers.voice || off.triggers.picture)
  t.same(off.told, ['recording.stopped voice+picture policy'])
  t.throws(() => off.triggers.start(agent), { code: 'forbidden' })
})

t.test('[CS6] manual: the agent starts and stops what is left to the agent', async t => {
  const { triggers, told } = house('always', 'manual')
  t.ok(triggers.mayStart)
  triggers.start(agent)
  triggers.start(agent)
  t.ok(triggers.picture)
  triggers.stop(agent)
  t.notOk(triggers.picture)
  t.ok(triggers.voice, 'what the policy records goes on')
  t.same(told, [
    'recording.started voice policy',
    'recording.stopped picture policy',
    'recording.started picture agent',
    'recording.stopped picture agent',
  ])
})

t.test('[CS7] by rule: what has happened goes on, a consent is taken back', async t => {
  const { triggers, world } = house({ when: [{ consent: 'recording' }, { tool: 'document' }], otherwise: 'off' })
  t.notOk(triggers.voice)
  world.given.add('recording')
  triggers.noticed(entry({ type: 'consent.given' }))
  t.ok(triggers.voice)
  world.given.clear()
  triggers.noticed(entry({ type: 'consent.withdrawn' }))
  t.notOk(triggers.voice)
  triggers.noticed(entry({ type: 'document.read' }))
  triggers.noticed(entry({ type: 'consent.withdrawn' }))
  t.ok(triggers.voice)
})

t.test('[CS7] numbers, flags, and a change of the kind of call', async t => {
  const rule: RecordingTrigger = { when: [{ calledNumber: '400*' }], otherwise: 'off' }
  t.ok(house(rule).triggers.voice)
  t.notOk(house(rule, rule, '10086').triggers.voice)
  const flagged = house({ when: [{ flag: 'age-60' }], otherwise: 'manual' })
  flagged.world.scenario = { ...flagged.world.scenario, flags: [{ id: 'age-60', title: { 'zh-CN': '', en: '' } }] }
  t.throws(() => flagged.triggers.flag(agent, 'unknown', true), { code: 'not-found' })
  flagged.triggers.flag(undefined, 'age-60', true)
  t.same(flagged.triggers.flags, ['age-60'])
  t.ok(flagged.triggers.voice)
  flagged.triggers.stop(agent)
  t.ok(flagged.triggers.voice, 'a rule is not the agent’s to stop')
  const moved = house('off')
  moved.world.scenario = usual
  moved.triggers.noticed(entry({ type: 'scenario.chosen' }))
  t.ok(moved.triggers.voice)
  t.equal(moved.told.at(-1), 'recording.started voice+picture scenario')
})
