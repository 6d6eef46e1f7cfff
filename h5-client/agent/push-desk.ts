import type { RequestData, RequestName, RequestReply } from '../../signaling/protocol/catalogue.ts'
import type { CallId, PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Card } from '../../signaling/protocol/page.ts'
import { Store } from '../shared/console/store.ts'
import { HttpRefusal } from '../shared/http.ts'
import { RequestRefused } from '../shared/socket.ts'
import { documentsOf, FileRefused, type PushedDocument, postFile } from './push-files.ts'
import type { CardAbout, CardValues } from './push-templates.ts'

export const PUSH_TABS = ['card', 'file', 'library', 'share'] as const
export type PushTab = (typeof PUSH_TABS)[number]
export type Diagram = RequestReply<'library.search'>['diagrams'][number]
export type PushProblem = { readonly code: string; readonly reason: string | undefined }

export type PushState = {
  readonly open: boolean
  readonly tab: PushTab
  readonly about: CardAbout
  /** What was written last in this call, by template. */
  readonly written: Readonly<Partial<Record<CardAbout, CardValues>>>
  /** Dropped, pasted or chosen, and not shown to anybody yet. */
  readonly file: File | undefined
  readonly documents: readonly PushedDocument[]
  readonly diagrams: readonly Diagram[] | undefined
  /** What is under way, by name. */
  readonly busy: 'push' | 'upload' | 'search' | 'share' | undefined
  readonly problem: PushProblem | undefined
  /** The page pushed last, to see what becomes of it. */
  readonly last: PageId | undefined
  /** What is shared, on this side. */
  readonly screen: MediaStream | undefined
}
const CLOSED: PushState = {
  open: false,
  tab: 'card',
  about: 'wifi',
  written: {},
  file: undefined,
  documents: [],
  diagrams: undefined,
  busy: undefined,
  problem: undefined,
  last: undefined,
  screen: undefined,
}

export type PushWire = {
  request<N extends RequestName>(name: N, data: RequestData<N>, timeoutMs?: number): Promise<RequestReply<N>>
  /** Of the call this page is in, while it is not over. */
  callId(): CallId | undefined
  /** Sends the track to the room as the agent's screen. */
  produce(track: MediaStreamTrack): Promise<void>
  unproduce(): void
}

const RENDER_TIMEOUT_MS = 60_000
/** Text stays readable at few frames; more would cost the phone's data volume. */
const SCREEN = { video: { frameRate: { max: 15 } }, audio: false } as const

/** What the agent puts before the caller's eyes: composed here, shown only when the agent says so. */
export class PushDesk {
  readonly state = new Store<PushState>(CLOSED)
  readonly #wire: PushWire

  constructor(wire: PushWire) {
    this.#wire = wire
  }

  toggle(tab?: PushTab): void {
    const { open, tab: current } = this.state.get()
    this.#set({ open: !open || (tab !== undefined && tab !== current), tab: tab ?? current, problem: undefined })
  }

  close(): void {
    this.#set({ open: false })
  }

  choose(change: Partial<Pick<PushState, 'tab' | 'about' | 'file'>>): void {
    this.#set({ ...change, problem: undefined })
  }

  write(about: CardAbout, values: CardValues): void {
    this.#set({ written: { ...this.state.get().written, [about]: values } })
  }

  /** A file came by drag, paste or choice: it is shown to the agent first. */
  offer(file: File): void {
    this.#set({ open: true, tab: 'file', file, problem: undefined })
  }

  card(card: Card): Promise<boolean> {
    return this.#run('push', async callId => this.#pushed(await this.#wire.request('push.card', { callId, card })))
  }

