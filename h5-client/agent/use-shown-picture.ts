import { useRef, useState } from 'preact/hooks'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import { type PictureState, usePicture } from '../shared/console/use-picture.ts'
import type { JoinedCall } from './desk-state.ts'
import { pictureAddress } from './picture-address.ts'

type Shown = {
  readonly state: PictureState
  /** Ready to paint: the chosen picture or, until that is here, the one shown before it. */
  readonly image: HTMLImageElement | undefined
  readonly retry: () => void
}

/** The picture of a page that the agent has chosen, or the best. A better one takes over without a gap. */
export function useShownPicture(
  call: JoinedCall | undefined,
  page: StagePage | undefined,
  chosen: number | undefined,
): Shown {
  const [tries, setTries] = useState(0)
  const former = useRef<{ readonly pageId: string; readonly image: HTMLImageElement } | undefined>(undefined)
  const count = page?.pictures.length ?? 0
  const index = chosen !== undefined && chosen < count ? chosen : count - 1
  const state = usePicture(
    call && page && count > 0 ? pictureAddress(call.callId, page.page.id, index) : undefined,
    tries,
  )
  if (page && state.kind === 'ready') former.current = { pageId: page.page.id, image: state.image }
  const kept = former.current?.pageId === page?.page.id ? former.current?.image : undefined
  const image = page && state.kind === 'ready' ? state.image : page && state.kind === 'loading' ? kept : undefined
  return { state, image, retry: () => setTries(tries + 1) }
}
