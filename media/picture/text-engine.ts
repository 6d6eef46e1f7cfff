import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createWorker, OEM, PSM, type Worker } from 'tesseract.js'
import { type Grey, pgmOf } from './grey.ts'
import type { RawLine } from './text-lines.ts'

/** How the engine looks for lines: a block of several, or one. */
export type LineSearch = 'block' | 'line'
const MODES: Record<LineSearch, PSM> = {
  block: PSM.SINGLE_BLOCK,
  line: PSM.SINGLE_LINE,
}

export type TextLanguage = 'eng' | 'chi_sim'
export type TextEngines = { readonly latin: TextEngine; readonly chinese: TextEngine }

/** One engine per language; a thread and about 100 MB each. */
export async function createEngines(): Promise<TextEngines> {
  const [latin, chinese] = await Promise.all([TextEngine.create('eng'), TextEngine.create('chi_sim')])
  return { latin, chinese }
}

/** tesseract.js behind the two things we ask of it. One recognition at a time; a thread of its own. */
export class TextEngine {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  /** Loads the models from npm's packages; nothing is downloaded. */
  static async create(language: TextLanguage): Promise<TextEngine> {
    const langPath = languageFolder(language)
    try {
      const worker = await createWorker(language, OEM.LSTM_ONLY, {
        langPath,
        gzip: true,
        cacheMethod: 'none',
        // Without a handler the library throws out of a message callback; the rejected promise is enough.
        errorHandler: () => {},
      })
      return new TextEngine(worker)
    } finally {
      rmSync(langPath, { recursive: true, force: true })
    }
  }

  /**
   * The lines of a picture, top to bottom, boxes in its pixels.
   * @param only the characters that can occur; empty for all
   */
  async lines(grey: Grey, search: LineSearch, only = ''): Promise<RawLine[]> {
    await this.#worker.setParameters({
      tessedit_pageseg_mode: MODES[search],
      preserve_interword_spaces: '1',
      tessedit_char_whitelist: only,
      // The picture's own resolution is unknown, and guessing it costs a warning and time.
      user_defined_dpi: '300',
    })
    const { data } = await this.#worker.recognize(pgmOf(grey), {}, { text: false, blocks: true })
    return (data.blocks ?? []).flatMap(block => block.paragraphs.flatMap(paragraph => paragraph.lines))
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** The engine wants a folder with nothing but language files in it. */
function languageFolder(language: TextLanguage): string {
  const { resolve } = createRequire(import.meta.url)
  const folder = mkdtempSync(join(tmpdir(), 'tongping-text-'))
  const home = dirname(resolve(`@tesseract.js-data/${language}/package.json`))
  const name = `${language}.traineddata.gz`
  symlinkSync(join(home, '4.0.0_best_int', name), join(folder, name))
  return folder
}
