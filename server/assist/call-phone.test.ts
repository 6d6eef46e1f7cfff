import t from 'tap'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { CameraAbilities } from '../../signaling/protocol/phone.ts'
import type { CallLog } from '../calls/call-log.ts'
import { CallConsents } from './call-consents.ts'
import { CallPhone } from './call-phone.ts'
import type { CallScenario } from './call-scenario.ts'

const agent = newId('part')
const caller = newId('part')
const abilities: CameraAbilities = {
  torch: true,
  focusPoint: false,
  still: 'photo',
  maxWidthPx: 4000,
  maxHeightPx: 3000,
}

function phones(o: { connected?: boolean; tool?: boolean } = {}) {
  const written: JournalEvent[] = []
  const notified: string[] = []
  const log = { write: (event: JournalEvent) => void written.push(event) } as unknown as CallLog
  const consents = new CallConsents(log, () => {})
  const phone = new CallPhone({
    callId: newId('call'),
    log,
    consents,
    scenario: {
      require: () => {
        if (o.tool === false) throw Object.assign(new Error('no tool'), { code: 'forbidden' })
      },
    } as unknown as CallScenario,
    caller: {
      notify: name => {
        if (o.connected !== false) notified.push(name)
        return o.connected !== false
      },
    },
    changed: () => {},
  })
  const answer = (given: boolean) => consents.answer({ kind: 'control', textVersion: 'v1', language: 'en', given })
  return { phone, written, notified, answer, consents }
}

t.test('[PHO12] a hand on the camera without leave is journalled as a question; after a no it is refused', async t => {
  const { phone, written, notified, answer } = phones()
  phone.operate(agent, { kind: 'torch', on: true })
  t.strictSame(notified, ['camera.control'])
  t.match(written, [{ type: 'consent.asked', kind: 'control' }])
  answer(false)
  t.throws(() => phone.operate(agent, { kind: 'torch', on: true }), { code: 'forbidden' })
  t.equal(notified.length, 1)
  phone.ask(agent, 'control')
  answer(true)
  phone.operate(agent, { kind: 'zoom', ratio: 2 })
  t.strictSame(notified, ['camera.control', 'consent.wanted', 'camera.control'])
  t.equal(written.filter(one => one.type === 'consent.asked').length, 2)
})

t.test('[PHO12] no phone, no question: nothing is journalled that nobody saw', async t => {
  const { phone, written } = phones({ connected: false })
  t.throws(() => phone.ask(agent, 'document'), { code: 'unavailable' })
  t.throws(() => phone.operate(agent, { kind: 'torch', on: true }), { code: 'unavailable' })
  t.strictSame(written, [])
})

t.test('[PHO12] a kind of call without the tool has no hand on the camera', async t => {
  const { phone, notified } = phones({ tool: false })
  t.throws(() => phone.operate(agent, { kind: 'hold-still', on: true }), { code: 'forbidden' })
  t.strictSame(notified, [])
})

t.test('[PHO13] hold still needs no leave, holds until told otherwise, and goes with the browser', async t => {
  const { phone, written } = phones()
  phone.operate(agent, { kind: 'hold-still', on: true })
  t.equal(phone.holdStill, false, 'not before the phone says so')
  phone.controlled(caller, { kind: 'hold-still', on: true }, 'failed')
  t.equal(phone.holdStill, false)
  phone.controlled(caller, { kind: 'hold-still', on: true }, 'done')
  t.equal(phone.holdStill, true)
  phone.can(caller, abilities)
  phone.can(caller, { ...abilities })
  t.equal(written.filter(one => one.type === 'camera.abilities').length, 1, 'the same is not told twice')
  phone.forget()
  t.strictSame([phone.holdStill, phone.abilities], [false, undefined])
})

t.test('[PHO11] what was taken back no longer counts, and what was never given cannot be', async t => {
  const { consents, written, answer } = phones()
  consents.withdraw(caller, 'control')
  t.strictSame(written, [])
  answer(true)
  consents.withdraw(caller, 'control')
  t.equal(consents.has('control'), false)
  t.throws(() => consents.require('control'), { code: 'forbidden' })
  t.match(written.at(-1), { type: 'consent.withdrawn', by: caller, kind: 'control' })
})
