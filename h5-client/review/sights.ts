import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Picture } from '../../signaling/protocol/page.ts'
import { type StagePage, shownPage } from '../../signaling/protocol/stage.ts'
import { type Moment, ReplayIndex } from './replay-index.ts'

/** What one side had before its eyes. */
export type Sight =
  | { readonly kind: 'live' }
  /** The newest still of the slow scan, because the network carried no film. */
  | { readonly kind: 'scan'; readonly picture: Picture }
  | { readonly kind: 'share' }
  /** `shown`: false while the phone has been told of the page but has not got its picture yet. */
  | { readonly kind: 'page'; readonly page: StagePage; readonly shown: boolean }
  /** Nothing of ours: no page open there, gone, in the background, or the phone never said. */
  | { readonly kind: 'nothing'; readonly why: 'not-joined' | 'left' | 'away' | 'untold' }

/** The agent's workbench follows the stage at once; while its page is away, nobody looks. */
export function agentSight(moment: Moment): Sight {
  const { stage } = moment
  const page = shownPage(stage)
  if (page) return { kind: 'page', page, shown: true }
  if (stage.showing === 'share') return { kind: 'share' }
  if (moment.rung !== 'live' && stage.scan) return { kind: 'scan', picture: stage.scan }
  return { kind: 'live' }
}

/**
 * The phone shows what it has said it shows (`caller.looked`), later than the agent or not at all: a page that never
 * loaded was never seen, and a page in the background shows nothing. The phone's own camera is its own preview, whatever
 * the network does.
 */
export function callerSight(moment: Moment): Sight {
  const { stage, caller } = moment
  if (caller.kind !== 'joined') return { kind: 'nothing', why: caller.kind }
  const at = stage.callerLooksAt
  // Until it has been shown a page for the first time a phone says nothing: it shows its own camera, if that is on.
  if (at === undefined) {
    if (moment.callerHidden) return { kind: 'nothing', why: 'away' }
    return moment.camera === 'none' ? { kind: 'nothing', why: 'untold' } : { kind: 'live' }
  }
  if (at === 'away') return { kind: 'nothing', why: 'away' }
  if (at === 'live') return { kind: 'live' }
  if (at === 'share') return { kind: 'share' }
  const page = stage.pages.find(one => one.page.id === at)
  if (!page) return { kind: 'nothing', why: 'untold' }
  return { kind: 'page', page, shown: page.page.kind === 'card' || page.phone.loaded }
}

/** What the customer saw at `atMs`, from the entries of a call alone. Pure. */
export function callerView(entries: readonly JournalEntry[], atMs: number): Sight {
  return callerSight(new ReplayIndex(entries).at(atMs))
}

/** Whether both had the same thing before their eyes. */
export function sameSight(one: Sight, other: Sight): boolean {
  // The agent's still of the slow scan is the caller's own live picture.
  const live = (sight: Sight) => sight.kind === 'live' || sight.kind === 'scan'
  if (live(one) && live(other)) return true
  if (one.kind === 'page' && other.kind === 'page')
    return one.page.page.id === other.page.page.id && one.shown === other.shown
  return one.kind === other.kind && one.kind !== 'nothing'
}
