import { X509Certificate } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t from 'tap'
import { newId } from '../signaling/protocol/new-id.ts'
import { loadCertificate } from './certificate.ts'
import { Lifetime } from './lifetime.ts'
import { createLogger } from './logger.ts'
import { loadSecret } from './secrets.ts'
import { CallIndex } from './store/call-index.ts'
import { openDatabase } from './store/database.ts'

t.test('[LT1] what was opened last is closed first, once, and a failing closer does not stop the others', async t => {
  const log: string[] = []
  const life = new Lifetime()
  life.add('a', { close: () => log.push('a') })
  life.add('b', { close: async () => Promise.reject(new Error('b')) })
  life.add('c', { close: () => log.push('c') })
  const results = await Promise.allSettled([life.close(), life.close()])
  t.same(log, ['c', 'a'])
  t.same(
    results.map(result => result.status),
    ['rejected', 'rejected'],
  )
})

t.test('[LG1] numbers, names, texts and secrets never reach the log', async t => {
  let written = ''
  const destination = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk)
      done()
    },
  })
  const log = createLogger({ level: 'info', destination })
  log.info(
    { callId: 'call_1', from: '13800138000', invite: { link: 'https://x/j/secret', digits: '123456' } },
    'call rings',
  )
  log.child({ name: 'Zhang San' }).warn({ result: { text: 'ID 110101' }, password: 'hunter2' }, 'x')
  t.match(written, 'call_1')
  for (const secret of ['13800138000', 'secret', '123456', 'Zhang San', '110101', 'hunter2'])
    t.notMatch(written, secret)
})

t.test(
  '[TL1] the certificate made at first start covers the names, is kept, and is made anew for a new address',
  async t => {
    const folder = t.testdir()
    const first = await loadCertificate({ kind: 'self-made' }, folder, ['localhost', '192.0.2.5'])
    const parsed = new X509Certificate(first.cert)
    t.equal(parsed.checkIP('192.0.2.5'), '192.0.2.5')
    t.equal(parsed.checkHost('localhost'), 'localhost')
    t.equal((await loadCertificate({ kind: 'self-made' }, folder, ['localhost', '192.0.2.5'])).cert, first.cert)
    t.not((await loadCertificate({ kind: 'self-made' }, folder, ['localhost', '192.0.2.6'])).cert, first.cert)
    t.equal(statSync(join(folder, 'self-made.key')).mode & 0o777, 0o600)
  },
)

t.test('[AU8] a secret is made once and readable by its owner only', async t => {
  const folder = t.testdir()
  const [one, two] = await Promise.all([loadSecret(folder, 'x.key'), loadSecret(folder, 'x.key')])
  t.equal(one, two)
  t.equal(Buffer.from(one, 'base64url').length, 32)
  t.equal(statSync(join(folder, 'x.key')).mode & 0o777, 0o600)
})

t.test('[RW1] a call is found by number, agent and time, newest first, page by page', async t => {
  const db = await openDatabase(':memory:')
  const index = new CallIndex(db)
  for (let n = 0; n < 60; n++) {
    const answeredAt = new Date(Date.UTC(2026, 10, 1, 8, n)).toISOString()
    await index.put(
      {
        callId: newId('call'),
        from: n % 2 ? '13800138000' : '100%_x',
        to: '400',
        agent: { id: newId('user'), name: n < 30 ? 'Ann' : 'Bo' },
        answeredAt,
        durationMs: 1000.4,
        end: { cause: 'caller-hung-up' },
        pages: [],
        tracks: [],
      } as unknown as Parameters<CallIndex['put']>[0],
      '/x',
      'sealed',
    )
  }
  const first = await index.search({})
  t.equal(first.calls.length, 50)
  t.equal(first.calls[0]?.answeredAt, '2026-11-01T08:59:00.000Z')
  const second = await index.search({ cursor: first.next })
  t.equal(second.calls.length, 10)
  t.equal(second.next, undefined)
  t.equal((await index.search({ number: '138', agent: 'ann' })).calls.length, 15)
  t.equal((await index.search({ number: '100%_' })).calls.length, 30, 'wildcards are taken literally')
  t.equal((await index.search({ fromTime: '2026-11-01T08:58:00.000Z' })).calls.length, 2)
  await db.close()
})
