import type { RecordJob } from '../../signaling/protocol/record-job.ts'
import { JOB_BAR_EN } from '../shared/words/en/job-bar.ts'
import { JOB_BAR_ZH, type JobBarWords } from '../shared/words/zh-CN/job-bar.ts'
import { useSpeech } from './review-words.ts'

export function useJobBarWords(): JobBarWords {
  return useSpeech().language === 'zh-CN' ? JOB_BAR_ZH : JOB_BAR_EN
}

/** How far one piece of long work is, in words and as a bar. */
export function JobBar({ job }: { job: RecordJob }) {
  const words = useJobBarWords()
  const percent = Math.floor(job.progress * 100)
  const known = job.state === 'running'
  return (
    <div class="job" data-test={`job-${job.kind}`} data-state={job.state}>
      <p>
        {words.kinds[job.kind]} <span class="quiet">{words.states[job.state]}</span>
      </p>
      {job.state === 'done' || job.state === 'failed' ? null : (
        <progress max={100} aria-label={words.kinds[job.kind]} {...(known && { value: percent })} />
      )}
      {known ? (
        <p class="quiet">
          {words.percent(percent)}
          {job.etaMs === undefined ? null : ` · ${words.left(Math.round(job.etaMs / 60_000))}`}
        </p>
      ) : null}
      {job.failure && job.state !== 'done' ? <p class="quiet">{words.failures[job.failure]}</p> : null}
    </div>
  )
}