  file(): Promise<boolean> {
    const { file } = this.state.get()
    if (!file) return Promise.resolve(false)
    return this.#run('upload', async callId => {
      const pushed = await postFile(callId, file)
      if (pushed.kind === 'page') this.#set({ last: pushed.pageId, file: undefined })
      else this.#set({ file: undefined, documents: await documentsOf(callId) })
    })
  }

  pdfPage(documentId: string, page: number): Promise<boolean> {
    return this.#run('push', async callId =>
      this.#pushed(await this.#wire.request('push.pdfPage', { callId, documentId, page }, RENDER_TIMEOUT_MS)),
    )
  }

  diagram(diagramId: string): Promise<boolean> {
    return this.#run('push', async callId =>
      this.#pushed(await this.#wire.request('push.diagram', { callId, diagramId })),
    )
  }

  /** After a reload the documents of the call are still there. */
  async readDocuments(): Promise<void> {
    const callId = this.#wire.callId()
    if (callId === undefined) return
    const documents = await documentsOf(callId).catch(() => undefined)
    if (documents && callId === this.#wire.callId()) this.#set({ documents })
  }

  async search(words: string): Promise<void> {
    try {
      const { diagrams } = await this.#wire.request('library.search', { words })
      this.#set({ diagrams })
    } catch (error) {
      this.#set({ problem: problemOf(error) })
    }
  }

  /** The browser asks which screen or window; nothing is sent before the agent has chosen. */
  share(): Promise<boolean> {
    return this.#run('share', async () => {
      const screen = await navigator.mediaDevices.getDisplayMedia(SCREEN)
      const [track] = screen.getVideoTracks()
      if (!track) return
      this.#set({ screen })
      // The browser's own "stop sharing" ends it as well as ours.
      track.addEventListener('ended', () => {
        if (this.state.get().screen === screen) void this.stopShare()
      })
      try {
        track.contentHint = 'detail'
        await this.#wire.produce(track)
      } catch (error) {
        this.#dropScreen()
        throw error
      }
    })
  }

  async stopShare(): Promise<void> {
    this.#dropScreen()
    const callId = this.#wire.callId()
    // Refused or lost: the producer is closed with its transport anyway.
    if (callId !== undefined) await this.#wire.request('share.stop', { callId }).catch(() => undefined)
  }

  /** The server has the last word on whether the screen is shared. */
  entries(entries: readonly JournalEntry[]): void {
    if (entries.some(entry => entry.type === 'share.stopped')) this.#dropScreen()
  }

  /** A new attachment to the room: what was sent on the old one is gone. */
  attached(): void {
    this.#dropScreen()
  }

  /** The call is over; the next caller gets none of it. */
  forget(): void {
    this.#dropScreen()
    this.state.update(() => CLOSED)
  }

  #dropScreen(): void {
    const { screen } = this.state.get()
    if (!screen) return
    this.#set({ screen: undefined })
    for (const track of screen.getTracks()) track.stop()
    this.#wire.unproduce()
  }

  #pushed({ pageId }: { pageId: PageId }): void {
    this.#set({ last: pageId })
  }

  /** @returns whether it went well; a failure is kept for the drawer to say */
  async #run(busy: NonNullable<PushState['busy']>, work: (callId: CallId) => Promise<void>): Promise<boolean> {
    const callId = this.#wire.callId()
    if (callId === undefined || this.state.get().busy !== undefined) return false
    this.#set({ busy, problem: undefined })
    try {
      await work(callId)
      return true
    } catch (error) {
      this.#set({ problem: problemOf(error) })
      return false
    } finally {
      this.#set({ busy: undefined })
    }
  }

  #set(change: Partial<PushState>): void {
    this.state.update(state => ({ ...state, ...change }))
  }
}

function problemOf(error: unknown): PushProblem | undefined {
  if (error instanceof FileRefused) return { code: error.code, reason: error.reason }
  if (error instanceof RequestRefused || error instanceof HttpRefusal) return { code: error.code, reason: undefined }
  // The agent changed their mind in the browser's own dialogue.
  if (error instanceof DOMException && error.name === 'NotAllowedError') return undefined
  return { code: 'internal', reason: undefined }
}
