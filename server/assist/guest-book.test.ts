import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { GUEST_LINK_TTL_MS, GuestBook } from './guest-book.ts'

const book = (clock = { nowMs: 0 }) => ({ clock, guests: new GuestBook(() => clock.nowMs) })
const wanted = { callId: newId('call'), name: 'Dr. Zhou', language: 'en' as const }

t.test('[PPL3] a link is spent once, and looking does not spend it', async t => {
  const { guests } = book()
  const { guest, token } = guests.issue(wanted)
  t.match(token, /^[A-Za-z0-9_-]{22}$/)
  guests.find(token)
  t.equal(guests.seated(guest.participantId), undefined, 'not yet seated')
  t.equal(guests.spend(token).participantId, guest.participantId)
  t.throws(() => guests.spend(token), { code: 'conflict' })
  t.equal(guests.seated(guest.participantId)?.name, 'Dr. Zhou')
})

t.test('[PPL3] unknown, expired and removed links are refused, each by its own name', async t => {
  const { guests, clock } = book()
  t.throws(() => guests.spend('x'.repeat(22)), { code: 'not-found' })
  const late = guests.issue(wanted)
  clock.nowMs = GUEST_LINK_TTL_MS
  t.throws(() => guests.spend(late.token), { code: 'gone' })
  const removed = guests.issue(wanted)
  guests.remove(removed.guest.participantId)
  t.throws(() => guests.spend(removed.token), { code: 'gone' })
})

t.test('[PPL3] with the call all its links are forgotten, and no call has more than four experts', async t => {
  const { guests } = book()
  const links = [1, 2, 3, 4].map(() => guests.issue(wanted))
  t.throws(() => guests.issue(wanted), { code: 'too-many' })
  t.ok(guests.issue({ ...wanted, callId: newId('call') }), 'another call is another matter')
  guests.callEnded(wanted.callId)
  t.throws(() => guests.spend(links[0]?.token ?? ''), { code: 'not-found' })
})
