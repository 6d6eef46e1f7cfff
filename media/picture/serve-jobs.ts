import type { JobAnswer, JobMessage } from './job-process.ts'

/**
 * The child's end of a `JobProcess`: does each job and answers. The process ends when its parent closes it or is gone.
 * @param reasonOf the word for a failure that goes back to the parent; never text from the picture
 */
export function serveJobs<Job, Result>(run: (job: Job) => Promise<Result>, reasonOf: (error: unknown) => string): void {
  const answer = (message: JobAnswer<Result>) => {
    if (process.connected) process.send?.(message, () => {})
  }
  process.on('message', ({ id, job }: JobMessage<Job>) => {
    run(job).then(
      result => answer({ id, kind: 'done', result }),
      (error: unknown) => answer({ id, kind: 'failed', reason: reasonOf(error) }),
    )
  })
}
