import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { pageFaults } from './page-faults.ts'

/** Moving parts of a page come to rest before it is pictured. */
const REST_MS = 700
const MAX_WIDTH_PX = 1440
/** What a thumb hits, and what a mouse does (WCAG 2.5.8). */
const LEAST_PX = { phone: 44, desk: 24 } as const
const PHONE_MAX_PX = 500

type AlbumOptions = {
  readonly language: 'zh-CN' | 'en-US'
  /** Names of the wanted pictures; all without it. */
  readonly only?: ReadonlySet<string> | undefined
  /** Whether each page is also looked at by `pageFaults`. */
  readonly checks?: boolean
}

/** The folder of pictures: small files with the language in their names; what could not be pictured is said at the end. */
export class Album {
  readonly language: 'zh-CN' | 'en-US'
  readonly missed: string[] = []
  /** What `pageFaults` found, each once, with the first picture it was seen on. */
  readonly faults = new Map<string, string>()
  readonly #folder: string
  readonly #only: ReadonlySet<string> | undefined

  readonly #checks: boolean

  private constructor(folder: string, o: AlbumOptions) {
    this.#folder = folder
    this.language = o.language
    this.#only = o.only
    this.#checks = o.checks ?? false
  }

  static async open(folder: string, o: AlbumOptions): Promise<Album> {
    await mkdir(folder, { recursive: true })
    return new Album(folder, o)
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
    if (this.#checks) await this.#check(page, name)
  }

  /** The same page on another screen, then as it was. */
  async shotAt(page: Page, size: { width: number; height: number }, name: string): Promise<void> {
    if (this.#only && !this.#only.has(name)) return
    const before = page.viewportSize()
    await page.setViewportSize(size)
    await this.shot(page, name)
    if (before) await page.setViewportSize(before)
  }

  async #check(page: Page, name: string): Promise<void> {
    const isPhone = (page.viewportSize()?.width ?? 0) < PHONE_MAX_PX
    const leastPx = isPhone ? LEAST_PX.phone : LEAST_PX.desk
    for (const fault of await pageFaults(page, { leastPx, language: this.language }))
      if (!this.faults.has(fault)) this.faults.set(fault, name)
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
