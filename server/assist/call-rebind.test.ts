import t from 'tap'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { CallLog } from '../calls/call-log.ts'
import { CallRebind, REBINDS_PER_CALL } from './call-rebind.ts'

const agent = newId('part')
const inviteId = newId('inv')

function rebinds(waitMs?: number) {
  const written: JournalEvent[] = []
  const log = { write: (event: JournalEvent) => void written.push(event) } as unknown as CallLog
  let changes = 0
  const rebind = new CallRebind(log, () => (changes += 1), waitMs)
  const ask = (deviceId = 'safari-0001') => rebind.ask({ inviteId, deviceId, userAgent: 'Safari' })
  return { rebind, written, ask, changes: () => changes }
}

t.test('[PHO42] the agent sees who asks, says yes, and the seat is taken once, by that browser alone', async t => {
  const { rebind, written, ask } = rebinds()
  const { ticket, waitMs } = ask()
  t.equal(waitMs, 60_000)
  const { requestId = '', userAgent } = rebind.view ?? {}
  t.equal(userAgent, 'Safari')
  const hearing = rebind.heard(ticket, 'safari-0001', 20_000)
  rebind.answer(agent, requestId, true)
  t.equal((await hearing).state, 'allowed')
  t.equal(rebind.view, undefined, 'nothing is left to decide')
  t.throws(() => rebind.take(ticket, 'another-0001'), { code: 'forbidden' })
  t.throws(() => rebind.take('AAAAAAAAAAAAAAAAAAAAAA', 'safari-0001'), { code: 'forbidden' })
  rebind.take(ticket, 'safari-0001')
  t.throws(() => rebind.take(ticket, 'safari-0001'), { code: 'forbidden' }, 'once')
  t.strictSame(
    written.map(one => one.type),
    ['invite.rebind-asked', 'invite.rebind-answered'],
  )
  rebind.close()
})

t.test('[PHO43] one at a time, a no is a no, and nobody asks for ever', async t => {
  const { rebind, ask } = rebinds()
  const first = ask()
  t.throws(() => ask('another-0001'), { code: 'conflict' })
  rebind.answer(agent, rebind.view?.requestId ?? '', false)
  t.equal((await rebind.heard(first.ticket, 'safari-0001', 0)).state, 'refused')
  t.throws(() => rebind.take(first.ticket, 'safari-0001'), { code: 'forbidden' })
  t.throws(() => rebind.answer(agent, 'gone', true), { code: 'gone' })
  const again = ask()
  const anew = ask()
  t.not(again.ticket, anew.ticket)
  await t.rejects(rebind.heard(again.ticket, 'safari-0001', 0), { code: 'forbidden' }, 'the older one is void')
  for (let asked = 3; asked < REBINDS_PER_CALL; asked += 1) ask()
  t.throws(() => ask(), { code: 'too-many' })
  rebind.close()
})

t.test('[PHO43] what nobody answered is over, and the agent’s view with it', async t => {
  const { rebind, ask } = rebinds(20)
  const { ticket } = ask()
  t.equal((await rebind.heard(ticket, 'safari-0001', 20_000)).state, 'late')
  t.equal(rebind.view, undefined)
  rebind.close()
})

t.test('[PHO43] the end of the call ends the waiting', async t => {
  const { rebind, ask } = rebinds()
  const { ticket } = ask()
  const hearing = rebind.heard(ticket, 'safari-0001', 20_000)
  rebind.close()
  t.equal((await hearing).state, 'late')
})
