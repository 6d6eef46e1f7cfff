/**
 * The process that reads text, forked by TextReader. Everything heavy (decoding, enlarging, recognition)
 * happens here at the lowest priority, so that the media process never waits for it.
 */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setPriority, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TextAnswer, TextJob } from './text-messages.ts'

// Before the engine's and sharp's threads exist: on Linux each thread inherits the niceness of its creator.
setPriority(19)
const { createWorker, OEM, PSM } = await import('tesseract.js')
const { prepareForReading } = await import('./text-preparation.ts')
const { textOfLines } = await import('./text-lines.ts')

/** English first: with Chinese first, the engine reads Latin serial numbers markedly worse. */
const LANGUAGES = ['eng', 'chi_sim']
/** Under this the page layout was not understood, and isolated labels are looked for instead. */
const POOR_CONFIDENCE = 60

function answer(message: TextAnswer): void {
  if (process.connected) process.send?.(message, () => {})
}

/** The engine takes one folder for all languages; npm gives each its own package. */
function languageFolder(): string {
  const { resolve } = createRequire(import.meta.url)
  const folder = mkdtempSync(join(tmpdir(), 'tongping-text-'))
  for (const language of LANGUAGES) {
    const home = dirname(resolve(`@tesseract.js-data/${language}/package.json`))
    const name = `${language}.traineddata.gz`
    symlinkSync(join(home, '4.0.0_best_int', name), join(folder, name))
  }
  return folder
}

async function startEngine() {
  const langPath = languageFolder()
  try {
    return await createWorker(LANGUAGES, OEM.LSTM_ONLY, {
      langPath,
      gzip: true,
      cacheMethod: 'none',
      // Without a handler the library throws out of a message callback; the rejected promise is enough.
      errorHandler: () => {},
    })
  } finally {
    rmSync(langPath, { recursive: true, force: true })
  }
}

const engine = await startEngine()

async function linesOf(image: Buffer, mode: (typeof PSM)[keyof typeof PSM]) {
  await engine.setParameters({ tessedit_pageseg_mode: mode, preserve_interword_spaces: '1' })
  const { data } = await engine.recognize(image, {}, { text: false, blocks: true })
  return (data.blocks ?? []).flatMap(block => block.paragraphs.flatMap(paragraph => paragraph.lines))
}

async function read(job: TextJob): Promise<TextAnswer> {
  let page: Awaited<ReturnType<typeof prepareForReading>>
  try {
    page = await prepareForReading(job.image, job.region)
  } catch {
    return { kind: 'failed', id: job.id, reason: 'bad-picture' }
  }
  try {
    const whole = textOfLines(await linesOf(page.image, PSM.AUTO), page, job.region)
    if (whole.confidence >= POOR_CONFIDENCE) return { kind: 'read', id: job.id, result: whole }
    const sparse = textOfLines(await linesOf(page.image, PSM.SPARSE_TEXT), page, job.region)
    return { kind: 'read', id: job.id, result: sparse.confidence > whole.confidence ? sparse : whole }
  } catch {
    return { kind: 'failed', id: job.id, reason: 'engine' }
  }
}

process.on('message', (job: TextJob) => {
  void read(job).then(answer)
})
// The parent is gone or closed us: without the engine's thread nothing keeps this process alive.
process.on('disconnect', () => void engine.terminate())
if (process.connected) answer({ kind: 'warm' })
else await engine.terminate()
