import t from 'tap'
import { hashOf, routeIn } from './hash-route.ts'

t.test('[RC1] an address names a section and more words, and comes back as it went', async t => {
  t.same(routeIn(''), { section: '', rest: [] })
  t.same(routeIn('#/work'), { section: 'work', rest: [] })
  t.same(routeIn(hashOf('records', 'call_1', 'a/b')), { section: 'records', rest: ['call_1', 'a/b'] })
})
