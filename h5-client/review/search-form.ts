import type { CallRule } from '../../signaling/protocol/review.ts'
import type { CallFlag, TextKind } from '../../signaling/protocol/review-kinds.ts'

/** What stands in the search form. Days are `yyyy-mm-dd` of the reviewer's own zone, both inclusive; durations in minutes. */
export type SearchForm = {
  readonly number: string
  readonly agent: string
  readonly from: string
  readonly to: string
  readonly text: string
  readonly textKinds: readonly TextKind[]
  readonly customer: string
  readonly scenario: string
  readonly flags: readonly CallFlag[]
  readonly withoutFlags: readonly CallFlag[]
  readonly tags: readonly string[]
  readonly minMinutes: string
  readonly maxMinutes: string
  readonly camera: '' | '0' | '1'
  readonly pictures: '' | '0' | '1'
  readonly scored: '' | '0' | '1'
  readonly end: string
}

export const EMPTY_SEARCH: SearchForm = {
  number: '',
  agent: '',
  from: '',
  to: '',
  text: '',
  textKinds: [],
  customer: '',
  scenario: '',
  flags: [],
  withoutFlags: [],
  tags: [],
  minMinutes: '',
  maxMinutes: '',
  camera: '',
  pictures: '',
  scored: '',
  end: '',
}

const MINUTE_MS = 60_000

/** The rule of a search: what the server is asked, what a saved search keeps, what a sample draws from. */
export function ruleOf(form: SearchForm): CallRule {
  const rule: Record<string, string> = {}
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') rule[name] = value
  }
  const minutes = (value: string) =>
    value.trim() === '' || !(Number(value) >= 0) ? undefined : String(Math.round(Number(value) * MINUTE_MS))
  add('number', form.number.trim())
  add('agent', form.agent.trim())
  add('from', form.from && new Date(`${form.from}T00:00:00`).toISOString())
  add('to', form.to && new Date(`${form.to}T23:59:59.999`).toISOString())
  add('text', form.text.trim())
  if (form.text.trim() !== '') add('textKinds', form.textKinds.join(','))
  add('customer', form.customer.trim())
  add('scenario', form.scenario)
  add('flags', form.flags.join(','))
  add('withoutFlags', form.withoutFlags.join(','))
  add('tags', form.tags.join(','))
  add('minDurationMs', minutes(form.minMinutes))
  add('maxDurationMs', minutes(form.maxMinutes))
  add('camera', form.camera)
  add('pictures', form.pictures)
  add('scored', form.scored)
  add('ends', form.end)
  return rule
}

/** The form that a saved rule came from. */
export function formOf(rule: CallRule): SearchForm {
  const list = (name: string) => (rule[name] ?? '').split(',').filter(Boolean)
  const day = (time: string | undefined) => {
    if (!time) return ''
    const at = new Date(time)
    const two = (value: number) => String(value).padStart(2, '0')
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  }
  const minutes = (value: string | undefined) => (value ? String(Number(value) / MINUTE_MS) : '')
  const either = (value: string | undefined) => (value === '0' || value === '1' ? value : '')
  return {
    number: rule.number ?? '',
    agent: rule.agent ?? '',
    from: day(rule.from),
    to: day(rule.to),
    text: rule.text ?? '',
    textKinds: list('textKinds') as TextKind[],
    customer: rule.customer ?? '',
    scenario: rule.scenario ?? '',
    flags: list('flags') as CallFlag[],
    withoutFlags: list('withoutFlags') as CallFlag[],
    tags: list('tags'),
    minMinutes: minutes(rule.minDurationMs),
    maxMinutes: minutes(rule.maxDurationMs),
    camera: either(rule.camera),
    pictures: either(rule.pictures),
    scored: either(rule.scored),
    end: rule.ends ?? '',
  }
}
