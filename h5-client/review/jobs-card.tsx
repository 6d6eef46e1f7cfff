import { useEffect, useState } from 'preact/hooks'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { JobKind, RecordJob } from '../../signaling/protocol/record-job.ts'
import { getJson, postJson } from '../shared/http.ts'
import { JobBar, useJobBarWords } from './job-bar.tsx'
import type { RecordProps } from './record-props.ts'
import { fileAddress } from './review-api.ts'

/** A bar that moves once a second is alive; more would only be traffic. */
const LOOK_MS = 1000

function fetchJobs(callId: CallId): Promise<readonly RecordJob[]> {
  return getJson<{ jobs: readonly RecordJob[] }>(`/api/review/calls/${callId}/jobs`).then(({ jobs }) => jobs)
}

/** What is being made of the record, and the MP4 for those who need one. */
export function JobsCard({ state }: RecordProps) {
  const words = useJobBarWords()
  const { callId } = state.opened.record
  const [jobs, setJobs] = useState<readonly RecordJob[] | undefined>(undefined)
  const [refused, setRefused] = useState(false)
  const [looks, setLooks] = useState(0)
  useEffect(() => {
    let current = true
    let timer: ReturnType<typeof setTimeout> | undefined
    fetchJobs(callId).then(
      found => {
        if (!current) return
        setJobs(found)
        if (found.some(isLive)) timer = setTimeout(() => setLooks(n => n + 1), LOOK_MS)
      },
      () => undefined,
    )
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [callId, looks])
  const start = (kind: JobKind) => {
    setRefused(false)
    postJson(`/api/review/calls/${callId}/jobs`, { kind }).then(
      () => setLooks(n => n + 1),
      () => setRefused(true),
    )
  }
  if (jobs === undefined) return null
  const mp4 = jobs.find(job => job.kind === 'mp4')
  const replay = jobs.find(job => job.kind === 'replay')
  const idle = mp4 === undefined || mp4.state === 'failed'
  return (
    <section class="card" data-test="jobs-card">
      <h2>{words.title}</h2>
      {jobs.map(job => (
        <JobBar key={job.id} job={job} />
      ))}
      {replay?.state === 'failed' ? (
        <button type="button" class="button" data-test="remux" onClick={() => start('replay')}>
          {words.again}
        </button>
      ) : null}
      {idle && state.opened.muxState === 'muxed' ? (
        <>
          <p class="quiet">{words.aboutMp4}</p>
          <button type="button" class="button" data-test="make-mp4" onClick={() => start('mp4')}>
            {words.makeMp4}
          </button>
        </>
      ) : null}
      {mp4?.state === 'done' && mp4.file !== undefined ? (
        <a class="button" data-test="download-mp4" href={fileAddress(callId, mp4.file)} download>
          {words.download}
        </a>
      ) : null}
      {refused ? (
        <p class="notice danger" role="alert">
          {words.refused}
        </p>
      ) : null}
    </section>
  )
}

function isLive(job: RecordJob): boolean {
  return job.state !== 'done' && job.state !== 'failed'
}
