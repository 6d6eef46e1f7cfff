import { CALL_FLAGS, type CallFlag, END_CAUSES, TEXT_KINDS } from '../../signaling/protocol/review-kinds.ts'
import type { DeskOfRecords } from './desk-of-records.ts'
import { facets as askFacets } from './review-api.ts'
import { useSpeech } from './review-words.ts'
import type { SearchForm } from './search-form.ts'
import { useLoaded } from './use-task.ts'

type Props = {
  readonly desk: DeskOfRecords
  readonly form: SearchForm
  readonly change: (part: Partial<SearchForm>) => void
}

const toggled = <T,>(list: readonly T[], one: T): readonly T[] =>
  list.includes(one) ? list.filter(other => other !== one) : [...list, one]

/** Flags go round: no matter, with, without. */
function nextFlag({ flags, withoutFlags }: SearchForm, flag: CallFlag): Partial<SearchForm> {
  if (flags.includes(flag)) return { flags: toggled(flags, flag), withoutFlags: [...withoutFlags, flag] }
  if (withoutFlags.includes(flag)) return { withoutFlags: toggled(withoutFlags, flag) }
  return { flags: [...flags, flag] }
}

/** Everything else a call can be found by. */
export function SearchMore({ desk, form, change }: Props) {
  // Filters that need no choices go on working while (or although) these do not come.
  const { state } = useLoaded(desk, askFacets)
  const facets = state.kind === 'ready' ? state.value : undefined
  const { words, language, number } = useSpeech()
  const say = words.work
  const either = (name: 'camera' | 'pictures' | 'scored') => (
    <label class="field">
      <span>{say[name]}</span>
      <select
        data-test={`search-${name}`}
        value={form[name]}
        onChange={event => change({ [name]: event.currentTarget.value })}
      >
        <option value="">{say.any}</option>
        <option value="1">{say.yes}</option>
        <option value="0">{say.no}</option>
      </select>
    </label>
  )
  const minutes = (name: 'minMinutes' | 'maxMinutes') => (
    <label class="field">
      <span>{say[name]}</span>
      <input
        type="number"
        min="0"
        step="0.5"
        data-test={`search-${name}`}
        value={form[name]}
        onInput={event => change({ [name]: event.currentTarget.value })}
      />
    </label>
  )
  const flagCalls = (flag: CallFlag) => facets?.flags.find(one => one.flag === flag)?.calls
  return (
    <>
      <fieldset class="chips whole">
        <legend>{say.textIn}</legend>
        {TEXT_KINDS.map(kind => (
          <button
            key={kind}
            type="button"
            class="chip"
            aria-pressed={form.textKinds.includes(kind) ? 'true' : undefined}
            onClick={() => change({ textKinds: toggled(form.textKinds, kind) })}
          >
            {say.textKinds[kind]}
          </button>
        ))}
      </fieldset>
      <label class="field">
        <span>{say.customer}</span>
        <input
          data-test="search-customer"
          autoComplete="off"
          value={form.customer}
          onInput={event => change({ customer: event.currentTarget.value })}
        />
      </label>
      <label class="field">
        <span>{say.scenario}</span>
        <select
          data-test="search-scenario"
          value={form.scenario}
          onChange={event => change({ scenario: event.currentTarget.value })}
        >
          <option value="">{say.any}</option>
          {(facets?.scenarios ?? []).map(one => (
            <option key={one.id} value={one.id}>
              {one.title[language]} ({number(one.calls)})
            </option>
          ))}
        </select>
      </label>
      {minutes('minMinutes')}
      {minutes('maxMinutes')}
      {either('camera')}
      {either('pictures')}
      {either('scored')}
      <label class="field">
        <span>{say.end}</span>
        <select data-test="search-end" value={form.end} onChange={event => change({ end: event.currentTarget.value })}>
          <option value="">{say.any}</option>
          {END_CAUSES.map(cause => (
            <option key={cause} value={cause}>
              {words.common.ends[cause]}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="chips whole" data-test="search-flags">
        <legend>{say.withFlags}</legend>
        {CALL_FLAGS.map(flag => {
          const without = form.withoutFlags.includes(flag)
          const calls = flagCalls(flag)
          return (
            <button
              key={flag}
              type="button"
              class="chip"
              data-flag={flag}
              aria-pressed={form.flags.includes(flag) ? 'true' : without ? 'mixed' : undefined}
              onClick={() => change(nextFlag(form, flag))}
            >
              {without ? say.without(say.flags[flag]) : say.flags[flag]}
              {calls === undefined ? '' : ` ${number(calls)}`}
            </button>
          )
        })}
      </fieldset>
      {(facets?.tags ?? []).length > 0 ? (
        <fieldset class="chips whole">
          <legend>{say.tags}</legend>
          {(facets?.tags ?? []).map(({ tag, calls }) => (
            <button
              key={tag}
              type="button"
              class="chip"
              aria-pressed={form.tags.includes(tag) ? 'true' : undefined}
              onClick={() => change({ tags: toggled(form.tags, tag) })}
            >
              {tag} {number(calls)}
            </button>
          ))}
        </fieldset>
      ) : null}
    </>
  )
}
