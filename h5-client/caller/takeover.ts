import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { HttpRefusal, postJson } from '../shared/http.ts'
import { button, card } from './card.ts'
import { h, setText } from './dom.ts'
import type { JoinRequest } from './join.ts'
import { phoneWords } from './phone-words.ts'
import type { ScreenHost } from './screen-host.ts'

type Asked = { readonly ticket: string; readonly waitMs: number }
type Answer =
  | { readonly state: 'waiting' | 'refused' | 'late'; readonly leftMs: number }
  | { readonly state: 'allowed'; readonly session: CallerSession }
type Ending = 'refused' | 'late' | 'busy'

export type TakeoverOptions = {
  readonly host: ScreenHost
  readonly request: () => JoinRequest
  readonly onSeated: (session: CallerSession) => void
  /** The code itself does not stand any more, or too many have asked. */
  readonly onRefused: (error: unknown) => void
}

/** Longer than the server keeps a request open. */
const POLL_TIMEOUT_MS = 30_000
const RETRY_MS = 1_000

/** This browser asks for the place of the one that used the code; the agent, who has the caller on the phone, decides. */
export class Takeover {
  readonly #o: TakeoverOptions

  constructor(o: TakeoverOptions) {
    this.#o = o
  }

  async run(): Promise<void> {
    const { token, deviceId } = this.#o.request()
    try {
      const { ticket, waitMs } = await postJson<Asked>('/api/join/rebind', { token, deviceId })
      const answer = await this.#wait(ticket, waitMs)
      if (answer.state === 'allowed') this.#o.onSeated(answer.session)
      else this.#ended(answer.state === 'refused' ? 'refused' : 'late')
    } catch (error) {
      if (error instanceof HttpRefusal && error.code === 'conflict' && error.refusal === undefined) this.#ended('busy')
      else this.#o.onRefused(error)
    }
  }

  async #wait(ticket: string, waitMs: number): Promise<Answer> {
    const untilMs = performance.now() + waitMs
    const count = h('p', { class: 'takeover-count', 'aria-live': 'off' })
    const draw = () => {
      const seconds = Math.max(0, Math.ceil((untilMs - performance.now()) / 1000))
      setText(count, phoneWords(this.#o.host.language).takeoverWaiting(String(seconds)))
    }
    draw()
    const timer = setInterval(draw, 500)
    this.#o.host.show(() => {
      const words = phoneWords(this.#o.host.language)
      draw()
      return { element: card('takeover', 'phone', words.takeoverTitle, [h('p', {}, words.takeoverNote), count], []) }
    })
    try {
      for (;;) {
        const answer = await this.#poll(ticket)
        if (answer !== undefined && answer.state !== 'waiting') return answer
        if (performance.now() > untilMs) return { state: 'late', leftMs: 0 }
        if (answer === undefined) await new Promise(resolve => setTimeout(resolve, RETRY_MS))
      }
    } finally {
      clearInterval(timer)
    }
  }

  /** Undefined: no answer came, the network may be back in a moment. @throws HttpRefusal for a final no */
  async #poll(ticket: string): Promise<Answer | undefined> {
    try {
      return await postJson<Answer>('/api/join/rebind/answer', { ...this.#o.request(), ticket }, POLL_TIMEOUT_MS)
    } catch (error) {
      if (error instanceof HttpRefusal && (error.status === 0 || error.status >= 500)) return undefined
      // The request is over at the server: it kept the ticket no longer than the agent had time.
      if (error instanceof HttpRefusal && error.code === 'forbidden') return { state: 'late', leftMs: 0 }
      throw error
    }
  }

  #ended(ending: Ending): void {
    this.#o.host.show(() => {
      const words = phoneWords(this.#o.host.language)
      const { title, note } = {
        refused: { title: words.takeoverRefused, note: words.takeoverRefusedNote },
        late: { title: words.takeoverLate, note: words.takeoverLateNote },
        busy: { title: words.takeoverBusy, note: words.takeoverBusyNote },
      }[ending]
      const again = button(words.takeoverStart, 'primary', () => void this.run(), 'takeover-again')
      const screen = card('takeover-ended', 'warning', title, [h('p', {}, note)], [again], { 'data-ending': ending })
      return { element: screen }
    })
  }
}
