import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { PageId } from '../../signaling/protocol/ids.ts'
import type { Page } from '../../signaling/protocol/page.ts'
import type { Stage } from '../../signaling/protocol/stage.ts'
import type { IconName } from '../shared/console/icon.tsx'
import type { BenchWords } from './bench.ts'
import { pageNumber } from './who-looks.ts'

/** What a page is called on this desk: its kind, its number (from 1) and, where it has one, its own name. */
export function pageTitle(page: Page, index: number, words: BenchWords): string {
  const number = String(index + 1)
  const name = pageName(page)
  return name === undefined ? words.wb.pages[page.kind](number) : `${words.wb.pages[page.kind](number)} · ${name}`
}

/** A page of this call by kind and number, as every panel calls it. */
export function pageLabel(stage: Stage, id: PageId, words: BenchWords): string {
  const number = String(pageNumber(stage, id))
  const page = stage.pages.find(one => one.page.id === id)?.page
  return page ? words.wb.pages[page.kind](number) : words.stage.page(number)
}

/** The name somebody gave the page; camera pages and photos have none. */
export function pageName(page: Page): string | undefined {
  switch (page.kind) {
    case 'camera':
    case 'photo':
      return undefined
    case 'upload':
      return page.name
    case 'pushed':
      return page.title
    case 'card':
      return page.card.title === '' ? undefined : page.card.title
    default:
      return assertNever(page)
  }
}

export function pageIcon(page: Page): IconName {
  switch (page.kind) {
    case 'camera':
      return 'freeze'
    case 'photo':
      return 'photo'
    case 'upload':
      return 'inbox'
    case 'pushed':
      return 'send'
    case 'card':
      return page.card.kind === 'link' ? 'link' : 'card'
    default:
      return assertNever(page)
  }
}
