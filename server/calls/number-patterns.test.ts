import t from 'tap'
import { NumberPatterns } from './number-patterns.ts'

t.test('[VC27] patterns of numbers: one digit, any rest, the whole', async t => {
  const patterns = new NumberPatterns(['8???', '010*', '+8621*', 'sip:desk@pbx.example'])
  for (const good of ['8001', '01012345678', '010', '+862155', 'sip:desk@pbx.example'])
    t.ok(patterns.allows(good), good)
  for (const bad of ['800', '80011', '8a01', '02010', '862155', 'sip:desk@pbxxexample', 'sip:other@pbx.example'])
    t.notOk(patterns.allows(bad), bad)
  t.ok(new NumberPatterns(['*']).allows('1390'))
  t.notOk(new NumberPatterns([]).allows('1'))
  for (const wrong of ['', '1*2', '(.*)', '[0-9]']) t.throws(() => new NumberPatterns([wrong]), RangeError, wrong)
})
