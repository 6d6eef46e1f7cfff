import type { CameraState } from '../../signaling/protocol/call.ts'
import type { PageId } from '../../signaling/protocol/ids.ts'
import { type Stage, shownPage } from '../../signaling/protocol/stage.ts'

/** What the caller has before the eyes, beside what the agent speaks about. */
export type CallerLook =
  /** No page of ours is open on a phone. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'away' }
  | { readonly kind: 'same'; readonly what: 'live' | 'page' | 'share' }
  /** The page is on its way to the phone. */
  | { readonly kind: 'loading'; readonly page: number }
  | { readonly kind: 'other'; readonly what: 'live' | 'share' }
  | { readonly kind: 'other-page'; readonly page: number }

/** 1 for the first page of the call; 0 for a page that is not known. */
export function pageNumber(stage: Stage, id: PageId): number {
  return stage.pages.findIndex(one => one.page.id === id) + 1
}

/** Whether agent and caller see the same. Until the phone has said where it looks, it looks at its camera. */
export function callerLook(stage: Stage, camera: CameraState): CallerLook {
  const looks = stage.callerLooksAt
  if (looks === undefined && (camera === 'none' || camera === 'stopped')) return { kind: 'nothing' }
  const at = looks ?? 'live'
  if (at === 'away') return { kind: 'away' }
  const what = at === 'share' ? 'share' : at === 'live' ? 'live' : 'page'
  if (at === stage.showing) return { kind: 'same', what }
  const shown = shownPage(stage)
  if (shown && !shown.phone.loaded) return { kind: 'loading', page: pageNumber(stage, shown.page.id) }
  return what === 'page'
    ? { kind: 'other-page', page: stage.pages.findIndex(one => one.page.id === at) + 1 }
    : { kind: 'other', what }
}
