import { useState } from 'preact/hooks'
import type { Score } from '../../signaling/protocol/review-work.ts'
import { Loading, Refused } from './loading.tsx'
import type { RecordProps } from './record-props.ts'
import { facets } from './review-api.ts'
import { useSpeech } from './review-words.ts'
import { ScoreForm } from './score-form.tsx'
import { useLoaded, useTask } from './use-task.ts'
import { askSecondOpinion, scoreSheets } from './work-api.ts'

/** Scores of this record, and a form for one's own. Blind ones of colleagues come only after one's own is final. */
export function ScoreCard(props: RecordProps) {
  const { state, desk } = props
  const { words } = useSpeech()
  const [writing, setWriting] = useState(false)
  const { scores } = state.opened.work
  const sheets = useLoaded(desk, scoreSheets)
  return (
    <section class="card" data-test="scores">
      <h2>{words.work.scores}</h2>
      <ul class="people">
        {scores.map(score => (
          <ScoreLine key={`${score.scoreId}-${score.revision}`} score={score} />
        ))}
      </ul>
      {sheets.state.kind === 'failed' && sheets.state.code === 'not-found' ? null : (
        <Loading state={sheets.state} again={sheets.again} waiting={words.work.chooseSheet}>
          {list => {
            const usable = list.filter(sheet => !sheet.retired)
            if (usable.length === 0) return <p class="quiet">{words.work.noSheets}</p>
            return writing ? (
              <ScoreForm {...props} sheets={usable} onDone={() => setWriting(false)} />
            ) : (
              <button type="button" class="button" data-test="score-begin" onClick={() => setWriting(true)}>
                {words.work.startScore}
              </button>
            )
          }}
        </Loading>
      )}
      <SecondOpinion {...props} />
    </section>
  )
}

export function ScoreLine({ score }: { score: Score }) {
  const { words, number, time } = useSpeech()
  const say = words.work
  const { total, passed, fatal } = score.result
  return (
    <li data-test="score" data-state={score.state}>
      <span>
        <strong>{total === null ? say.noTotal : say.total100(number(Math.round(total * 10) / 10))}</strong>
        {passed === null ? '' : ` · ${passed ? say.passed : say.failed}`}
        {fatal.length > 0 ? <span class="incomplete"> · {say.fatal}</span> : null}
        {' · '}
        {score.state === 'final' ? say.final : say.draft} · {say.kinds[score.kind]}
        <br />
        <span class="quiet">
          {score.reviewer.name} · {time(score.at)}
        </span>
        {score.comment ? <p class="comment-text">{score.comment}</p> : null}
      </span>
    </li>
  )
}

function SecondOpinion({ desk, state }: RecordProps) {
  const { words } = useSpeech()
  const say = words.work
  const [open, setOpen] = useState(false)
  const [asked, setAsked] = useState(false)
  const [reviewerId, setReviewer] = useState('')
  const [note, setNote] = useState('')
  const people = useLoaded(desk, async () => (open ? (await facets()).reviewers : []), String(open))
  const task = useTask(desk)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (await task.run(() => askSecondOpinion(state.row.callId, reviewerId, note.trim()))) {
      setOpen(false)
      setAsked(true)
    }
  }
  if (!state.opened.work.scores.some(score => score.state === 'final')) return null
  if (!open)
    return (
      <div class="row">
        <button type="button" class="button plain" data-test="second-opinion" onClick={() => setOpen(true)}>
          {say.secondOpinion}
        </button>
        {asked ? <span role="status">{say.asked}</span> : null}
      </div>
    )
  return (
    <form class="comment-form" onSubmit={submit}>
      <label class="field">
        <span>{say.reviewer}</span>
        <select
          data-test="second-reviewer"
          value={reviewerId}
          onChange={event => setReviewer(event.currentTarget.value)}
        >
          <option value="">{say.chooseSearch}</option>
          {(people.state.kind === 'ready' ? people.state.value : []).map(one => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{say.note}</span>
        <input maxLength={500} value={note} onInput={event => setNote(event.currentTarget.value)} />
      </label>
      <Refused failed={task.failed} message={task.message} />
      <div class="row">
        <button type="submit" class="button primary" disabled={task.busy || reviewerId === ''}>
          {say.ask}
        </button>
        <button type="button" class="button plain" onClick={() => setOpen(false)}>
          {say.cancel}
        </button>
      </div>
    </form>
  )
}
