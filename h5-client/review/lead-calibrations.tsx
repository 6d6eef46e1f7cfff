import { useState } from 'preact/hooks'
import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { Calibration, CalibrationResult, Spread } from '../../signaling/protocol/review-work.ts'
import { LoadedCards } from './loaded-cards.tsx'
import { Refused } from './loading.tsx'
import { useSpeech } from './review-words.ts'
import { ReviewerPicker } from './reviewer-picker.tsx'
import type { SectionProps } from './sections.ts'
import { useLoaded, useTask } from './use-task.ts'
import { calibration, calibrations, closeCalibration, newCalibration, scoreSheets } from './work-api.ts'

type DeskProps = Pick<SectionProps, 'desk'>

/** Several people score the same call blind; then it is seen where they differ. */
export function LeadCalibrations({ desk }: SectionProps) {
  const { words } = useSpeech()
  const say = words.work.lead
  const { state, again } = useLoaded(desk, calibrations)
  return (
    <>
      <NewCalibrationForm desk={desk} onStarted={again} />
      <LoadedCards
        state={state}
        again={again}
        waiting={words.work.loadingWork}
        none={say.noCalibrations}
        card={one => <CalibrationCard key={one.calibrationId} desk={desk} of={one} again={again} />}
      />
    </>
  )
}

function CalibrationCard({ desk, of, again }: DeskProps & { readonly of: Calibration; readonly again: () => void }) {
  const { words, number, time } = useSpeech()
  const say = words.work.lead
  const task = useTask(desk)
  const { state } = useLoaded(
    desk,
    async () => (of.closedAt ? calibration(of.calibrationId) : undefined),
    of.closedAt ?? '',
  )
  const finals = of.reviewers.filter(one => one.final).length
  return (
    <li class="card" data-test="calibration">
      <div class="row between">
        <strong>{of.title}</strong>
        <span class="quiet">{time(of.at)}</span>
      </div>
      <code>{of.callId}</code>
      <p class="quiet">
        {of.reviewers.map(one => one.name).join(', ')} · {say.finals(number(finals), number(of.reviewers.length))}
      </p>
      {of.closedAt ? null : (
        <>
          <p class="quiet">{say.blind}</p>
          <div class="row">
            <button
              type="button"
              class="button small"
              disabled={task.busy}
              onClick={async () => {
                if (await task.run(() => closeCalibration(of.calibrationId))) again()
              }}
            >
              {say.closeCalibration}
            </button>
          </div>
        </>
      )}
      <Refused failed={task.failed} message={task.message} />
      {state.kind === 'ready' && state.value?.compared ? <Compared compared={state.value.compared} /> : null}
    </li>
  )
}

function Compared({ compared }: { readonly compared: NonNullable<CalibrationResult['compared']> }) {
  const { words, language } = useSpeech()
  const say = words.work.lead
  const percent = new Intl.NumberFormat(language, { style: 'percent' })
  const share = (value: number | null) => (value === null ? '–' : percent.format(value))
  const spread = (of: Spread) => (
    <>
      <td>{share(of.mean)}</td>
      <td>
        {share(of.lowest)}–{share(of.highest)}
      </td>
    </>
  )
  const people = [
    ...new Map(
      compared.questions.flatMap(one => one.answers.map(answer => [answer.reviewer.id, answer.reviewer])),
    ).values(),
  ]
  return (
    <table class="table" data-test="calibration-table">
      <thead>
        <tr>
          <th>{say.question}</th>
          {people.map(one => (
            <th key={one.id}>{one.name}</th>
          ))}
          <th>{say.mean}</th>
          <th>{say.spread}</th>
          <th>{say.agreement}</th>
        </tr>
      </thead>
      <tbody>
        {compared.questions.map(question => (
          <tr key={question.questionId} class={(question.agreement ?? 1) < 1 ? 'warn' : undefined}>
            <td>{question.questionId}</td>
            {people.map(one => (
              <td key={one.id}>{question.answers.find(answer => answer.reviewer.id === one.id)?.answer ?? '–'}</td>
            ))}
            {spread(question)}
            <td>{share(question.agreement)}</td>
          </tr>
        ))}
        <tr>
          <th>{say.totals}</th>
          {people.map(one => (
            <td key={one.id}>{compared.scores.find(score => score.reviewer.id === one.id)?.result.total ?? '–'}</td>
          ))}
          {spread(compared.totals)}
          <td />
        </tr>
      </tbody>
    </table>
  )
}

function NewCalibrationForm({ desk, onStarted }: DeskProps & { readonly onStarted: () => void }) {
  const { words, language } = useSpeech()
  const say = words.work.lead
  const [title, setTitle] = useState('')
  const [callId, setCallId] = useState('')
  const [sheetId, setSheetId] = useState('')
  const [reviewers, setReviewers] = useState<readonly string[]>([])
  const sheets = useLoaded(desk, scoreSheets)
  const task = useTask(desk)
  const known = sheets.state.kind === 'ready' ? sheets.state.value.filter(one => !one.retired) : []
  const sheet = sheetId || known[0]?.sheetId || ''
  const submit = async (event: Event) => {
    event.preventDefault()
    const order = {
      title: title.trim(),
      callId: callId.trim() as CallId,
      sheetId: sheet,
      reviewerIds: reviewers as UserId[],
    }
    if (await task.run(() => newCalibration(order))) onStarted()
  }
  return (
    <form class="card room-form" onSubmit={submit}>
      <h2 class="whole">{say.newCalibration}</h2>
      <label class="field">
        <span>{say.calibrationTitle}</span>
        <input maxLength={80} value={title} onInput={event => setTitle(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{say.callId}</span>
        <input value={callId} onInput={event => setCallId(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{words.work.chooseSheet}</span>
        <select value={sheet} onChange={event => setSheetId(event.currentTarget.value)}>
          {known.map(one => (
            <option key={one.sheetId} value={one.sheetId}>
              {one.title[language]}
            </option>
          ))}
        </select>
      </label>
      <ReviewerPicker desk={desk} chosen={reviewers} onChange={setReviewers} />
      <Refused failed={task.failed} message={task.message} />
      <button
        type="submit"
        class="button primary"
        disabled={task.busy || title.trim() === '' || callId.trim() === '' || sheet === '' || reviewers.length < 2}
      >
        {say.start}
      </button>
    </form>
  )
}
