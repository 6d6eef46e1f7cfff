import { verifyArchive } from '../../../recordings/seal/verify-archive.ts'
import { MemoryFolder } from '../../../recordings/store/memory-folder.ts'
import { PlainCallFiles } from '../../../recordings/vault/plain-call-files.ts'
import { verifyVault } from '../../../recordings/vault/verify-vault.ts'
import type { ArchiveVerdict } from '../../../signaling/protocol/archive.ts'
import { seededRandom } from '../../../test/harness/seeded-random.ts'
import { chanceOf, mutate } from './mutate.ts'
import type { Mutation, MutationKind } from './mutation.ts'
import { type Specimen, specimens } from './specimen.ts'

export type Tally = {
  readonly form: 'plain' | 'encrypted'
  readonly kind: MutationKind
  made: number
  detected: number
  precise: number
}
export type Miss = { readonly form: string; readonly kind: string; readonly what: string; readonly problems: unknown }

/** Makes so many random changes, verifies after each, and compares what is named with what was changed. */
export async function runMutations(o: { count: number; seed: number; onProgress?: (done: number) => void }) {
  const calls = await specimens()
  for (const form of ['plain', 'encrypted'] as const) {
    const { problems } = await verify(form, calls[0], calls[0][form])
    if (problems.length > 0) throw new Error(`the ${form} specimen is not intact: ${JSON.stringify(problems)}`)
  }
  const chance = chanceOf(seededRandom(o.seed))
  const tallies = new Map<string, Tally>()
  const misses: Miss[] = []
  for (let done = 0; done < o.count; ) {
    const form = done % 2 === 0 ? 'plain' : 'encrypted'
    const mutation = mutate(form, calls, chance)
    if (mutation === undefined) continue
    done += 1
    const name = `${form} ${mutation.kind}`
    const tally = tallies.get(name) ?? { form, kind: mutation.kind, made: 0, detected: 0, precise: 0 }
    tallies.set(name, tally)
    const verdict = await verify(form, calls[0], mutation.files)
    const precise = isPrecise(mutation, verdict)
    tally.made += 1
    if (!verdict.intact) tally.detected += 1
    if (precise) tally.precise += 1
    else misses.push({ form, kind: mutation.kind, what: mutation.what, problems: verdict.problems })
    if (done % 1000 === 0) o.onProgress?.(done)
  }
  return {
    tallies: [...tallies.values()].sort((a, b) => (`${a.form}${a.kind}` < `${b.form}${b.kind}` ? -1 : 1)),
    misses,
  }
}

function verify(
  form: 'plain' | 'encrypted',
  of: Specimen,
  files: ReadonlyMap<string, Buffer>,
): Promise<ArchiveVerdict> {
  const folder = new MemoryFolder(files)
  const options = { trustedKeys: of.trustedKeys, callId: of.callId }
  return form === 'plain' ? verifyArchive(new PlainCallFiles(folder), options) : verifyVault(folder, options)
}

/** What was changed is named as expected, and nothing that was not. */
function isPrecise({ expected, touched }: Mutation, { problems }: ArchiveVerdict): boolean {
  const named = problems.flatMap(problem => ('file' in problem ? [problem.file] : []))
  const fair = touched.length === 0 || named.every(file => touched.includes(file))
  return fair && problems.some(problem => expected.some(test => test(problem)))
}
