import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { InviteBook, WRONG_DIGITS_PER_ADDRESS, WRONG_DIGITS_PER_CODE } from './invite-book.ts'

function book() {
  let nowMs = 1_000_000
  const invites = new InviteBook(() => nowMs)
  const issue = () => invites.issue({ callId: newId('call'), language: 'en', ttlMs: 60_000 })
  const wrongDigits = (not: string) => (not === '000000' ? '000001' : '000000')
  return { invites, issue, wrongDigits, pass: (ms: number) => (nowMs += ms) }
}

t.test('[IN1] the token has 128 bits and is not kept', async t => {
  const { issue } = book()
  const { invite, token } = issue()
  t.equal(Buffer.from(token, 'base64url').length, 16)
  t.notOk(JSON.stringify(invite).includes(token))
  t.match(invite.digits, /^\d{6}$/)
})

t.test('[IN2] looking a code up does not spend it', async t => {
  const { invites, issue } = book()
  const { invite, token } = issue()
  t.equal(invites.find(token), invite)
  t.equal(invites.find(token), invite)
  t.equal(invites.refusal(invite, 'device-a'), undefined)
  t.equal(invites.find('A'.repeat(22)), undefined)
})

t.test('[IN3] a code is redeemed once; another device is told so', async t => {
  const { invites, issue } = book()
  const { invite } = issue()
  invites.spend(invite, 'device-a')
  t.equal(invites.refusal(invite, 'device-a'), 'already-used')
  t.equal(invites.refusal(invite, 'device-b'), 'other-device')
  t.match(invites.byDigits(invite.digits, '192.0.2.1'), { refusal: 'wrong-digits' }, 'nor by its digits')
})

t.test('[IN4] a code runs out, and ends with its call', async t => {
  const { invites, issue, pass } = book()
  const first = issue().invite
  const second = issue().invite
  invites.withdraw(second, 'call-ended')
  t.equal(invites.refusal(second, undefined), 'call-ended')
  pass(60_000)
  t.equal(invites.refusal(first, undefined), 'expired')
})

t.test('[IN5] one address has five wrong guesses, and learns nothing while it is locked', async t => {
  const { invites, issue, wrongDigits, pass } = book()
  const { invite } = issue()
  const wrong = wrongDigits(invite.digits)
  for (let n = 1; n < WRONG_DIGITS_PER_ADDRESS; n++) t.match(invites.byDigits(wrong, 'a'), { refusal: 'wrong-digits' })
  t.match(invites.byDigits(wrong, 'a'), { refusal: 'locked' })
  t.match(invites.byDigits(invite.digits, 'a'), { refusal: 'locked' }, 'even with the right digits')
  t.match(invites.byDigits(invite.digits, 'b'), { invite: { id: invite.id } }, 'others are not locked')
  pass(600_000)
  const fresh = issue().invite
  t.match(invites.byDigits(fresh.digits, 'a'), { invite: { id: fresh.id } })
})

t.test('[IN6] guesses from many addresses lock the code itself', async t => {
  const { invites, issue, wrongDigits } = book()
  const { invite } = issue()
  const wrong = wrongDigits(invite.digits)
  let locked = 0
  for (let n = 0; n < WRONG_DIGITS_PER_CODE; n++) {
    const found = invites.byDigits(wrong, `address-${n}`)
    if ('lockedNow' in found) locked += found.lockedNow.length
  }
  t.equal(locked, 1)
  t.match(invites.byDigits(invite.digits, 'honest'), { refusal: 'wrong-digits' })
  t.equal(invites.refusal(invite, undefined), undefined, 'the link still works')
})

t.test('[IN7] the right digits give a ticket that spends the same code', async t => {
  const { invites, issue } = book()
  const { invite, token } = issue()
  const ticket = invites.ticket(invite)
  t.equal(invites.find(ticket), invite)
  t.equal(invites.isTicket(invite, ticket), true)
  t.equal(invites.isTicket(invite, token), false)
})
