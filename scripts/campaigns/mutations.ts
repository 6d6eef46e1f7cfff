/**
 * Mutations: a sealed call is changed at random, verified, and what the verdict names is compared with what was changed.
 *
 *   node scripts/campaigns/mutations.ts [count=10000] [seed=4]
 *
 * Flipped bits, cut ends, bytes taken out and put in, entries and chunks re-ordered, files swapped between calls and within
 * one, removed and added; half of them on the plain form, half on the encrypted one (verified without a key). What a
 * precise verdict is stands in `mutations/precise.ts`, apart from the verifier.
 */
import { printTable, surroundings, writeReport } from '../bench/report.ts'
import { runMutations } from './mutations/run-mutations.ts'

const count = Number(process.argv[2] ?? 10_000)
const seed = Number(process.argv[3] ?? 4)
const at = surroundings()
const startedMs = performance.now()
const { tallies, misses } = await runMutations({ count, seed, onProgress: done => console.log(`${done} of ${count}`) })
const seconds = Math.round((performance.now() - startedMs) / 1000)
const sum = (of: 'made' | 'detected' | 'precise') => tallies.reduce((total, tally) => total + tally[of], 0)
const total = { made: sum('made'), detected: sum('detected'), precise: sum('precise') }
printTable(`${count} mutations, seed ${seed}, ${seconds} s`, [...tallies, { form: 'all', kind: '', ...total }])
for (const miss of misses.slice(0, 20)) console.log(JSON.stringify(miss))
await writeReport('mutations', { surroundings: at, count, seed, seconds, tallies, total, misses: misses.slice(0, 200) })
process.exitCode = total.precise === count ? 0 : 1
