/** Long work on the derivatives of one record, as it is shown. Zod-free: pages read it. */
export const JOB_KINDS = ['replay', 'mp4'] as const
export type JobKind = (typeof JOB_KINDS)[number]

export type RecordJob = {
  /** One job of a kind for each call: asking again joins what runs, or starts anew what has ended. */
  readonly id: string
  readonly kind: JobKind
  /** `retrying`: it failed and will be tried again by itself. */
  readonly state: 'waiting' | 'running' | 'retrying' | 'done' | 'failed'
  /** 0 to 1. */
  readonly progress: number
  /** Milliseconds it will still take by what is known; absent when nothing is known yet. */
  readonly etaMs?: number
  readonly attempts: number
  /** Why the last attempt failed. */
  readonly failure?: 'ffmpeg-failed' | 'disk-full' | 'failed' | 'crashed' | 'timeout'
  /** What it made, in the record. */
  readonly file?: string
}
