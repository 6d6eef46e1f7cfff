import { appendFileSync, copyFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { temporaryFolder } from '../fixture.ts'
import { ChainLog, ChainLogError } from './chain-log.ts'
import { verifyChainLog } from './verify-chain-log.ts'

type Entry = { readonly what: string }
const DAY_MS = 86_400_000
const START = Date.parse('2026-03-01T08:00:00.000Z')

async function open(folder: string, clock: { ms: number }, troubles: string[] = []) {
  return ChainLog.open<Entry>({
    folder,
    nowMs: () => clock.ms,
    tornTail: ({ day, bytes }) => ({ what: `cut ${bytes} bytes of ${day}` }),
    onTrouble: reason => troubles.push(reason),
  })
}

/** Three days of ten entries each. */
async function threeDays(t: Parameters<typeof temporaryFolder>[0]) {
  const folder = await temporaryFolder(t)
  const clock = { ms: START }
  const log = await open(folder, clock)
  for (let day = 0; day < 3; day++) {
    clock.ms = START + day * DAY_MS
    for (let i = 0; i < 10; i++) {
      clock.ms += 1000
      log.append({ what: `day ${day} entry ${i}` })
    }
  }
  await log.close()
  return { folder, clock, mark: log.mark }
}
const path = (folder: string, day: number) => join(folder, `2026-03-0${day}.jsonl`)

t.test('[AN1] one file a day, numbered and chained across days, read again from any place', async t => {
  const { folder, clock, mark } = await threeDays(t)
  t.strictSame(readdirSync(folder), ['2026-03-01.jsonl', '2026-03-02.jsonl', '2026-03-03.jsonl'])
  t.match(await verifyChainLog(folder, [mark]), { intact: true, entries: 30, days: 3, head: mark.head })
  const log = await open(folder, clock)
  t.strictSame(log.mark, mark, 'opened where it was')
  const seqs: number[] = []
  for await (const { line } of log.read(8)) seqs.push(line.seq)
  t.strictSame(
    seqs,
    Array.from({ length: 22 }, (_, i) => i + 8),
  )
  log.append({ what: 'goes on' })
  await log.close()
  t.match(await verifyChainLog(folder, [mark]), { intact: true, entries: 31 })
})

t.test('[AN2] a changed byte anywhere names the line it is in', async t => {
  const { folder, mark } = await threeDays(t)
  for (const day of [1, 2, 3]) {
    const original = readFileSync(path(folder, day))
    for (let at = 0; at < original.length; at += 13) {
      const changed = Buffer.from(original)
      changed[at] = (changed[at] ?? 0) ^ 1
      writeFileSync(path(folder, day), changed)
      const verdict = await verifyChainLog(folder, [mark])
      const line = original.subarray(0, at).filter(byte => byte === 0x0a).length + 1
      const [problem] = verdict.problems
      if (verdict.intact || !problem) t.fail(`byte ${at} of day ${day} changed unseen`)
      else if ('line' in problem) {
        if (problem.day !== `2026-03-0${day}` || problem.line !== line)
          t.fail(`byte ${at} of day ${day} line ${line}: named ${problem.day} ${problem.line} ${problem.kind}`)
      } else t.equal(`${day} ${line} ${problem.kind}`, '3 10 other-history', 'only the very last line needs the mark')
    }
    writeFileSync(path(folder, day), original)
  }
  t.ok((await verifyChainLog(folder, [mark])).intact)
})

t.test('[AN3] missing lines and days, a removed tail, swapped and repeated lines are each named', async t => {
  const { folder, mark } = await threeDays(t)
  const restore = Object.fromEntries([1, 2, 3].map(day => [day, readFileSync(path(folder, day))]))
  const whole = () => {
    for (const [day, bytes] of Object.entries(restore)) writeFileSync(path(folder, Number(day)), bytes)
  }
  const lines = (day: number) => (restore[day] ?? '').toString().split('\n').slice(0, -1)
  const put = (day: number, list: readonly string[]) => writeFileSync(path(folder, day), `${list.join('\n')}\n`)
  const first = async () => (await verifyChainLog(folder, [mark])).problems[0]

  rmSync(path(folder, 2))
  t.match(await first(), {
    kind: 'lines-missing',
    fromSeq: 10,
    toSeq: 19,
    afterDay: '2026-03-01',
    day: '2026-03-03',
    line: 1,
  })
  whole()
  rmSync(path(folder, 1))
  t.match(await first(), { kind: 'lines-missing', fromSeq: 0, toSeq: 9, day: '2026-03-02', line: 1 })
  whole()
  rmSync(path(folder, 3))
  t.match(await first(), { kind: 'tail-removed', entries: 20, expectedEntries: 30 })
  whole()
  put(3, lines(3).slice(0, -1))
  t.match(await first(), { kind: 'tail-removed', entries: 29, expectedEntries: 30 })
  t.ok((await verifyChainLog(folder)).intact, 'which the files alone cannot show')
  put(2, lines(2).toSpliced(4, 1))
  t.match(await first(), { kind: 'lines-missing', fromSeq: 14, toSeq: 14, day: '2026-03-02', line: 5 })
  put(
    2,
    lines(2)
      .with(4, lines(2)[5] ?? '')
      .with(5, lines(2)[4] ?? ''),
  )
  t.match(await first(), { kind: 'lines-missing', fromSeq: 14, day: '2026-03-02', line: 5 })
  put(2, lines(2).toSpliced(4, 0, lines(2)[3] ?? ''))
  t.match(await first(), { kind: 'line-out-of-place', day: '2026-03-02', line: 5, seq: 13 })
  whole()
  truncateSync(path(folder, 3), (restore[3]?.length ?? 0) - 5)
  t.match(await first(), { kind: 'torn-line', day: '2026-03-03', line: 10 })
})

t.test('[AN4] a chain written anew from some line on is no longer the one that was remembered', async t => {
  const { folder, clock, mark } = await threeDays(t)
  const middle = readFileSync(path(folder, 2), 'utf8').split('\n').slice(0, 5).join('\n')
  writeFileSync(path(folder, 2), `${middle}\n`)
  rmSync(path(folder, 3))
  clock.ms = START + DAY_MS * 2
  const forged = await open(folder, clock)
  while (forged.entries < 30) forged.append({ what: 'another story' })
  await forged.close()
  t.ok((await verifyChainLog(folder)).intact, 'consistent in itself')
  t.match((await verifyChainLog(folder, [mark])).problems, [{ kind: 'other-history', entries: 30 }])
})

t.test('[AN5] at every byte a crash may have torn the last line: it is cut off, and that is an entry', async t => {
  const { folder, clock } = await threeDays(t)
  const whole = readFileSync(path(folder, 3))
  const from = whole.subarray(0, -1).lastIndexOf(0x0a) + 1
  for (let cut = from; cut < whole.length; cut += 1) {
    writeFileSync(path(folder, 3), whole.subarray(0, cut))
    const log = await open(folder, clock)
    await log.close()
    const verdict = await verifyChainLog(folder, [log.mark])
    const last = readFileSync(path(folder, 3), 'utf8').split('\n').at(-2) ?? ''
    const expected = cut === from ? 'day 2 entry 8' : `cut ${cut - from} bytes of 2026-03-03`
    if (!verdict.intact || (JSON.parse(last) as Entry).what !== expected) t.fail(`cut at ${cut}: ${last}`)
  }
  t.ok(whole.length > from)
})

t.test('[AN5] a damaged last line stops the start instead of being built upon', async t => {
  const { folder, clock } = await threeDays(t)
  appendFileSync(path(folder, 3), 'not a line\n')
  await t.rejects(open(folder, clock), /damaged/)
})

t.test('[AN6] the clock set back does not set the chain back; a foreign hand in the file is noticed', async t => {
  const { folder, clock } = await threeDays(t)
  const troubles: string[] = []
  clock.ms = START - 40 * DAY_MS
  const log = await open(folder, clock, troubles)
  const { line } = log.append({ what: 'earlier?' })
  t.equal(line.at, '2026-03-03T08:00:10.000Z')
  t.strictSame(troubles, [])
  copyFileSync(path(folder, 3), path(folder, 4))
  rmSync(path(folder, 4))
  appendFileSync(path(folder, 3), '{}\n')
  log.append({ what: 'after that' })
  t.equal(troubles.length, 1)
  const verdict = await log.verify()
  t.match(verdict.problems[0], { kind: 'line-altered', day: '2026-03-03', line: 12 })
  await log.close()
  await log.close()
  t.throws(() => log.append({ what: 'too late' }), ChainLogError)
})
