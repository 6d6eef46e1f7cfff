import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { loadTierPolicy, NO_TIER_POLICY, ruleOf } from './tier-policy.ts'

t.test('[TR19] the tiers file is checked whole, and one line names what is wrong in it', async t => {
  const file = join(t.testdir(), 'tiers.json')
  const refused = async (text: string, message: RegExp) => {
    await writeFile(file, text)
    await t.rejects(loadTierPolicy(file), { message })
  }
  await t.rejects(loadTierPolicy(`${file}.missing`), { message: /tiers\.json\.missing cannot be read/ })
  await refused('{', /is no JSON/)
  await refused('{"classes":{}}', /not as expected at otherwise$/)
  await refused(
    '{"classes":{"a":{"coldAfterDays":-1}},"otherwise":{"coldAfterDays":1}}',
    /at classes\.a\.coldAfterDays$/,
  )
  await refused('{"classes":{},"otherwise":{"coldAfterDays":1},"lockMode":"always"}', /at lockMode$/)
  await refused('{"classes":{},"otherwise":{"coldAfterDays":1},"coldafter":2}', /at file$/)
  await refused(
    '{"classes":{},"otherwise":{"coldAfterDays":1},"bytesPerSecond":0,"everyMinutes":0}',
    /bytesPerSecond, everyMinutes/,
  )
  await writeFile(file, '{"classes":{"short":{"coldAfterDays":7,"lockDays":30}},"otherwise":{"coldAfterDays":null}}')
  const policy = await loadTierPolicy(file)
  t.match(policy, { plainAllowed: false, lockMode: 'governance', alarmAfterMinutes: 60 })
  t.same(ruleOf(policy, 'short'), { coldAfterDays: 7, lockDays: 30 })
  t.same(ruleOf(policy, 'unheard-of'), { coldAfterDays: null })
  t.same(ruleOf(policy, undefined), { coldAfterDays: null })
  t.equal(await loadTierPolicy(undefined), NO_TIER_POLICY, 'without a file nothing moves by age')
})
