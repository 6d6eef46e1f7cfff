import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'

const ROOT = resolve(import.meta.dirname, '..')
const spec = readFileSync(resolve(ROOT, 'docs/SPEC.md'), 'utf8')
const rules = new Set(
  [...spec.matchAll(/\*\*([A-Z]{2,5}\d+)\*\*|(?<=[ (])([A-Z]{2,5}\d+)(?= )/g)].map(match => match[1] ?? match[2]),
)
const tests = globSync('{signaling,media,recordings,server,h5-client,scripts,test}/**/*.test.ts', { cwd: ROOT })

t.test('[SPEC1] every rule that a test names stands in docs/SPEC.md', async t => {
  const missing: string[] = []
  let named = 0
  for (const file of tests) {
    const source = readFileSync(resolve(ROOT, file), 'utf8')
    for (const [, rule] of source.matchAll(/test\([`'"]\[([A-Z]{2,5}\d+)\]/g)) {
      named++
      if (!rules.has(rule ?? '')) missing.push(`${file}: ${rule}`)
    }
  }
  t.ok(named > 200, `${named} tests name their rule`)
  t.same(missing, [])
})

t.test('[SPEC2] no rule number stands twice', async t => {
  const seen = [...spec.matchAll(/^- \*\*([A-Z]{2,5}\d+)\*\*/gm)].map(match => match[1])
  t.same(
    seen.filter((rule, index) => seen.indexOf(rule) !== index),
    [],
  )
})
