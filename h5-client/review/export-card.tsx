import { useEffect, useState } from 'preact/hooks'
import type { Language } from '../../signaling/protocol/call.ts'
import { EXPORT_KINDS, type ExportKind } from '../../signaling/protocol/export-kinds.ts'
import type { ExportJob, NewExport } from '../../signaling/protocol/record-export.ts'
import { getJson, postJson } from '../shared/http.ts'
import { EXPORT_EN } from '../shared/words/en/export.ts'
import { REPORT_EN } from '../shared/words/en/report.ts'
import { EXPORT_ZH } from '../shared/words/zh-CN/export.ts'
import { REPORT_ZH } from '../shared/words/zh-CN/report.ts'
import { Refused } from './loading.tsx'
import type { RecordProps } from './record-props.ts'
import { redactionsOf } from './redact-api.ts'
import { useSpeech } from './review-words.ts'
import { useLoaded, useTask } from './use-task.ts'

const LOOK_MS = 1000
const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['zh-CN', '中文'],
  ['en', 'English'],
]

/** Takes the record out of the house: which form, in which language, for what reason; how far it is, and the file. */
export function ExportCard({ desk, state }: RecordProps) {
  const { language: own } = useSpeech()
  const say = own === 'en' ? EXPORT_EN : EXPORT_ZH
  const kinds = (own === 'en' ? REPORT_EN : REPORT_ZH).kinds
  const { callId } = state.opened.record
  const [kind, setKind] = useState<ExportKind>('viewing')
  const [language, setLanguage] = useState<Language>(own)
  const [redactionId, setRedaction] = useState('')
  const [reason, setReason] = useState('')
  const path = `/api/review/calls/${callId}/exports`
  const jobs = useLoaded(desk, async () => (await getJson<{ exports: readonly ExportJob[] }>(path)).exports, callId)
  const redactions = useLoaded(desk, () => redactionsOf(callId), callId)
  const task = useTask(desk)
  const list = jobs.state.kind === 'ready' ? jobs.state.value : []
  const live = list.some(one => one.state === 'waiting' || one.state === 'running')
  useEffect(() => {
    if (!live) return
    const timer = setInterval(jobs.again, LOOK_MS)
    return () => clearInterval(timer)
  }, [live, jobs.again])
  const submit = async (event: Event) => {
    event.preventDefault()
    const redacted = kind === 'viewing' && redactionId !== '' ? { redactionId } : {}
    const order: NewExport = { kind, language, reason: reason.trim(), ...redacted }
    if (await task.run(() => postJson(path, order))) jobs.again()
  }
  const applied = redactions.state.kind === 'ready' ? redactions.state.value.filter(one => one.state === 'applied') : []
  return (
    <section class="card" data-test="export-card">
      <h2>{say.title}</h2>
      <form class="comment-form" onSubmit={submit}>
        <fieldset class="segments">
          <legend class="sr-only">{say.kind}</legend>
          {EXPORT_KINDS.map(one => (
            <button
              key={one}
              type="button"
              data-test={`export-${one}`}
              aria-pressed={one === kind}
              onClick={() => setKind(one)}
            >
              {kinds[one]}
            </button>
          ))}
        </fieldset>
        <p class="quiet">{say.note[kind]}</p>
        <fieldset class="segments">
          <legend class="sr-only">{say.language}</legend>
          {LANGUAGES.map(([one, name]) => (
            <button key={one} type="button" lang={one} aria-pressed={one === language} onClick={() => setLanguage(one)}>
              {name}
            </button>
          ))}
        </fieldset>
        {kind === 'viewing' && applied.length > 0 ? (
          <label class="field">
            <span>{say.redacted}</span>
            <select value={redactionId} onChange={event => setRedaction(event.currentTarget.value)}>
              <option value="">{say.whole}</option>
              {applied.map(one => (
                <option key={one.redactionId} value={one.redactionId}>
                  {one.title}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        <label class="field">
          <span>{say.reason}</span>
          <input
            data-test="export-reason"
            maxLength={300}
            value={reason}
            onInput={event => setReason(event.currentTarget.value)}
          />
        </label>
        <p class="quiet">{say.reasonNote}</p>
        {task.failed === 'forbidden' && kind === 'evidence' ? (
          <p class="notice" role="alert" data-test="export-needs-release">
            {say.needsRelease}
          </p>
        ) : (
          <Refused failed={task.failed} message={task.message} />
        )}
        <button
          type="submit"
          class="button primary"
          data-test="export-start"
          disabled={task.busy || reason.trim().length < 3}
        >
          {say.start}
        </button>
      </form>
      <ul class="people" data-test="exports">
        {list.map(job => (
          <ExportLine key={job.exportId} job={job} />
        ))}
      </ul>
    </section>
  )
}

function ExportLine({ job }: { readonly job: ExportJob }) {
  const { language, time, bytes } = useSpeech()
  const say = language === 'en' ? EXPORT_EN : EXPORT_ZH
  const kinds = (language === 'en' ? REPORT_EN : REPORT_ZH).kinds
  const { state, kind, progress } = job
  const running = state === 'waiting' || state === 'running'
  return (
    <li data-test="export-job" data-state={state}>
      <span>
        {kinds[kind]} · {say.states[state]}
        {job.failure ? ` · ${say.failures[job.failure]}` : ''}
        {job.bytes === undefined ? '' : ` · ${bytes(job.bytes)}`}
        {running ? <progress value={progress} max={1} aria-label={say.states[state]} /> : null}
        {state === 'done' ? (
          <>
            <br />
            <code>SHA-256 {job.sha256}</code>
            <br />
            <a class="button" data-test="export-download" href={`/api/review/exports/${job.exportId}/file`} download>
              {kind === 'report' ? say.print : say.download}
            </a>{' '}
            {job.expiresAt ? <span class="quiet">{say.until(time(job.expiresAt))}</span> : null}
          </>
        ) : null}
      </span>
    </li>
  )
}
