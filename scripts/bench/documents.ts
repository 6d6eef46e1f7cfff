/**
 * How well documents are read: field accuracy over drawn specimens of nobody, held well and badly.
 *
 *   node scripts/bench/documents.ts [specimens per kind=3]
 *
 * The specimens are simulated: layout and fonts resemble the real documents (OCR-B where Debian's fonts-ocr-b is installed), but
 * there is no security print, no photo and no lens. Figures for real documents will be lower.
 */
import { readDocument } from '../../media/picture/documents/read-document.ts'
import { greyOf } from '../../media/picture/grey.ts'
import { createEngines } from '../../media/picture/text-engine.ts'
import { DocumentKind } from '../../signaling/protocol/reading.ts'
import { type PictureCondition, spoil } from '../../test/harness/picture-conditions.ts'
import { drawSpecimen } from '../../test/harness/specimen-documents.ts'
import { printTable, round, spreadOf, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

const seeds = Number(process.argv[2] ?? 3)
const SHOWN = process.argv.includes('--wrong')
const HELD: readonly PictureCondition[] = [
  'clean',
  'skewed 3°',
  'skewed 8°',
  'upside down',
  'dark',
  'uneven light',
  'blurred',
  'perspective',
]

type Result = {
  readonly kind: string
  readonly held: string
  readonly ms: number
  readonly right: number
  readonly fields: number
  readonly checksPassed: boolean
  /** Values that are wrong and yet told as checked: there must be none. */
  readonly wrongButPassed: number
}

const finished = endAfter((seeds * 5 * HELD.length * 4 + 120) * 1000)
const before = surroundings()
const engines = await createEngines()
const results: Result[] = []
for (const kind of DocumentKind.options) {
  for (const held of HELD) {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { truth, png } = await drawSpecimen(kind, seed)
      const picture = await spoil(png, held, seed)
      const startedMs = performance.now()
      const read = await readDocument(engines, await greyOf(picture), kind)
      const ms = performance.now() - startedMs
      const names = Object.keys(truth) as (keyof typeof truth)[]
      const readValue = (name: string) => read.fields.find(field => field.name === name)?.value
      const right = names.filter(name => readValue(name) === truth[name]).length
      const wrongButPassed = read.fields.filter(
        field => field.check === 'passed' && truth[field.name] !== undefined && field.value !== truth[field.name],
      ).length
      results.push({ kind, held, ms, right, fields: names.length, checksPassed: read.checksPassed, wrongButPassed })
      if (SHOWN && right < names.length) {
        for (const name of names)
          if (readValue(name) !== truth[name]) console.log(kind, held, seed, name, truth[name], '→', readValue(name))
      }
    }
  }
}
await Promise.all([engines.latin.close(), engines.chinese.close()])

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0)
const row = (name: string, of: readonly Result[]) => ({
  name,
  documents: of.length,
  'fields right %': round((sum(of.map(one => one.right)) / sum(of.map(one => one.fields))) * 100),
  'all checks hold %': round((of.filter(one => one.checksPassed).length / of.length) * 100),
  'wrong but passed': sum(of.map(one => one.wrongButPassed)),
  'p50 ms': round(spreadOf(of.map(one => one.ms)).p50, 0),
  'p95 ms': round(spreadOf(of.map(one => one.ms)).p95, 0),
})
const byKind = DocumentKind.options.map(kind =>
  row(
    kind,
    results.filter(one => one.kind === kind),
  ),
)
const byHeld = HELD.map(held =>
  row(
    held,
    results.filter(one => one.held === held),
  ),
)
printTable(`Documents by kind, ${seeds} specimens held in ${HELD.length} ways`, byKind)
printTable('By how they are held', [...byHeld, row('all', results)])
const cells = DocumentKind.options.map(kind => ({
  'fields right %': kind,
  ...Object.fromEntries(
    HELD.map(held => {
      const of = results.filter(one => one.kind === kind && one.held === held)
      return [held, round((sum(of.map(one => one.right)) / sum(of.map(one => one.fields))) * 100, 0)]
    }),
  ),
}))
printTable('Both', cells)
await writeReport('documents', { ...before, seeds, byKind, byHeld, cells, results })
finished()
