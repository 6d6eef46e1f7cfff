import type { PageId } from './ids.ts'
import { EMPTY_INK, foldInk, type Ink, type InkEntry, visibleInk } from './ink.ts'
import type { JournalEntry } from './journal-entry.ts'
import type { Mark } from './mark.ts'
import type { Page, Picture } from './page.ts'

/** What a mark belongs to, and what a side can look at. */
export type Surface = 'live' | PageId

export type StagePage = {
  readonly page: Page
  /** All pictures of the page with their provenance, in order of arrival; none for a card. */
  readonly pictures: readonly Picture[]
  /** The best of them: what is shown. */
  readonly picture: Picture | undefined
  readonly ink: Ink
  /** The visible marks, oldest first. */
  readonly marks: readonly Mark[]
  /** What the phone has said about this page. */
  readonly phone: { readonly loaded: boolean; readonly seen: boolean; readonly copied: readonly number[] }
}

/** What both sides look at. Live pages, late joiners and replay all fold the same entries with `foldStage`. */
export type Stage = {
  readonly showing: Surface | 'share'
  readonly pages: readonly StagePage[]
  /** Drawn on the moving picture. */
  readonly live: Ink
  /** The newest still of the slow scan, while the network carries no video. */
  readonly scan: Picture | undefined
  /** What the caller has before the eyes; `away` when the page is in the background. */
  readonly callerLooksAt: Surface | 'share' | 'away' | undefined
  /** Counts the turns of the phone. */
  readonly epoch: number
}

export const EMPTY_STAGE: Stage = {
  showing: 'live',
  pages: [],
  live: EMPTY_INK,
  scan: undefined,
  callerLooksAt: undefined,
  epoch: 0,
}

function onPage(stage: Stage, id: PageId, change: (page: StagePage) => StagePage): Stage {
  return { ...stage, pages: stage.pages.map(one => (one.page.id === id ? change(one) : one)) }
}

function withInk(stage: Stage, entry: InkEntry): Stage {
  const on = entry.type === 'marks.posed' ? 'live' : entry.on
  if (on === 'live') return { ...stage, live: foldInk(stage.live, entry) }
  return onPage(stage, on, page => {
    const ink = foldInk(page.ink, entry)
    return { ...page, ink, marks: visibleInk(ink).map(one => one.mark) }
  })
}

/** Pure: the stage after one more entry. Entries that do not touch the stage return it unchanged (same object). */
export function foldStage(stage: Stage, entry: JournalEntry): Stage {
  switch (entry.type) {
    case 'page.added': {
      const picture = entry.page.kind === 'card' ? undefined : entry.page.picture
      const page: StagePage = {
        page: entry.page,
        pictures: picture ? [picture] : [],
        picture,
        ink: EMPTY_INK,
        marks: [],
        phone: { loaded: false, seen: false, copied: [] },
      }
      return { ...stage, pages: [...stage.pages, page] }
    }
    case 'page.bettered':
      return onPage(stage, entry.pageId, page => ({
        ...page,
        pictures: [...page.pictures, entry.picture],
        picture: entry.picture,
      }))
    case 'page.loaded':
      return onPage(stage, entry.pageId, page => ({ ...page, phone: { ...page.phone, loaded: true } }))
    case 'page.seen':
      return onPage(stage, entry.pageId, page => ({ ...page, phone: { ...page.phone, loaded: true, seen: true } }))
    case 'page.copied':
      return onPage(stage, entry.pageId, page => ({
        ...page,
        phone: { ...page.phone, copied: [...new Set([...page.phone.copied, entry.row])] },
      }))
    case 'stage.page':
      return { ...stage, showing: entry.pageId }
    case 'stage.live':
      return { ...stage, showing: 'live' }
    case 'share.started':
      return { ...stage, showing: 'share' }
    case 'share.stopped':
      return stage.showing === 'share' ? { ...stage, showing: 'live' } : stage
    case 'scan.frame':
      return { ...stage, scan: entry.picture }
    case 'caller.looked':
      return { ...stage, callerLooksAt: entry.at }
    case 'camera.turned':
      return { ...stage, epoch: entry.epoch }
    case 'mark.begun':
    case 'mark.extended':
    case 'marks.erased':
    case 'ink.undone':
    case 'ink.redone':
    case 'marks.posed':
      return withInk(stage, entry)
    default:
      return stage
  }
}

/** The page on the stage, or undefined while the camera (or the agent's screen) is shown. */
export function shownPage(stage: Stage): StagePage | undefined {
  return stage.pages.find(one => one.page.id === stage.showing)
}
