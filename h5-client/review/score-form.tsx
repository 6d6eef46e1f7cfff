import { useState } from 'preact/hooks'
import type { Answers, Question, ScoreSheet } from '../../signaling/protocol/score-sheet.ts'
import { Refused } from './loading.tsx'
import type { RecordProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'
import { useTask } from './use-task.ts'
import { addScore } from './work-api.ts'

type Props = RecordProps & { readonly sheets: readonly ScoreSheet[]; readonly onDone: () => void }

/** One's own score of a record: every save is a revision; the server counts. */
export function ScoreForm({ desk, state, sheets, name, userId, onDone }: Props) {
  const { words, number } = useSpeech()
  const say = words.work
  const { callId } = state.row
  const { scores, assignments } = state.opened.work
  // Two people may have the same name.
  const isMe = (one: { id: string; name: string }) => (userId === undefined ? one.name === name : one.id === userId)
  const own = scores.findLast(score => isMe(score.reviewer))
  const mine = assignments.find(one => isMe(one.reviewer) && one.state !== 'done' && one.state !== 'withdrawn')
  const [sheetId, setSheetId] = useState(own?.sheetId ?? mine?.sheetId ?? sheets[0]?.sheetId ?? '')
  const sheet = sheets.find(one => one.sheetId === sheetId) ?? sheets[0]
  const [answers, setAnswers] = useState<Answers>(own?.answers ?? {})
  const [comment, setComment] = useState(own?.comment ?? '')
  const [reason, setReason] = useState('')
  const [unanswered, setUnanswered] = useState<readonly string[]>([])
  const task = useTask(desk)
  if (!sheet) return null
  const again = own?.state === 'final'
  const save = (wanted: 'draft' | 'final') => {
    const open = sheet.sections.flatMap(one => one.questions).filter(one => answers[one.id] === undefined)
    setUnanswered(open.map(one => one.id))
    // The server would say the same, with the questions' ids for words.
    if (wanted === 'final' && open.length > 0) return
    return task.run(async () => {
      const score = await addScore(callId, {
        state: wanted,
        sheetId: sheet.sheetId ?? '',
        sheetVersion: sheet.version,
        answers,
        comment: comment.trim(),
        ...(reason.trim() && { reason: reason.trim() }),
        ...(mine && { assignmentId: mine.assignmentId }),
      })
      desk.setWork(callId, work => ({
        ...work,
        scores: [...work.scores.filter(one => one.scoreId !== score.scoreId), score],
      }))
      setUnanswered(score.result.unanswered)
      if (score.state === 'final') onDone()
    })
  }
  return (
    <form class="score-form" data-test="score-form" onSubmit={event => event.preventDefault()}>
      {sheets.length > 1 ? (
        <label class="field">
          <span>{say.chooseSheet}</span>
          <select value={sheet.sheetId} onChange={event => setSheetId(event.currentTarget.value)}>
            {sheets.map(one => (
              <SheetOption key={one.sheetId} sheet={one} />
            ))}
          </select>
        </label>
      ) : null}
      <SheetQuestions
        sheet={sheet}
        answers={answers}
        missing={unanswered}
        onAnswer={(id, value) => setAnswers({ ...answers, [id]: value })}
      />
      <label class="field">
        <span>{say.scoreComment}</span>
        <textarea rows={2} maxLength={4000} value={comment} onInput={event => setComment(event.currentTarget.value)} />
      </label>
      {again ? (
        <label class="field">
          <span>{say.rescore}</span>
          <input maxLength={300} value={reason} onInput={event => setReason(event.currentTarget.value)} />
        </label>
      ) : null}
      {unanswered.length > 0 ? <p class="notice warn">{say.unanswered(number(unanswered.length))}</p> : null}
      <Refused failed={task.failed} message={task.message} />
      <div class="row">
        <button
          type="button"
          class="button primary"
          data-test="score-final"
          disabled={task.busy}
          onClick={() => void save('final')}
        >
          {say.makeFinal}
        </button>
        <button
          type="button"
          class="button"
          data-test="score-draft"
          disabled={task.busy}
          onClick={() => void save('draft')}
        >
          {say.saveDraft}
        </button>
        <button type="button" class="button plain" onClick={onDone}>
          {say.cancel}
        </button>
      </div>
    </form>
  )
}

function SheetOption({ sheet }: { sheet: ScoreSheet }) {
  const { language } = useSpeech()
  return <option value={sheet.sheetId}>{sheet.title[language]}</option>
}

type QuestionsProps = {
  readonly sheet: Pick<ScoreSheet, 'sections'>
  readonly answers: Answers
  readonly missing: readonly string[]
  readonly onAnswer: (questionId: string, value: string) => void
}

/** The questions of a sheet, as a person answers them; also the preview of the editor. */
export function SheetQuestions({ sheet, answers, missing, onAnswer }: QuestionsProps) {
  const { words, language, number } = useSpeech()
  return (
    <>
      {sheet.sections.map(section => (
        <fieldset key={section.id} class="sheet-section">
          <legend>{section.title[language]}</legend>
          {section.questions.map(question => (
            <div
              key={question.id}
              class={missing.includes(question.id) ? 'question missing' : 'question'}
              data-test={`question-${question.id}`}
            >
              <p id={`question-${question.id}`}>
                {question.text[language]}{' '}
                <span class="quiet">
                  {words.work.weight(number(question.weight))}
                  {question.fatal ? ` · ${words.work.fatal}` : ''}
                </span>
              </p>
              {question.hint ? <p class="quiet">{question.hint[language]}</p> : null}
              <div class="segments" role="radiogroup" aria-labelledby={`question-${question.id}`}>
                <Choices question={question} answer={answers[question.id]} onAnswer={onAnswer} />
              </div>
            </div>
          ))}
        </fieldset>
      ))}
    </>
  )
}

type ChoicesProps = {
  readonly question: Question
  readonly answer: string | undefined
  readonly onAnswer: QuestionsProps['onAnswer']
}

function Choices({ question, answer, onAnswer }: ChoicesProps) {
  const { words, language, number } = useSpeech()
  const say = words.work
  const choices = choicesOf(question).map(([value, text]) => ({
    value,
    text: text ? text[language] : value === 'yes' ? say.yes : value === 'no' ? say.no : number(Number(value)),
  }))
  const all = question.mayNotApply ? [...choices, { value: 'n/a', text: say.notApply }] : choices
  return (
    <>
      {all.map(({ value, text }) => (
        // biome-ignore lint/a11y/useSemanticElements: a button that looks and works like the other segments
        <button
          key={value}
          type="button"
          role="radio"
          aria-checked={answer === value}
          data-value={value}
          onClick={() => onAnswer(question.id, value)}
        >
          {text}
        </button>
      ))}
    </>
  )
}

type Both = { readonly 'zh-CN': string; readonly en: string }
function choicesOf(question: Question): readonly (readonly [value: string, text: Both | undefined])[] {
  switch (question.kind) {
    case 'yes-no':
      return [
        ['yes', undefined],
        ['no', undefined],
      ]
    case 'scale':
      return ['1', '2', '3', '4', '5'].map(value => [value, undefined] as const)
    case 'choice':
      return question.choices.map(one => [one.id, one.text] as const)
  }
}
