import { useMemo, useState } from 'preact/hooks'
import type { ScoreSheet } from '../../signaling/protocol/score-sheet.ts'
import { Loading, Refused } from './loading.tsx'
import { NEW_SHEET } from './new-sheet-text.ts'
import { useSpeech } from './review-words.ts'
import { SheetQuestions } from './score-form.tsx'
import type { SectionProps } from './sections.ts'
import { useLoaded, useTask } from './use-task.ts'
import { retireSheet, saveSheet, scoreSheets } from './work-api.ts'

/** Score sheets: every change is a new version, scores keep theirs. */
export function LeadSheets({ desk }: SectionProps) {
  const { words, language, number } = useSpeech()
  const say = words.work.lead
  const { state, again } = useLoaded(desk, scoreSheets)
  const [text, setText] = useState<string | undefined>()
  const task = useTask(desk)
  const edit = ({ sheetId, title, passAt, sections }: ScoreSheet) =>
    setText(JSON.stringify({ sheetId, title, passAt, sections }, null, 2))
  return (
    <>
      <div class="row">
        <button
          type="button"
          class="button primary"
          data-test="sheet-new"
          onClick={() => setText(JSON.stringify(NEW_SHEET, null, 2))}
        >
          {say.newSheet}
        </button>
      </div>
      {text === undefined ? null : (
        <SheetEditor
          desk={desk}
          text={text}
          onText={setText}
          onDone={saved => {
            setText(undefined)
            if (saved) again()
          }}
        />
      )}
      <Refused failed={task.failed} message={task.message} />
      <Loading state={state} again={again} waiting={words.work.chooseSheet}>
        {sheets =>
          sheets.length === 0 ? (
            <p class="list-state quiet">{say.noSheets}</p>
          ) : (
            <ul class="cards">
              {sheets.map(sheet => (
                <li key={sheet.sheetId} class="card" data-test="sheet">
                  <div class="row between">
                    <strong>{sheet.title[language]}</strong>
                    <span class="quiet">
                      {say.version(number(sheet.version))}
                      {sheet.retired ? ` · ${say.retired}` : ''}
                    </span>
                  </div>
                  <div class="row">
                    <button type="button" class="button small" onClick={() => edit(sheet)}>
                      {say.edit}
                    </button>
                    {sheet.retired ? null : (
                      <button
                        type="button"
                        class="button small"
                        disabled={task.busy}
                        onClick={async () => {
                          if (await task.run(() => retireSheet(sheet.sheetId ?? ''))) again()
                        }}
                      >
                        {say.retire}
                      </button>
                    )}
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Loading>
    </>
  )
}

type EditorProps = Pick<SectionProps, 'desk'> & {
  readonly text: string
  readonly onText: (text: string) => void
  readonly onDone: (saved: boolean) => void
}
type Parsed = { readonly draft: unknown } | { readonly fault: string }

function parsed(text: string): Parsed {
  try {
    return { draft: JSON.parse(text) as unknown }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : '' }
  }
}

/** The sheet as JSON, beside it as a reviewer will see it. Whether it makes sense the server says. */
function SheetEditor({ desk, text, onText, onDone }: EditorProps) {
  const { words } = useSpeech()
  const say = words.work.lead
  const result = useMemo(() => parsed(text), [text])
  const task = useTask(desk)
  const preview = 'draft' in result ? previewOf(result.draft) : undefined
  const submit = async (event: Event) => {
    event.preventDefault()
    if ('draft' in result && (await task.run(() => saveSheet(result.draft)))) onDone(true)
  }
  return (
    <form class="card sheet-editor" data-test="sheet-editor" onSubmit={submit}>
      <label class="field">
        <span>{say.sheetJson}</span>
        <textarea
          data-test="sheet-json"
          rows={24}
          spellcheck={false}
          value={text}
          onInput={event => onText(event.currentTarget.value)}
        />
      </label>
      <div class="score-form">
        <h2>{say.preview}</h2>
        {preview ? <SheetQuestions sheet={preview} answers={{}} missing={[]} onAnswer={() => undefined} /> : null}
      </div>
      <div class="whole">
        <p class="quiet">{say.sheetNote}</p>
        {'fault' in result ? (
          <p class="notice danger" role="alert">
            {say.notJson(result.fault)}
          </p>
        ) : null}
        <Refused failed={task.failed} message={task.message} />
        <div class="row">
          <button type="submit" class="button primary" data-test="sheet-save" disabled={task.busy || 'fault' in result}>
            {words.work.save}
          </button>
          <button type="button" class="button plain" onClick={() => onDone(false)}>
            {words.work.cancel}
          </button>
        </div>
      </div>
    </form>
  )
}

/** Enough of a shape to draw it; everything else is the server's to judge. */
function previewOf(draft: unknown): Pick<ScoreSheet, 'sections'> | undefined {
  const { sections } = (draft ?? {}) as { sections?: unknown }
  const words = (value: unknown) => typeof value === 'object' && value !== null && 'en' in value && 'zh-CN' in value
  const isQuestion = (one: unknown) => {
    const question = (one ?? {}) as Record<string, unknown>
    const choices = question.kind !== 'choice' || Array.isArray(question.choices)
    return typeof question.id === 'string' && words(question.text) && typeof question.weight === 'number' && choices
  }
  const isSection = (one: unknown) => {
    const section = (one ?? {}) as Record<string, unknown>
    return words(section.title) && Array.isArray(section.questions) && section.questions.every(isQuestion)
  }
  return Array.isArray(sections) && sections.every(isSection) ? (draft as Pick<ScoreSheet, 'sections'>) : undefined
}
