import t from 'tap'
import { simulatedEntries } from './harness/simulated-record.ts'
import { pageReadings } from './page-readings.ts'

t.test('[RC7] beside a picture stands what was read in it, with the agent’s correction', async t => {
  const [page, ...others] = pageReadings(simulatedEntries())
  t.equal(others.length, 0)
  t.equal(page?.addedAtMs, 12_000)
  t.equal(page?.readings.length, 1)
  t.match(page?.readings[0], {
    atMs: 15_500,
    result: { lines: [{ text: 'HG8245 GPON' }, {}, {}] },
    correction: { atMs: 15_700, text: /1F3B$/ },
  })
})
