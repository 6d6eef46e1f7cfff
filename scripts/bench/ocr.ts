/**
 * How well print is read: time and character accuracy over drawn labels spoiled in known ways, as the engine reads the plain
 * picture (before) and as the product reads it (after), in one run with the same models.
 *
 *   node scripts/bench/ocr.ts [labels per kind=3]
 *
 * The pictures are simulated: drawn letters, known arithmetic for light, blur and perspective, JPEG. Not the server's process
 * but the same functions, in this process, one picture at a time.
 */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { createWorker, OEM, PSM } from 'tesseract.js'
import { greyOf } from '../../media/picture/grey.ts'
import { createEngines } from '../../media/picture/text-engine.ts'
import { tidyLine } from '../../media/picture/text-lines.ts'
import { readGrey } from '../../media/picture/text-reading.ts'
import { characterAccuracy } from '../../test/harness/character-accuracy.ts'
import { drawLabel, LABEL_KINDS } from '../../test/harness/label-pictures.ts'
import { CONDITIONS, spoil } from '../../test/harness/picture-conditions.ts'
import { printTable, round, spreadOf, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

const seeds = Number(process.argv[2] ?? 3)
/** The plain engine can spend minutes on a noisy picture; the product would have given up at 20 s, this comparison does sooner. */
const GIVEN_UP_MS = 8_000

type Result = {
  readonly condition: string
  readonly kind: string
  readonly way: string
  readonly ms: number
  readonly accuracy: number
  readonly skewError?: number
}
const TRUE_SKEW: Partial<Record<(typeof CONDITIONS)[number], number>> = {
  clean: 0,
  'skewed 3°': -3,
  'skewed 8°': 8,
  'skewed 15°': -15,
}

const finished = endAfter((seeds * 4 * CONDITIONS.length * 6 + 120) * 1000)
const before = surroundings()
const engines = await createEngines()
let plain = await plainEngine()
const results: Result[] = []
for (const condition of CONDITIONS) {
  for (const kind of LABEL_KINDS) {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const label = await drawLabel(kind, seed)
      const picture = await spoil(label.png, condition, seed)
      const truth = label.lines.join('\n')
      let startedMs = performance.now()
      const text = await Promise.race([plain.read(picture), givenUp()])
      if (text === undefined) {
        await plain.close()
        plain = await plainEngine()
      }
      const common = { condition, kind }
      results.push({
        ...common,
        way: 'before',
        ms: performance.now() - startedMs,
        accuracy: characterAccuracy(truth, text ?? ''),
      })
      startedMs = performance.now()
      const read = await readGrey(engines, await greyOf(picture), undefined)
      const known = TRUE_SKEW[condition]
      results.push({
        ...common,
        way: 'after',
        ms: performance.now() - startedMs,
        accuracy: characterAccuracy(truth, read.text),
        ...(known !== undefined && { skewError: Math.abs((read.deskewedDeg ?? 0) - known) }),
      })
    }
  }
}
await plain.close()
await Promise.all([engines.latin.close(), engines.chinese.close()])

const row = (name: string, of: readonly Result[]) => {
  const [old, now] = ['before', 'after'].map(way => of.filter(result => result.way === way))
  const cells = (list: readonly Result[] = []) => ({
    accuracy: round(mean(list.map(result => result.accuracy)) * 100),
    perfect: list.filter(result => result.accuracy === 1).length,
    ...spreadOf(list.map(result => result.ms)),
  })
  const [a, b] = [cells(old), cells(now)]
  const skew = now?.flatMap(result => result.skewError ?? []) ?? []
  return {
    condition: name,
    labels: b.n,
    'before, % right': a.accuracy,
    'after, % right': b.accuracy,
    'wholly right': `${a.perfect} → ${b.perfect}`,
    'before p50 / p95 ms': `${round(a.p50, 0)} / ${round(a.p95, 0)}`,
    'after p50 / p95 ms': `${round(b.p50, 0)} / ${round(b.p95, 0)}`,
    'angle off, worst °': skew.length === 0 ? undefined : round(Math.max(...skew), 2),
  }
}
const table = [
  ...CONDITIONS.map(condition =>
    row(
      condition,
      results.filter(result => result.condition === condition),
    ),
  ),
  row('all', results),
]
printTable(`OCR: character accuracy (1 - edit distance / length), ${seeds} labels of each of 4 kinds`, table)
const kinds = LABEL_KINDS.map(kind =>
  row(
    kind,
    results.filter(result => result.kind === kind),
  ),
)
printTable('The same by kind of label', kinds)
await writeReport('ocr', { ...before, seeds, table, kinds, results })
finished()

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function givenUp(): Promise<undefined> {
  return new Promise(resolve => setTimeout(() => resolve(undefined), GIVEN_UP_MS).unref())
}

/** What the product did before deskew and line finding: grey, stretched, enlarged, the whole page to one engine of both languages. */
async function plainEngine() {
  const { resolve } = createRequire(import.meta.url)
  const langPath = mkdtempSync(join(tmpdir(), 'tongping-plain-'))
  for (const language of ['eng', 'chi_sim']) {
    const name = `${language}.traineddata.gz`
    const home = dirname(resolve(`@tesseract.js-data/${language}/package.json`))
    symlinkSync(join(home, '4.0.0_best_int', name), join(langPath, name))
  }
  const worker = await createWorker(['eng', 'chi_sim'], OEM.LSTM_ONLY, { langPath, gzip: true, cacheMethod: 'none' })
  rmSync(langPath, { recursive: true, force: true })
  const linesBy = async (image: Buffer, mode: PSM) => {
    await worker.setParameters({ tessedit_pageseg_mode: mode, preserve_interword_spaces: '1' })
    const { data } = await worker.recognize(image, {}, { text: false, blocks: true })
    return (data.blocks ?? []).flatMap(block => block.paragraphs.flatMap(paragraph => paragraph.lines))
  }
  const sure = (lines: readonly { confidence: number }[]) =>
    lines.length === 0 ? 0 : mean(lines.map(line => line.confidence))
  return {
    async read(picture: Buffer): Promise<string> {
      const { width, height } = await sharp(picture).metadata()
      const scale = Math.min(4, 1600 / Math.max(width, height))
      const grey = sharp(picture).grayscale().normalise({ lower: 0, upper: 100 })
      const { channels } = await sharp(await grey.png().toBuffer()).stats()
      const page = (channels[0]?.mean ?? 255) < 100 ? grey.negate() : grey
      const image = await page
        .resize({ width: Math.round(width * Math.max(1, scale)), kernel: 'cubic' })
        .png()
        .toBuffer()
      const whole = await linesBy(image, PSM.AUTO)
      const lines = sure(whole) >= 60 ? whole : await linesBy(image, PSM.SPARSE_TEXT)
      return lines
        .filter(line => line.confidence >= 30)
        .map(line => tidyLine(line.text))
        .join('\n')
    },
    close: () => worker.terminate(),
  }
}
