import type { JobTrouble } from './child-pool.ts'

/** What went wrong with reading or comparing pictures, the child's own answers among it. */
export type PictureTrouble = Exclude<JobTrouble, 'failed'> | 'bad-picture' | 'engine'

/** A word that the child should not have said counts as its failure. */
export function pictureTrouble(trouble: JobTrouble, reason: string): PictureTrouble {
  if (trouble !== 'failed') return trouble
  return reason === 'bad-picture' ? 'bad-picture' : 'engine'
}
