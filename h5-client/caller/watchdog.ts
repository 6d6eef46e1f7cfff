import type { CameraNotice } from '../../signaling/protocol/phone.ts'

/** A look at the picture and at what leaves the phone, every two seconds or so. */
export type Look = {
  readonly atMs: number
  /** Of a tiny copy of the frame: mean brightness and how far it spreads, 0..255; undefined when none could be had. */
  readonly brightness?: { readonly mean: number; readonly spread: number } | undefined
  /** Changes with every frame of a real camera. */
  readonly print?: string | undefined
  /** Frames of the camera shown by the page so far, where the browser counts them. */
  readonly framesShown?: number | undefined
  /** Frames encoded so far; undefined while none are to be sent (paused, slow scan, no connection). */
  readonly framesEncoded?: number | undefined
}
export type WatchEvent =
  | { readonly kind: 'hidden' | 'visible' | 'muted' | 'unmuted' | 'ended' }
  /** The camera was asked for again, and what came of it. */
  | { readonly kind: 'reacquiring' | 'reacquired' | 'needs-tap' }
  | { readonly kind: 'look'; readonly look: Look }

export type WatchState = {
  readonly visible: boolean
  readonly muted: boolean
  readonly reacquiring: boolean
  readonly black: number
  readonly frozen: number
  readonly unsent: number
  readonly told: { readonly black: boolean; readonly frozen: boolean; readonly unsent: boolean }
  readonly last: Look | undefined
  /** Not before this is a camera that looks dead taken again; a lens may simply be covered. */
  readonly restUntilMs: number
}
export type WatchResult = {
  readonly state: WatchState
  readonly notices: readonly CameraNotice[]
  readonly reacquire: boolean
}

export const WATCH_START: WatchState = {
  visible: true,
  muted: false,
  reacquiring: false,
  black: 0,
  frozen: 0,
  unsent: 0,
  told: { black: false, frozen: false, unsent: false },
  last: undefined,
  restUntilMs: 0,
}

/** So many looks in a row before it is said. */
const LOOKS = 3
const BLACK_MEAN = 14
const BLACK_SPREAD = 8
const REST_MS = 30_000

/** Pure: what the watchdog makes of one more event. It speaks once of each trouble, and of its end. */
export function watch(state: WatchState, event: WatchEvent): WatchResult {
  const fresh = { black: 0, frozen: 0, unsent: 0, told: WATCH_START.told, last: undefined }
  switch (event.kind) {
    case 'hidden':
      return state.visible ? say({ ...state, ...fresh, visible: false }, 'page-hidden') : quiet(state)
    case 'visible':
      return state.visible ? quiet(state) : say({ ...state, ...fresh, visible: true }, 'page-visible')
    case 'muted':
      if (state.muted) return quiet(state)
      // A hidden page gets no camera: it is asked for when the page is back.
      return { ...say({ ...state, muted: true }, 'camera-muted'), reacquire: state.visible && !state.reacquiring }
    case 'unmuted':
      return state.muted ? say({ ...state, ...fresh, muted: false }, 'camera-unmuted') : quiet(state)
    case 'ended':
      return { ...say(state, 'camera-ended'), reacquire: state.visible && !state.reacquiring }
    case 'reacquiring':
      return state.reacquiring ? quiet(state) : say({ ...state, reacquiring: true }, 'reacquiring')
    case 'reacquired':
      return say({ ...state, ...fresh, reacquiring: false, muted: false }, 'reacquired')
    case 'needs-tap':
      return say({ ...state, ...fresh, reacquiring: false }, 'needs-tap')
    case 'look':
      return looked(state, event.look)
  }
}

function looked(state: WatchState, look: Look): WatchResult {
  if (!state.visible || state.reacquiring) return quiet({ ...state, last: undefined })
  const { last } = state
  const isBlack =
    look.brightness !== undefined && look.brightness.mean < BLACK_MEAN && look.brightness.spread < BLACK_SPREAD
  const samePrint = look.print !== undefined && look.print === last?.print
  const isFrozen = samePrint && (look.framesShown === undefined || look.framesShown === last?.framesShown)
  const isUnsent = look.framesEncoded !== undefined && look.framesEncoded === last?.framesEncoded
  const next = {
    ...state,
    last: look,
    black: isBlack ? state.black + 1 : 0,
    frozen: isFrozen ? state.frozen + 1 : 0,
    unsent: isUnsent ? state.unsent + 1 : 0,
  }
  const found = { black: next.black >= LOOKS, frozen: next.frozen >= LOOKS, unsent: next.unsent >= LOOKS }
  const notices: CameraNotice[] = []
  if (found.black && !state.told.black) notices.push('camera-black')
  if (found.frozen && !state.told.frozen) notices.push('camera-frozen')
  if (found.unsent && !state.told.unsent) notices.push('nothing-sent')
  const told = {
    black: isBlack && (found.black || state.told.black),
    frozen: isFrozen && (found.frozen || state.told.frozen),
    unsent: isUnsent && (found.unsent || state.told.unsent),
  }
  const reacquire = (found.black || found.frozen || found.unsent) && look.atMs >= state.restUntilMs
  return {
    state: { ...next, told, restUntilMs: reacquire ? look.atMs + REST_MS : state.restUntilMs },
    notices,
    reacquire,
  }
}

const quiet = (state: WatchState): WatchResult => ({ state, notices: [], reacquire: false })
const say = (state: WatchState, notice: CameraNotice): WatchResult => ({ state, notices: [notice], reacquire: false })
