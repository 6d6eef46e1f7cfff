import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { SignIn } from '../server/auth/sign-in.ts'
import { Tokens } from '../server/auth/tokens.ts'
import { openDatabase } from '../server/store/database.ts'
import { Users } from '../server/store/users.ts'
import { until } from '../test/harness/until.ts'
import { runUsers } from './users.ts'

t.setTimeout(60_000)

t.test('[RW60] [RW61] people are changed beside a running server, which takes it up and logs it', async t => {
  const dataDir = t.testdir()
  const db = await openDatabase(join(dataDir, 'index.sqlite'))
  t.teardown(() => db.close())
  const running = await Users.load(db)
  const told: string[] = []
  await running.tellChanges(async ({ byAccount, what }) => void told.push(`${byAccount}: ${what}`))
  const signIn = new SignIn(running, new Tokens('s'))
  const said: string[] = []
  const users = (...args: string[]) =>
    runUsers(args, { env: { TONGPING_DATA_DIR: dataDir }, say: line => said.push(line), account: 'root' })
  const passwordSaid = () => /password: (\S+)/.exec(said.at(-1) ?? '')?.[1] ?? ''

  t.equal(await users('add', 'Wang', '--role', 'reviewer', '--display', '王芳', '--rights', 'release'), 0)
  const password = passwordSaid()
  const attempt = (with_: string) =>
    signIn.signIn({ name: 'wang', password: with_, role: 'reviewer', address: '192.0.2.1' })
  const { token } = await attempt(password)
  t.match(signIn.read('reviewer', token), { name: '王芳', rights: ['release'] })

  t.equal(await users('rights', 'wang', 'audit,lead'), 0)
  await until('the rights of now', async () => signIn.read('reviewer', token)?.rights.join() === 'audit,lead')
  t.equal(await users('disable', 'wang'), 0)
  await until('the session to end', async () => signIn.read('reviewer', token) === undefined)
  await t.rejects(attempt(password), { code: 'not-signed-in' })
  t.equal(await users('enable', 'wang'), 0)
  // A token counts whole seconds.
  await setTimeout(1100)
  const second = await attempt(password)
  await setTimeout(1100)
  t.equal(await users('password', 'wang'), 0)
  await until('the older session to end', async () => signIn.read('reviewer', second.token) === undefined)
  t.ok(signIn.isCurrent(second.claims), 'claims without a time of their own are not judged by it')
  await t.rejects(attempt(password), { code: 'not-signed-in' })
  t.ok(await attempt(passwordSaid()))

  t.equal(await users('list'), 0)
  t.equal(said.at(-1), 'wang\t王芳\treviewer\taudit,lead\tactive')
  t.same(told, [
    'root: added Wang as reviewer with release',
    'root: rights of wang: audit, lead',
    'root: disabled wang',
    'root: enabled wang',
    'root: new password for wang',
  ])
})

t.test('[RW60] mistakes change nothing', async t => {
  const dataDir = t.testdir()
  const said: string[] = []
  const users = (...args: string[]) =>
    runUsers(args, { env: { TONGPING_DATA_DIR: dataDir }, say: line => said.push(line), account: 'root' })
  for (const args of [
    [],
    ['add', 'x'],
    ['add', 'x', '--role', 'king'],
    ['add', 'x', '--role', 'agent', '--rights', 'release'],
    ['add', 'x', '--role', 'reviewer', '--rights', 'everything'],
    ['disable', 'nobody'],
    ['dance', 'x'],
  ])
    t.equal(await users(...args), 1, args.join(' '))
  said.length = 0
  await users('list')
  t.same(said, [])
})
