import t from 'tap'
import { WORKBENCH_EN } from '../shared/words/en/workbench.ts'
import { networkQuality, networkWords } from './network-words.ts'

t.test('[WB24] the worst figure names the network; what was not measured is not claimed', async t => {
  t.equal(networkQuality(undefined), 'unknown')
  t.equal(networkQuality({}), 'unknown')
  t.equal(networkQuality({ kbps: 1800 }), 'good')
  t.equal(networkQuality({ kbps: 1800, lossPercent: 4 }), 'fair')
  t.equal(networkQuality({ kbps: 1800, lossPercent: 1, roundTripMs: 900 }), 'poor')
  t.equal(networkWords({ kbps: 1800.4, lossPercent: 3 }, WORKBENCH_EN, 'en'), '↑ 1,800 kbit/s · loss 3%')
})
