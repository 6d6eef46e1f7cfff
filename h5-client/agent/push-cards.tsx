import { useEffect, useRef } from 'preact/hooks'
import { linkHost } from '../../signaling/protocol/link-domain.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { CARD_ABOUTS, CARD_FIELDS, type CardField, type CardValues, cardOf } from './push-templates.ts'
import { pushWords, usePushWords } from './push-words.ts'

const MAX_CHARS = 400
const SHORT: ReadonlySet<CardField> = new Set(['title'])

/** A template, its few fields, Enter: the card is on the phone. */
export function PushCards({ call }: { call: JoinedCall }) {
  const { desk, language } = useBench()
  const words = usePushWords()
  const { linkDomains } = useStore(desk.state)
  const { about, written, busy } = useStore(desk.push.state)
  const form = useRef<HTMLFormElement>(null)
  const values: CardValues = written[about] ?? {}
  // The labels stand on the caller's phone, so they speak the caller's language.
  const labels = pushWords(call.view.invite?.language ?? language).fields
  const card = cardOf(about, values, labels)
  const link = about === 'link' && values.url?.trim() ? linkHost(values.url.trim(), linkDomains) : undefined
  const ready = card !== undefined && !(link && 'refusal' in link)
  const abouts = CARD_ABOUTS.filter(one => one !== 'link' || linkDomains.length > 0)

  useEffect(() => {
    form.current?.querySelector<HTMLElement>('input, textarea')?.focus()
  }, [about])

  const submit = (event: Event) => {
    event.preventDefault()
    if (card && ready) void desk.push.card(card)
  }
  const onKey = (event: KeyboardEvent) => {
    // By the key's place: with Alt some keyboards write other signs.
    const digit = event.altKey ? /^Digit([1-9])$/.exec(event.code)?.[1] : undefined
    const chosen = digit && abouts[Number(digit) - 1]
    if (chosen) {
      event.preventDefault()
      desk.push.choose({ about: chosen })
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event)
  }
  return (
    <form class="pd-form" ref={form} onSubmit={submit} onKeyDown={onKey}>
      <fieldset class="pd-abouts">
        <legend class="sr-only">{words.tabs.card}</legend>
        {abouts.map((one, index) => (
          <button
            key={one}
            type="button"
            class={one === about ? 'button small pressed' : 'button small'}
            data-test={`push-about-${one}`}
            aria-pressed={one === about}
            onClick={() => desk.push.choose({ about: one })}
          >
            {words.abouts[one]}
            <kbd>Alt {index + 1}</kbd>
          </button>
        ))}
      </fieldset>
      {CARD_FIELDS[about].map(field => (
        <Field
          key={`${about}-${field}`}
          field={field}
          value={values[field] ?? ''}
          onInput={text => desk.push.write(about, { ...values, [field]: text })}
        />
      ))}
      {about === 'link' ? (
        <p class={link && 'refusal' in link ? 'pd-problem' : 'quiet'} role="status" data-test="push-link-host">
          {link === undefined
            ? words.allowedDomains(linkDomains.join(', '))
            : 'host' in link
              ? words.leadsTo(link.host)
              : words.linkRefusals[link.refusal]}
        </p>
      ) : null}
      <button
        type="submit"
        class="button primary large wide"
        data-test="push-send"
        disabled={!ready || busy !== undefined}
      >
        <Icon name="send" />
        {busy === 'push' ? words.showing : words.show}
        <kbd>{about === 'text' ? 'Ctrl ↵' : '↵'}</kbd>
      </button>
    </form>
  )
}

function Field(o: { field: CardField; value: string; onInput: (text: string) => void }) {
  const words = usePushWords()
  const { field, value } = o
  const common = {
    id: `pd-field-${field}`,
    'data-test': `push-field-${field}`,
    value,
    autoComplete: 'off',
    spellcheck: false,
    maxLength: SHORT.has(field) ? 80 : MAX_CHARS,
  }
  return (
    <div class="field">
      <label htmlFor={common.id}>{words.fields[field]}</label>
      {field === 'text' ? (
        <>
          <textarea {...common} rows={4} onInput={event => o.onInput(event.currentTarget.value)} />
          <span class="quiet pd-count">{words.chars(String(value.length))}</span>
        </>
      ) : (
        <input {...common} onInput={event => o.onInput(event.currentTarget.value)} />
      )}
    </div>
  )
}
