import t from 'tap'
import { searchQuery } from './review-api.ts'

const NONE = { number: '', agent: '', from: '', to: '' }

t.test('[RV20] empty filters are left out, blanks are cut', async t => {
  t.equal(searchQuery(NONE), '')
  t.equal(searchQuery({ ...NONE, number: ' 138 ' }), 'number=138')
  t.equal(searchQuery({ ...NONE, agent: '林' }, 'cur|1'), 'agent=%E6%9E%97&cursor=cur%7C1')
})

t.test('[RV21] days are whole days of the reviewer’s own zone, the last one included', async t => {
  const query = new URLSearchParams(searchQuery({ ...NONE, from: '2026-11-14', to: '2026-11-14' }))
  const [from, to] = [new Date(query.get('from') ?? ''), new Date(query.get('to') ?? '')]
  t.equal(from.getHours() + from.getMinutes(), 0)
  t.equal(to.getTime() - from.getTime(), 24 * 3_600_000 - 1)
})
