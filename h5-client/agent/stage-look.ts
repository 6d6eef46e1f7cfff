import type { PageId } from '../../signaling/protocol/ids.ts'
import type { Point } from '../../signaling/protocol/mark.ts'
import type { Region } from '../../signaling/protocol/reading.ts'
import { Store } from '../shared/console/store.ts'
import { WHOLE, type Zoom } from './zoom.ts'

/** A part of a page the agent has dragged out. */
export type Selection = { readonly pageId: PageId; readonly region: Region }
/** What a click or drag on the stage means besides drawing. */
export type StageMode = 'draw' | 'region' | 'focus'
/** What a finding's words point at while the mouse is over them: corners in 0..1 of the page. */
export type Highlight = { readonly pageId: PageId; readonly corners: readonly Point[] }

export type LookState = {
  readonly mode: StageMode
  readonly selection: Selection | undefined
  readonly zoom: Zoom
  /** Which picture of the shown page; undefined: the best one. */
  readonly picture: number | undefined
  readonly highlight: Highlight | undefined
  /** Codes are looked for in the live picture. */
  readonly scanning: boolean
  /** The picture has the room of the right column too. */
  readonly wide: boolean
}

const FRESH: LookState = {
  mode: 'draw',
  selection: undefined,
  zoom: WHOLE,
  picture: undefined,
  highlight: undefined,
  scanning: false,
  wide: false,
}
/** Dragged over less than this part of the page in either direction, it was a click. */
const SMALLEST = 0.01

/** How this agent looks at the stage. Nobody else sees it; nothing of it is in the journal. */
export class StageLook {
  readonly state = new Store<LookState>(FRESH)
  #page: PageId | undefined

  /** Another page (or the camera) has come onto the stage: looked at whole, in its best picture. */
  shown(page: PageId | undefined): void {
    if (page === this.#page) return
    this.#page = page
    this.state.update(state => ({ ...FRESH, scanning: state.scanning, wide: state.wide }))
  }

  forget(): void {
    this.#page = undefined
    this.state.update(state => ({ ...FRESH, wide: state.wide }))
  }

  setMode(mode: StageMode): void {
    this.state.update(state => (state.mode === mode ? state : { ...state, mode }))
  }

  toggleMode(mode: StageMode): void {
    this.setMode(this.state.get().mode === mode ? 'draw' : mode)
  }

  zoom(change: (zoom: Zoom) => Zoom): void {
    this.state.update(state => {
      const zoom = change(state.zoom)
      return zoom === state.zoom ? state : { ...state, zoom }
    })
  }

  /** Two opposite corners in 0..1 of the page; undefined when nothing worth reading was dragged out. */
  select(pageId: PageId, from: Point, to: Point): Selection | undefined {
    const [x, y] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])]
    const [width, height] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])]
    const selection = width < SMALLEST || height < SMALLEST ? undefined : { pageId, region: { x, y, width, height } }
    this.state.update(state => ({ ...state, selection, mode: selection ? 'draw' : state.mode }))
    return selection
  }

  unselect(): void {
    this.state.update(state => (state.selection ? { ...state, selection: undefined } : state))
  }

  /** Shows another picture of the same page; marks and zoom stay. */
  usePicture(picture: number | undefined): void {
    this.state.update(state => ({ ...state, picture }))
  }

  highlight(highlight: Highlight | undefined): void {
    this.state.update(state => ({ ...state, highlight }))
  }

  setWide(wide: boolean): void {
    this.state.update(state => (state.wide === wide ? state : { ...state, wide }))
  }

  setScanning(scanning: boolean): void {
    this.state.update(state => ({ ...state, scanning }))
  }
}

/** The corners of a rectangle, clockwise from the top left, to be drawn like those of a code. */
export function cornersOf({ x, y, width, height }: Region): readonly Point[] {
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ]
}
