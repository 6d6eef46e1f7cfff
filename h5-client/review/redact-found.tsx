import { useState } from 'preact/hooks'
import type { Suggestion } from '../../signaling/protocol/redaction.ts'
import { placeText } from '../shared/console/durations.ts'
import { Refused } from './loading.tsx'
import { suggestionsOf } from './redact-api.ts'
import type { EditorProps } from './redact-editor.tsx'
import { useRedactSpeech } from './redact-words.ts'
import { useLoaded, useTask } from './use-task.ts'

/** What the server found, each with its reason; a person ticks. */
export function RedactFound({ desk, state, items, add, removeAll, reason }: EditorProps) {
  const { say, percent } = useRedactSpeech()
  const { callId } = state.row
  const texts = useLoaded(desk, () => suggestionsOf(callId, false), callId)
  const [withFaces, setWithFaces] = useState<readonly Suggestion[] | undefined>()
  const task = useTask(desk)
  const found = withFaces ?? (texts.state.kind === 'ready' ? texts.state.value : [])
  const isChosen = (one: Suggestion) => one.items.every(item => items.some(other => other.itemId === item.itemId))
  const why = (key: string) => say.because[key] ?? key.replace(/^[a-z]+:/, '')
  return (
    <>
      <div class="row">
        <button
          type="button"
          class="button small"
          data-test="redact-faces"
          disabled={task.busy}
          onClick={() => void task.run(async () => setWithFaces(await suggestionsOf(callId, true)))}
        >
          {say.faces}
        </button>
        <span class="quiet">{say.facesHint}</span>
      </div>
      {task.failed ? <Refused failed={task.failed} message={task.message} /> : null}
      {texts.state.kind === 'failed' ? <Refused failed={texts.state.code} /> : null}
      {texts.state.kind === 'ready' && found.length === 0 ? <p class="quiet">{say.noneFound}</p> : null}
      <ul class="redact-list">
        {found.map(one => (
          <li key={one.items[0]?.itemId}>
            <label class="row">
              <input
                type="checkbox"
                data-test="redact-suggestion"
                checked={isChosen(one)}
                onChange={event =>
                  event.currentTarget.checked
                    ? add(one.items.map(item => ({ ...item, reason })))
                    : removeAll(one.items.map(item => item.itemId))
                }
              />
              <strong>{say.kinds[one.kind]}</strong>
              <code>{one.shown}</code>
              <span class="quiet">
                {placeText(one.atMs)} · {one.because.map(why).join(' · ')} · {say.sure(percent(one.confidence))}
              </span>
            </label>
          </li>
        ))}
      </ul>
    </>
  )
}
