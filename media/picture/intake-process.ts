/** The process that decodes pictures from outside, forked by PictureIntake. */
import { setPriority } from 'node:os'
import type { IntakeJob } from './intake.ts'
import { IntakeError } from './intake-error.ts'
import type { SafePicture } from './safe-picture.ts'
import { serveJobs } from './serve-jobs.ts'

// Before sharp's threads exist: on Linux each thread inherits the niceness of its creator.
setPriority(10)
const { default: sharp } = await import('sharp')
// Every picture is another one: a cache would only hold memory.
sharp.cache(false)
// Only the formats we take: a file that fools the check of its first bytes finds no other decoder.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Heif', 'Nsgif'].map(format => `VipsForeignLoad${format}Buffer`),
})
const { makeSafe } = await import('./safe-picture.ts')
const { isSameView } = await import('./same-view.ts')

serveJobs<IntakeJob, SafePicture | boolean>(
  job => (job.kind === 'take' ? makeSafe(job.bytes) : isSameView(job)),
  error => (error instanceof IntakeError ? error.reason : 'undecodable'),
)
