import t from 'tap'
import { TapReport } from './tap-report.mjs'

function read(text: string, chunkLength = text.length) {
  const files: unknown[] = []
  const failures: { path: string[]; detail: string[] }[] = []
  const report = new TapReport({ onFile: file => files.push(file), onFailure: failure => failures.push(failure) })
  for (let at = 0; at < text.length; at += chunkLength) report.write(text.slice(at, at + chunkLength))
  report.end()
  const { passed, failed, skipped } = report
  return { counts: { passed, failed, skipped }, files, failures }
}

const TWO_FILES = `TAP version 14
1..2
# Subtest: a.test.ts
    # Subtest: first
        ok 1 - one
        not ok 2 - two
          ---
          diff: |
            not ok 9 - this is text
          ...
        ok 3 - later # SKIP why
        1..3
    not ok 1 - first # time=29.192ms
      ---
      at: {}
      ...
    ok 2 - top
    1..2
not ok 1 - a.test.ts # time=40.7ms

# Subtest: b.test.ts
    ok 1 - fine
    1..1
ok 2 - b.test.ts # time=5ms
# { total: 5, pass: 3 }
`

t.test('[BS14] leaves are counted, the lines above them are not', async t => {
  const { counts, files, failures } = read(TWO_FILES)
  t.same(counts, { passed: 3, failed: 1, skipped: 1 })
  t.same(files, [
    { name: 'a.test.ts', passed: 2, failed: 1, skipped: 1, ms: 40.7 },
    { name: 'b.test.ts', passed: 1, failed: 0, skipped: 0, ms: 5 },
  ])
  t.same(failures, [{ path: ['a.test.ts', 'first', 'two'], detail: ['diff: |', '  not ok 9 - this is text'] }])
})

t.test('[BS14] the same however the stream is cut', async t => {
  for (const length of [1, 7, 64]) t.same(read(TWO_FILES, length), read(TWO_FILES))
})

t.test('[BS14] a subtest that fails though all below it passed is a failure: time-out, broken plan', async t => {
  const { counts, failures } = read(`# Subtest: a.test.ts
    ok 1 - one
not ok 1 - a.test.ts # time=60000ms
  ---
  signal: SIGTERM
  ...
`)
  t.same(counts, { passed: 1, failed: 1, skipped: 0 })
  t.same(failures, [{ path: ['a.test.ts'], detail: ['signal: SIGTERM'] }])
})

t.test('[BS14] a file that cannot even be loaded, and a bail-out, are failures', async t => {
  t.same(read('# Subtest: a\n    1..0 # no tests found\nnot ok 1 - a\n').counts, { passed: 0, failed: 1, skipped: 0 })
  t.same(read('Bail out! the machine burns\n').counts, { passed: 0, failed: 1, skipped: 0 })
})

t.test('[BS14] a skipped file is counted as skipped, never as passed', async t => {
  t.same(read('ok 1 - a.test.ts # SKIP no tests found\n').counts, { passed: 0, failed: 0, skipped: 1 })
})
