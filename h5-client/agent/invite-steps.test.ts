import t from 'tap'
import type { InviteView } from '../../signaling/protocol/call.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { isOpen, isUnspent, reachedStep, spokenGroups } from './invite-steps.ts'

const ID = newId('inv')
const invite = (state: InviteView['state']): InviteView => ({
  id: ID,
  state,
  link: 'https://h/j/t',
  qrSvg: '<svg/>',
  digits: '482913',
  digitsAddress: 'https://h/',
  language: 'en',
  expiresAt: '2026-11-14T06:42:07.000Z',
  delivery: { channel: 'outbox', to: '1', text: 't' },
})
const at = (seq: number) => ({ seq, atMs: seq, prev: '' })
const opened = (inviteId = ID): JournalEntry => ({ ...at(1), type: 'invite.opened', inviteId, userAgent: '' })
const agreed = (given = true): JournalEntry => ({
  ...at(2),
  type: 'consent.given',
  inviteId: ID,
  consent: { kind: 'camera', textVersion: '1', language: 'en', given },
})

t.test('[AG30] the line stands where the state says', async t => {
  t.equal(reachedStep(invite('sent'), []), 0)
  t.equal(reachedStep(invite('opened'), []), 1)
  t.equal(reachedStep(invite('consented'), []), 2)
  t.equal(reachedStep(invite('camera-live'), []), 3)
})

t.test('[AG31] a failure leaves the line where it had come to, by the journal', async t => {
  t.equal(reachedStep(invite('failed'), []), 0)
  t.equal(reachedStep(invite('failed'), [opened()]), 1)
  t.equal(reachedStep(invite('failed'), [opened(), agreed()]), 2)
  t.equal(reachedStep(invite('failed'), [opened(), agreed(false)]), 1, 'a refusal is no step')
  t.equal(reachedStep(invite('expired'), [opened(newId('inv'))]), 0, 'another invitation’s steps do not count')
})

t.test('[AG32] a failed phone may try again; only an expired code is over; a spent link is not shown', async t => {
  t.equal(isOpen(invite('failed')), true)
  t.equal(isOpen(invite('expired')), false)
  t.equal(isOpen(undefined), false)
  t.equal(isUnspent(invite('delivery-failed')), true)
  t.equal(isUnspent(invite('consented')), false)
})

t.test('[AG33] digits are read aloud in threes', async t => {
  t.equal(spokenGroups('482913'), '482 913')
})
