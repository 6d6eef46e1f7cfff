import type { PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Region } from '../../signaling/protocol/reading.ts'
import type { RedactionItems } from '../../signaling/protocol/redaction.ts'
import { overlaps, unionOf } from '../../signaling/protocol/redaction-boxes.ts'
import { MASK } from '../../signaling/protocol/redaction-kinds.ts'
import { Masker, maskPlaces } from './mask-text.ts'

/** Strings that name things of the record; no text of anybody. */
const TECHNICAL = new Set([
  ...['type', 'kind', 'file', 'sha256', 'codec', 'track', 'wallClock', 'expiresAt', 'recogniser', 'format', 'role'],
  ...['source', 'because', 'trigger', 'channel', 'language', 'retentionClass', 'scenario', 'model', 'mimeType'],
])
const ID = /^(call|leg|inv|part|page|mark|user|up)_[0-9a-z]{20}$/
/** So much of a telephone number stays: one can tell two callers apart, and call neither. */
const KEPT_DIGITS = 2

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type RedactedJournal = {
  readonly entries: readonly Json[]
  /** Strings that were changed. */
  readonly masked: number
}

/**
 * The journal without what is to be covered: chosen texts (and the same text wherever else it stands), everything that was
 * read where a picture is covered, and the telephone numbers of both ends. The hashes of the chain go, too: they would
 * let anybody try out the few digits that are missing.
 * @throws Error when the plan names a text that is not in the journal
 */
export function redactJournal(entries: readonly JournalEntry[], plan: RedactionItems): RedactedJournal {
  const chosen = new Map<number, { path: string; ranges: readonly (readonly [number, number])[] }[]>()
  const texts: string[] = []
  for (const item of plan) {
    if (item.kind !== 'text') continue
    const entry = entries.find(one => one.seq === item.seq)
    const text = entry && stringAt(entry, item.path)
    if (text === undefined) throw new Error(`the plan masks a text that is not in the journal (entry ${item.seq})`)
    for (const [from, to] of item.ranges) texts.push(text.slice(from, to))
    chosen.set(item.seq, [...(chosen.get(item.seq) ?? []), item])
  }
  const numbers = entries.flatMap(entry => (entry.type === 'call.answered' ? [entry.from, entry.to] : []))
  const covered = boxesByPage(plan)
  for (const entry of entries) texts.push(...readUnder(entry, covered))
  const doubtful = readingsTouched(entries, plan, covered)
  const masker = new Masker([...texts, ...numbers.flatMap(spellings)])
  let masked = 0
  const redacted = entries.map(entry => {
    const { prev: _, ...rest } = entry
    let json = rest as unknown as Json
    if (entry.type === 'call.answered') {
      masked += 2
      json = { ...rest, from: shortNumber(entry.from), to: shortNumber(entry.to) } as unknown as Json
    }
    if (entry.type === 'document.read' && covered.has(entry.result.pageId)) {
      masked += entry.result.fields.length
      const fields = entry.result.fields.map(field => ({ ...field, value: MASK.repeat(field.value.length) }))
      json = { ...rest, result: { ...entry.result, fields } } as unknown as Json
    }
    if (entry.type === 'text.corrected' && doubtful.has(entry.reading)) {
      masked += 1
      json = withString(json, ['text'], text => text.replace(/\S/g, MASK))
    }
    for (const { path, ranges } of chosen.get(entry.seq) ?? []) {
      masked += 1
      json = withString(json, path.split('.'), text => maskPlaces(text, placesIn(ranges)))
    }
    return everyString(json, text => masker.mask(text))
  })
  return { entries: redacted, masked: masked + masker.masked }
}

/** A number as it may be written: with its country, without, or as it is dialled in town. */
function spellings(number: string): string[] {
  const digits = number.replace(/\D/g, '')
  return [digits, digits.slice(-11), digits.slice(-8)].filter(one => one.length >= 5)
}

