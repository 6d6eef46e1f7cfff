import fc from 'fast-check'
import t from 'tap'
import { lineHash, NO_PREVIOUS } from '../journal/call-journal.ts'
import { parseCallJournal } from '../journal/read-call-journal.ts'
import { canonicalJson } from './canonical-json.ts'
import { journalFlaw } from './journal-flaw.ts'

const CALL = 'call_0123456789abcdefghij'

/** A properly chained journal with these words in its entries; entries of types that no schema knows are chained too. */
function journalOf(words: readonly string[]) {
  let head = NO_PREVIOUS
  const lines = words.map((word, seq) => {
    const line = JSON.stringify({ seq, atMs: seq, prev: head, type: 'note.of-tomorrow', word })
    head = lineHash(line)
    return line
  })
  const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''))
  return {
    lines,
    bytes,
    sealed: { path: 'journal.jsonl', bytes: bytes.length, callId: CALL, entries: lines.length, head },
  }
}
const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { minLength: 2, maxLength: 30 })

t.test('[VF2] any changed byte of any journal is named with its entry', async t => {
  fc.assert(
    fc.property(words, fc.nat(), fc.integer({ min: 1, max: 255 }), (texts, place, change) => {
      const { bytes, sealed } = journalOf(texts)
      const at = place % bytes.length
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ change
      const entry = bytes.subarray(0, at).toString('latin1').split('\n').length - 1
      const flaw = journalFlaw(altered, sealed)
      // A last line feed that became something else is a torn end.
      if (at === bytes.length - 1) return flaw.kind === 'journal-chain-broken' || flaw.kind === 'tail-removed'
      return flaw.kind === 'journal-chain-broken' && flaw.entry === entry
    }),
    { numRuns: 500 },
  )
  t.pass('500 journals')
})

t.test('[VF3] any cut, any swapped pair and any removed entry of a journal is told as what it is', async t => {
  fc.assert(
    fc.property(words, fc.nat(), fc.nat(), (texts, one, other) => {
      const { lines, bytes, sealed } = journalOf(texts)
      const cut = one % bytes.length
      const tail = journalFlaw(bytes.subarray(0, cut), sealed)
      const [a = 0, b = 0] = [one % lines.length, other % lines.length].sort((x, y) => x - y)
      const swapped = lines.with(a, lines[b] ?? '').with(b, lines[a] ?? '')
      const order = journalFlaw(Buffer.from(`${swapped.join('\n')}\n`), sealed)
      const without = lines.toSpliced(a, 1)
      const gap = journalFlaw(Buffer.from(without.map(line => `${line}\n`).join('')), sealed)
      return (
        tail.kind === 'tail-removed' &&
        tail.fromByte === cut &&
        (a === b || (order.kind === 'journal-reordered' && order.entry === a)) &&
        (a === lines.length - 1 ? gap.kind === 'tail-removed' : gap.kind === 'journal-chain-broken' && gap.entry === a)
      )
    }),
    { numRuns: 300 },
  )
  t.pass('300 journals')
})

t.test('[VF4] canonical JSON: one spelling for one value, whatever order its members came in', async t => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), value => {
      const text = canonicalJson(value)
      const shuffled = JSON.parse(JSON.stringify(value), (_, member) =>
        member && typeof member === 'object' && !Array.isArray(member)
          ? Object.fromEntries(Object.entries(member).reverse())
          : member,
      )
      return canonicalJson(shuffled) === text && canonicalJson(JSON.parse(text)) === text
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(words, texts => {
      const { bytes, sealed } = journalOf(texts)
      const reading = parseCallJournal(bytes)
      return reading.firstBad === undefined && reading.head === sealed.head && reading.lines === texts.length
    }),
  )
  t.pass('500 values, 100 journals')
})
