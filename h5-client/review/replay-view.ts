import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { isDetail } from '../shared/console/entry-words.ts'
import { Store } from '../shared/console/store.ts'
import { type EventGroup, eventGroup } from './event-groups.ts'

/** Whose eyes: the agent's, the customer's, both side by side, or the pictures with what was read in them. */
export const VIEW_MODES = ['both', 'agent', 'caller', 'pictures'] as const
export type ViewMode = (typeof VIEW_MODES)[number]
export type ViewState = {
  readonly mode: ViewMode
  /** Groups of events that are not to be seen, on the timeline, in the list and for the keys alike. */
  readonly hidden: readonly EventGroup[]
  readonly details: boolean
  readonly keysShown: boolean
  /** A comment is being written: at this moment, or (null) on the whole record. */
  readonly commentAt: number | null | undefined
}

const MODE_KEY = 'tongping.review.view'

function rememberedMode(): ViewMode {
  const known = VIEW_MODES.find(mode => mode !== 'pictures' && mode === localStorage.getItem(MODE_KEY))
  return known ?? 'both'
}

/** What a reviewer has chosen to see of an open record. */
export class ReplayView {
  readonly state: Store<ViewState>

  constructor() {
    this.state = new Store<ViewState>({
      mode: rememberedMode(),
      hidden: [],
      details: false,
      keysShown: false,
      commentAt: undefined,
    })
  }

  setMode(mode: ViewMode): void {
    localStorage.setItem(MODE_KEY, mode)
    this.state.update(state => ({ ...state, mode }))
  }

  nextMode(): void {
    const { mode } = this.state.get()
    this.setMode(VIEW_MODES[(VIEW_MODES.indexOf(mode) + 1) % VIEW_MODES.length] ?? 'both')
  }

  toggleGroup(group: EventGroup): void {
    this.state.update(state => ({
      ...state,
      hidden: state.hidden.includes(group) ? state.hidden.filter(one => one !== group) : [...state.hidden, group],
    }))
  }

  setDetails(details: boolean): void {
    this.state.update(state => ({ ...state, details }))
  }

  comment(commentAt: ViewState['commentAt']): void {
    this.state.update(state => ({ ...state, commentAt }))
  }

  showKeys(keysShown: boolean): void {
    this.state.update(state => ({ ...state, keysShown }))
  }
}

/** Whether an entry is to be seen with this choice. */
export function isShown(entry: JournalEntry, { hidden, details }: ViewState): boolean {
  return (details || !isDetail(entry)) && !hidden.includes(eventGroup(entry))
}