/** `+8613800001234` as `▇▇…34`: the shape stays. */
export function shortNumber(number: string): string {
  return number.length <= KEPT_DIGITS + 2
    ? MASK.repeat(number.length)
    : MASK.repeat(number.length - KEPT_DIGITS) + number.slice(-KEPT_DIGITS)
}

/** A string inside an entry by `result.lines.0.text`; undefined when there is none. */
export function stringAt(entry: unknown, path: string): string | undefined {
  let at: unknown = entry
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return typeof at === 'string' ? at : undefined
}

function boxesByPage(plan: RedactionItems): ReadonlyMap<PageId, readonly Region[]> {
  const boxes = new Map<PageId, Region[]>()
  for (const item of plan)
    if (item.kind === 'picture-region') boxes.set(item.pageId, [...(boxes.get(item.pageId) ?? []), ...item.boxes])
  return boxes
}

/** What was read where something is covered now. A text without a place on such a page goes whole. */
function readUnder(entry: JournalEntry, covered: ReadonlyMap<PageId, readonly Region[]>): string[] {
  switch (entry.type) {
    case 'text.recognised': {
      const boxes = covered.get(entry.result.pageId)
      if (!boxes) return []
      const { lines, findings = [], text } = entry.result
      const under = lines.filter(line => boxes.some(box => overlaps(box, line.box)))
      // Lines are parts of the whole text; without lines nobody knows what of it lay under the box.
      const whole = lines.length === 0 ? [text] : []
      const found = findings.filter(one => one.box === undefined || boxes.some(box => overlaps(box, one.box!)))
      return [...under.map(line => line.text), ...found.map(one => one.value), ...whole]
    }
    case 'codes.found': {
      const boxes = 'pageId' in entry.result.at ? covered.get(entry.result.at.pageId) : undefined
      if (!boxes) return []
      const under = entry.result.codes.filter(({ corners }) => {
        const around = corners.map(([x, y]) => ({ x, y, width: 0, height: 0 })).reduce(unionOf)
        return boxes.some(box => overlaps(box, around))
      })
      return [...under.map(code => code.text), ...(entry.result.findings ?? []).map(one => one.value)]
    }
    case 'document.read':
      return covered.has(entry.result.pageId) ? entry.result.fields.map(field => field.value) : []
    default:
      return []
  }
}

/**
 * Readings of which something is covered. The agent's correction of such a reading says in other characters what must not
 * be said, and nobody knows where in it: it goes whole.
 */
function readingsTouched(
  entries: readonly JournalEntry[],
  plan: RedactionItems,
  covered: ReadonlyMap<PageId, readonly Region[]>,
): ReadonlySet<number> {
  const chosen = plan.flatMap(item => (item.kind === 'text' ? [item.seq] : []))
  const under = entries.filter(entry => entry.type === 'text.recognised' && readUnder(entry, covered).length > 0)
  return new Set([...chosen, ...under.map(entry => entry.seq)])
}

function placesIn(ranges: readonly (readonly [number, number])[]): ReadonlySet<number> {
  return new Set(ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)))
}

function withString(json: Json, path: readonly string[], change: (text: string) => string): Json {
  const [name, ...rest] = path
  if (name === undefined) return typeof json === 'string' ? change(json) : json
  if (Array.isArray(json)) return json.map((one: Json, i) => (String(i) === name ? withString(one, rest, change) : one))
  if (typeof json !== 'object' || json === null) return json
  const members = json as { readonly [name: string]: Json }
  return { ...members, [name]: withString(members[name] ?? null, rest, change) }
}

function everyString(json: Json, change: (text: string) => string, name = ''): Json {
  if (typeof json === 'string') return TECHNICAL.has(name) || ID.test(json) ? json : change(json)
  if (Array.isArray(json)) return json.map((one: Json) => everyString(one, change, name))
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, everyString(value as Json, change, key)]))
}
