import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { temporaryFolder } from '../fixture.ts'
import { CallJournal, lineHash } from './call-journal.ts'
import { readCallJournal } from './read-call-journal.ts'

async function openJournal(t: { teardown(fn: () => unknown): void; fail(message: string): unknown }) {
  const path = join(await temporaryFolder(t), 'journal.jsonl')
  const clock = { ms: 0 }
  const journal = new CallJournal({ path, nowMs: () => clock.ms, onDegraded: reason => t.fail(reason) })
  return { path, clock, journal }
}

t.test('[RE40] an entry is in the file before append returns, numbered, timed and chained', async t => {
  const { path, clock, journal } = await openJournal(t)
  clock.ms = 12.3456
  const first = journal.append({ type: 'agent.away' })
  t.match(first, { seq: 0, atMs: 12.346, prev: '0'.repeat(64) })
  t.equal(readFileSync(path, 'utf8'), `${JSON.stringify(first)}\n`)
  clock.ms = 5
  const second = journal.append({ type: 'agent.back' })
  t.match(second, { seq: 1, atMs: 12.346, prev: lineHash(JSON.stringify(first)) }, 'and time never runs backwards')
  t.equal(journal.head, lineHash(JSON.stringify(second)))
  await journal.close()
  await journal.close()
  t.throws(() => journal.append({ type: 'agent.away' }), /journal is closed/)
})

t.test('[RE41] the first writer stays the only one', async t => {
  const { path, journal } = await openJournal(t)
  t.throws(() => new CallJournal({ path, nowMs: () => 0, onDegraded: () => undefined }), { code: 'EEXIST' })
  await journal.close()
})

t.test('[RE42] the reader stops at the first broken link and only skips what it does not understand', async t => {
  const { path, journal } = await openJournal(t)
  journal.append({ type: 'agent.away' })
  journal.append({ type: 'from.the-future' } as never)
  journal.append({ type: 'agent.back' })
  await journal.close()
  const reading = await readCallJournal(path)
  t.match(reading, { lines: 3, unreadable: [1], firstBad: undefined })
  t.strictSame(
    reading.entries.map(entry => entry.type),
    ['agent.away', 'agent.back'],
  )
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace('from.the-future', 'from.the-fortune'))
  t.match(await readCallJournal(path), { lines: 2, firstBad: 2 })
  writeFileSync(path, `${text}{"seq":3`)
  t.match(await readCallJournal(path), { lines: 3, firstBad: 3, goodBytes: Buffer.byteLength(text) })
})

t.test('[RE43] a disk that refuses for a while: nothing is thrown, nothing is lost, the order stays', async t => {
  const root = await temporaryFolder(t)
  const script = fileURLToPath(new URL('./full-disk-journal.ts', import.meta.url))
  const child = spawn('sh', ['-c', 'ulimit -S -f 16 && exec "$0" "$@"', process.execPath, script, root], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [message] = (await once(child, 'message')) as [{ degraded: string[]; entries: number }]
  t.strictSame(message.degraded, ['cannot write journal.jsonl: EFBIG'])
  t.match(await readCallJournal(join(root, 'journal.jsonl')), { lines: message.entries, firstBad: undefined })
})
