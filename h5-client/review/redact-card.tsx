import { useEffect, useState } from 'preact/hooks'
import type { Redaction } from '../../signaling/protocol/redaction.ts'
import { CopyFiles } from './copy-files.tsx'
import type { RecordProps } from './record-props.ts'
import { answerRelease, applyRedaction, copyAddress, redactionsOf } from './redact-api.ts'
import { RedactEditor } from './redact-editor.tsx'
import { useRedactSpeech } from './redact-words.ts'
import { useLoaded, useTask } from './use-task.ts'

const LOOK_MS = 1000

/** The redacted copies of the record: how far each is, its hash, who made it and who released it. */
export function RedactCard(props: RecordProps) {
  const { say } = useRedactSpeech()
  const { desk, state } = props
  const { callId } = state.row
  const { state: found, again } = useLoaded(desk, () => redactionsOf(callId), callId)
  const [editing, setEditing] = useState<{ former: Redaction | undefined } | undefined>()
  const redactions = found.kind === 'ready' ? found.value : []
  const busy = redactions.some(one => one.state === 'applying')
  useEffect(() => {
    if (!busy) return
    const timer = setInterval(again, LOOK_MS)
    return () => clearInterval(timer)
  }, [busy, again])
  return (
    <section class="card" data-test="redact-card">
      <h2>{say.title}</h2>
      <p class="quiet">{say.about}</p>
      {redactions.map(one => (
        <Copy
          key={one.redactionId}
          {...props}
          redaction={one}
          again={again}
          onEdit={() => setEditing({ former: one })}
        />
      ))}
      <button type="button" class="button" data-test="redact-begin" onClick={() => setEditing({ former: undefined })}>
        {say.begin}
      </button>
      {editing ? (
        <RedactEditor
          {...props}
          former={editing.former}
          onDone={() => {
            setEditing(undefined)
            again()
          }}
        />
      ) : null}
    </section>
  )
}

type CopyProps = RecordProps & {
  readonly redaction: Redaction
  readonly again: () => void
  readonly onEdit: () => void
}

function Copy({ desk, redaction, again, onEdit }: CopyProps) {
  const { say, time, percent } = useRedactSpeech()
  const [reason, setReason] = useState('')
  const [playing, setPlaying] = useState(false)
  const task = useTask(desk)
  const { redactionId, applied, release, version } = redaction
  const film = applied?.files.find(file => file.path.endsWith('/replay-redacted.webm'))
  const answer = (what: 'ask' | 'agree' | 'refuse') =>
    void task.run(() => answerRelease(redactionId, what, reason.trim())).then(again)
  const mayAsk = applied !== null && (release.state === 'none' || release.state === 'refused')
  return (
    <article class="redact-copy" data-test="redact-copy" data-state={redaction.state} data-release={release.state}>
      <p>
        <strong>{redaction.title}</strong> <span class="quiet">{say.states[redaction.state]}</span>
      </p>
      <p class="quiet">{say.by(version.by.name, time(version.at))}</p>
      {redaction.state === 'applying' ? (
        <p class="row">
          <progress max={1} value={redaction.progress ?? 0} aria-label={say.states.applying} />
          <span class="quiet">{percent(redaction.progress ?? 0)}</span>
        </p>
      ) : null}
      {redaction.state === 'draft' || redaction.state === 'failed' ? (
        <div class="row">
          <button type="button" class="button small" data-test="redact-edit" onClick={onEdit}>
            {say.edit}
          </button>
          <button
            type="button"
            class="button small"
            disabled={task.busy}
            onClick={() => void task.run(() => applyRedaction(redactionId)).then(again)}
          >
            {say.apply}
          </button>
        </div>
      ) : null}
      {applied ? (
        <>
          <p class="quiet">{say.hash}</p>
          <code class="redact-hash" data-test="redact-hash">
            {applied.manifestSha256}
          </code>
          <p data-test="redact-release-state">
            {release.state === 'released' && release.answeredBy && release.answeredAt
              ? say.releasedBy(release.answeredBy.name, time(release.answeredAt))
              : say.release[release.state]}
            {release.state === 'asked' && release.askedBy ? ` · ${say.askedBy(release.askedBy.name)}` : ''}
          </p>
          {film ? (
            <button type="button" class="button small" data-test="redact-play" onClick={() => setPlaying(!playing)}>
              {say.play}
            </button>
          ) : null}
          {film && playing ? (
            // biome-ignore lint/a11y/useMediaCaption: a recorded call has no captions
            <video class="redact-film" data-test="redact-result" controls src={copyAddress(redactionId, film.path)} />
          ) : null}
          <CopyFiles redactionId={redactionId} files={applied.files} summary={say.files} />
        </>
      ) : null}
      {mayAsk || redaction.mayAnswer ? (
        <div class="row">
          <label class="field">
            <span>{say.reason}</span>
            <input
              maxLength={300}
              data-test="redact-release-reason"
              value={reason}
              onInput={event => setReason(event.currentTarget.value)}
            />
          </label>
          {(mayAsk ? (['ask'] as const) : (['agree', 'refuse'] as const)).map(what => (
            <button
              key={what}
              type="button"
              class="button small"
              data-test={`redact-${what}`}
              disabled={task.busy || reason.trim().length < 3}
              onClick={() => answer(what)}
            >
              {say[what]}
            </button>
          ))}
        </div>
      ) : null}
      {task.failed ? (
        <p class="notice danger" role="alert">
          {say.refused}
        </p>
      ) : null}
    </article>
  )
}
