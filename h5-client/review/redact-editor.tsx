import type { VNode } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Redaction, RedactionItem } from '../../signaling/protocol/redaction.ts'
import { placeText } from '../shared/console/durations.ts'
import { pageReadings } from './page-readings.ts'
import type { RecordProps } from './record-props.ts'
import { applyRedaction, saveDraft } from './redact-api.ts'
import { RedactFilm } from './redact-film.tsx'
import { RedactFound } from './redact-found.tsx'
import { RedactPages } from './redact-pages.tsx'
import { RedactTexts } from './redact-texts.tsx'
import { RedactVoices } from './redact-voices.tsx'
import { useRedactSpeech } from './redact-words.ts'
import { useTask } from './use-task.ts'

export type EditorProps = RecordProps & {
  readonly items: readonly RedactionItem[]
  readonly add: (items: readonly RedactionItem[]) => void
  readonly removeAll: (itemIds: readonly string[]) => void
  readonly newId: () => string
  /** Stands with every item added from now on. */
  readonly reason: string
}
const TABS = {
  found: RedactFound,
  pages: RedactPages,
  film: RedactFilm,
  voices: RedactVoices,
  texts: RedactTexts,
} as const satisfies Record<string, (props: EditorProps) => VNode | null>
type Tab = keyof typeof TABS

type Props = RecordProps & { readonly former: Redaction | undefined; readonly onDone: () => void }

/** A draft of what to cover: suggestions, boxes, spans and texts in one list; saved in versions, then applied. */
export function RedactEditor({ former, onDone, ...record }: Props) {
  const { say, number } = useRedactSpeech()
  const { player, desk, state } = record
  const dialog = useRef<HTMLDialogElement>(null)
  const [tab, setTab] = useState<Tab>('found')
  const [title, setTitle] = useState(former?.title ?? say.title)
  const [reason, setReason] = useState(former?.version.items[0]?.reason ?? '')
  const [items, setItems] = useState<readonly RedactionItem[]>(former?.version.items ?? [])
  const [saved, setSaved] = useState(former)
  const task = useTask(desk)
  useEffect(() => dialog.current?.showModal(), [])
  const add = (more: readonly RedactionItem[]) =>
    setItems(now => [...now.filter(one => !more.some(other => other.itemId === one.itemId)), ...more])
  const removeAll = (ids: readonly string[]) => setItems(now => now.filter(one => !ids.includes(one.itemId)))
  const newId = () => `i-${crypto.randomUUID().slice(0, 18)}`
  const Shown = TABS[tab]
  const withReasons = () => items.map(item => ({ ...item, reason: item.reason.trim() || reason.trim() || say.title }))
  const pages = useMemo(() => pageReadings(record.index.entries), [record.index])
  const pageNumber = (pageId: string) => number(pages.findIndex(one => one.page.page.id === pageId) + 1)
  const save = async () => {
    const draft = { title: title.trim() || say.title, items: withReasons() }
    const now = await saveDraft(state.row.callId, saved, draft)
    setSaved(now)
    return now
  }
  const apply = () =>
    task
      .run(async () => {
        const now = await save()
        await applyRedaction(now.redactionId)
      })
      .then(done => done && dialog.current?.close())
  return (
    <dialog
      ref={dialog}
      class="dialog redact-dialog"
      data-test="redact-dialog"
      onClose={onDone}
      // Keys of the replay behind must not move while somebody works here.
      onKeyDown={event => event.stopPropagation()}
    >
      <h2>{say.dialogTitle}</h2>
      <div class="row redact-names">
        <label class="field">
          <span>{say.name}</span>
          <input
            data-test="redact-title"
            maxLength={120}
            value={title}
            disabled={saved !== undefined}
            onInput={event => setTitle(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{say.reason}</span>
          <input
            data-test="redact-reason"
            maxLength={300}
            placeholder={say.reasonHint}
            value={reason}
            onInput={event => setReason(event.currentTarget.value)}
          />
        </label>
      </div>
      <fieldset class="segments">
        {(Object.keys(TABS) as Tab[]).map(one => (
          <button
            key={one}
            type="button"
            data-test={`redact-tab-${one}`}
            aria-pressed={one === tab}
            onClick={() => setTab(one)}
          >
            {say.tabs[one]}
          </button>
        ))}
      </fieldset>
      <div class="redact-body">
        <div class="redact-tab">
          <Shown
            {...record}
            player={player}
            items={items}
            add={add}
            removeAll={removeAll}
            newId={newId}
            reason={reason}
          />
        </div>
        <aside class="redact-chosen">
          <p data-test="redact-count" data-count={items.length}>
            {say.chosen(number(items.length))}
          </p>
          <ul class="redact-list">
            {items.map(item => (
              <li key={item.itemId} class="row between">
                <span>
                  {say.item[item.kind]}
                  <span class="quiet">
                    {' '}
                    {item.kind === 'picture-region' ? say.page(pageNumber(item.pageId)) : ''}
                    {'fromMs' in item ? `${placeText(item.fromMs)}–${placeText(item.toMs)}` : ''}
                  </span>
                </span>
                <button
                  type="button"
                  class="button plain small"
                  aria-label={`${say.remove}: ${say.item[item.kind]}`}
                  onClick={() => removeAll([item.itemId])}
                >
                  ✕
                </button>
              </li>
            ))}
          </ul>
        </aside>
      </div>
      {task.failed ? (
        <p class="notice danger" role="alert">
          {task.failed === 'conflict' ? say.conflict : say.refused}
        </p>
      ) : null}
      <div class="row">
        <button
          type="button"
          class="button"
          data-test="redact-save"
          disabled={task.busy || items.length === 0}
          onClick={() => void task.run(save)}
        >
          {say.save}
        </button>
        <button
          type="button"
          class="button primary"
          data-test="redact-apply"
          disabled={task.busy || items.length === 0}
          onClick={() => void apply()}
        >
          {say.apply}
        </button>
        <button type="button" class="button plain" onClick={() => dialog.current?.close()}>
          {say.close}
        </button>
        {saved ? <span class="quiet">{say.saved(number(saved.version.version))}</span> : null}
      </div>
    </dialog>
  )
}
