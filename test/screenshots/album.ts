import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import sharp from 'sharp'

/** Moving parts of a page come to rest before it is pictured. */
const REST_MS = 700
const MAX_WIDTH_PX = 1440

/** The folder of pictures: small files with the language in their names; what could not be pictured is said at the end. */
export class Album {
  readonly language: 'zh-CN' | 'en-US'
  readonly missed: string[] = []
  readonly #folder: string
  readonly #only: ReadonlySet<string> | undefined

  private constructor(folder: string, language: Album['language'], only: ReadonlySet<string> | undefined) {
    this.#folder = folder
    this.language = language
    this.#only = only
  }

  /** @param o.only names of the wanted pictures; all without it */
  static async open(
    folder: string,
    o: { language: Album['language']; only?: ReadonlySet<string> | undefined },
  ): Promise<Album> {
    await mkdir(folder, { recursive: true })
    return new Album(folder, o.language, o.only)
  }

  /** One of the two, as the pages are spoken. */
  say(zh: string, en: string): string {
    return this.language === 'zh-CN' ? zh : en
  }

  async shot(page: Page, name: string): Promise<void> {
    if (this.#only && !this.#only.has(name)) return
    await sleep(REST_MS)
    const png = await page.screenshot()
    const file = join(this.#folder, `${name}${this.language === 'en-US' ? '-en' : ''}.png`)
    await sharp(png)
      .resize({ width: MAX_WIDTH_PX, withoutEnlargement: true })
      .png({ palette: true, colours: 128, effort: 8 })
      .toFile(file)
    console.log(file)
  }

  /** The same page on another screen, then as it was. */
  async shotAt(page: Page, size: { width: number; height: number }, name: string): Promise<void> {
    if (this.#only && !this.#only.has(name)) return
    const before = page.viewportSize()
    await page.setViewportSize(size)
    await this.shot(page, name)
    if (before) await page.setViewportSize(before)
  }

  /** A part that fails costs its own pictures, not those after it. */
  async part(name: string, make: () => Promise<void>): Promise<void> {
    try {
      await make()
    } catch (error) {
      this.missed.push(name)
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
