import t from 'tap'
import { EMPTY_SEARCH, formOf, ruleOf } from './search-form.ts'

t.test('[RV20] empty filters are left out, blanks are cut', async t => {
  t.same(ruleOf(EMPTY_SEARCH), {})
  t.same(ruleOf({ ...EMPTY_SEARCH, number: ' 138 ', textKinds: ['ocr'] }), { number: '138' })
})

t.test('[RV21] days are whole days of the reviewer’s own zone, the last one included', async t => {
  const rule = ruleOf({ ...EMPTY_SEARCH, from: '2026-11-14', to: '2026-11-14' })
  const [from, to] = [new Date(rule.from ?? ''), new Date(rule.to ?? '')]
  t.equal(from.getHours() + from.getMinutes(), 0)
  t.equal(to.getTime() - from.getTime(), 24 * 3_600_000 - 1)
})

t.test('[RC10] a saved search comes back into the form as it was', async t => {
  const form = {
    ...EMPTY_SEARCH,
    agent: '林',
    from: '2026-11-01',
    to: '2026-11-14',
    text: 'TP-2026',
    textKinds: ['ocr', 'code'] as const,
    flags: ['hold', 'degraded'] as const,
    withoutFlags: ['silence'] as const,
    tags: ['复核', 'x'],
    minMinutes: '1.5',
    camera: '1' as const,
    scored: '0' as const,
    end: 'caller-hung-up',
  }
  t.same(formOf(ruleOf(form)), form)
  t.same(ruleOf(form).minDurationMs, '90000')
})
