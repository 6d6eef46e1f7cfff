import t from 'tap'
import { MUTATION_KINDS } from './mutations/mutation.ts'
import { runMutations } from './mutations/run-mutations.ts'

t.test('[VF1] every one of 800 random changes is found and named precisely, in both forms', async t => {
  const { tallies, misses } = await runMutations({ count: 800, seed: 20_261_126 })
  t.same(misses, [])
  t.equal(tallies.length, 2 * MUTATION_KINDS.length, 'every kind in both forms')
  for (const { form, kind, made, detected, precise } of tallies)
    t.same({ detected, precise }, { detected: made, precise: made }, `${form}: ${made} × ${kind}`)
})
