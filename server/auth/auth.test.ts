import jwt from 'jsonwebtoken'
import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { openDatabase } from '../store/database.ts'
import { Users } from '../store/users.ts'
import { addressKey } from './address-key.ts'
import { firstRunUsers } from './first-run.ts'
import { checkPassword, hashPassword } from './password.ts'
import { RateLimit } from './rate-limit.ts'
import { SignIn } from './sign-in.ts'
import { Tokens } from './tokens.ts'

t.test('[AU1] a password is kept as a salted scrypt hash', async t => {
  const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')])
  t.match(one, /^scrypt\$131072\$8\$1\$/)
  t.not(one, other)
  t.equal(await checkPassword('correct horse', one), true)
  t.equal(await checkPassword('correct hors', one), false)
  t.equal(await checkPassword('x', 'plain'), false)
})

t.test('[AU2] a token opens only the door of its own role', async t => {
  const tokens = new Tokens('secret-one')
  const claims = { sub: newId('user'), name: 'A', sid: 's', rights: [] }
  const agent = tokens.staff('agent', claims)
  t.match(tokens.readStaff('agent', agent), claims)
  t.equal(tokens.readStaff('reviewer', agent), undefined)
  t.equal(tokens.readCaller(agent), undefined)
  t.equal(new Tokens('secret-two').readStaff('agent', agent), undefined)
})

t.test('[AU3] the algorithm is pinned and the time runs out', async t => {
  const tokens = new Tokens('secret-one')
  const payload = { name: 'A', sid: 's' }
  const options = { subject: newId('user'), audience: 'agent', issuer: 'tongping' } as const
  t.equal(tokens.readStaff('agent', jwt.sign(payload, '', { ...options, algorithm: 'none' })), undefined)
  t.equal(tokens.readStaff('agent', jwt.sign(payload, 'secret-one', { ...options, algorithm: 'HS512' })), undefined)
  const old = jwt.sign(payload, 'secret-one', { ...options, algorithm: 'HS256', expiresIn: -1 })
  t.equal(tokens.readStaff('agent', old), undefined)
})

t.test('[AU4] failures are limited per window, and success forgives', async t => {
  let nowMs = 0
  const limit = new RateLimit({ limit: 2, windowMs: 1000, nowMs: () => nowMs })
  limit.fail('a')
  t.equal(limit.blockedForMs('a'), 0)
  limit.fail('a')
  t.equal(limit.blockedForMs('a'), 1000)
  t.equal(limit.blockedForMs('b'), 0)
  nowMs = 1000
  t.equal(limit.blockedForMs('a'), 0)
  limit.fail('a')
  limit.succeed('a')
  limit.fail('a')
  t.equal(limit.blockedForMs('a'), 0)
})

t.test('[AU5] an IPv6 client is one key for its whole /64', async t => {
  t.equal(addressKey('2001:db8::1'), addressKey('2001:db8:0:0:ffff::2'))
  t.not(addressKey('2001:db8:0:1::1'), addressKey('2001:db8:0:2::1'))
  t.equal(addressKey('::ffff:192.0.2.7'), '192.0.2.7')
})

t.test('[AU6] first run makes random passwords, prints the same ones again, and no default exists', async t => {
  const db = await openDatabase(':memory:')
  const folder = t.testdir()
  const users = await Users.load(db)
  const sheet = await firstRunUsers(users, folder)
  t.equal(sheet.length, users.count)
  t.ok(sheet.length >= 5, 'every role, and every right')
  t.equal(new Set(sheet.map(one => one.password)).size, sheet.length)
  t.same(await firstRunUsers(await Users.load(db), folder), sheet)

  const signIn = new SignIn(users, new Tokens('s'))
  const agent = sheet[0]
  if (!agent) throw new Error('no agent on the sheet')
  const from = { address: '192.0.2.1' }
  const { claims, token } = await signIn.signIn({ ...agent, role: 'agent', ...from })
  t.match(signIn.read('agent', token), { sub: claims.sub })
  await t.rejects(signIn.signIn({ ...agent, role: 'reviewer', ...from }), { code: 'not-signed-in' })
  await t.rejects(signIn.signIn({ ...agent, role: 'agent', password: 'agent', ...from }), { code: 'not-signed-in' })
  t.ok(signIn.refresh('agent', token))
  signIn.signOut('agent', token)
  t.equal(signIn.read('agent', token), undefined, 'signing out ends the token at once')
  await db.close()
})

t.test('[AU7] guessing passwords is stopped after ten failures', async t => {
  const db = await openDatabase(':memory:')
  const users = await Users.load(db)
  await users.add({ name: 'ann', displayName: 'Ann', role: 'agent', password: 'right' })
  const signIn = new SignIn(users, new Tokens('s'))
  const attempt = (password: string) => signIn.signIn({ name: 'ann', password, role: 'agent', address: '192.0.2.9' })
  for (let n = 0; n < 10; n++) await t.rejects(attempt('wrong'), { code: 'not-signed-in' })
  await t.rejects(attempt('right'), { code: 'too-many' })
  await db.close()
})
