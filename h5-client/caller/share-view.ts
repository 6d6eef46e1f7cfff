import type { PushPhoneWords } from '../shared/words/zh-CN/push-phone.ts'
import { h } from './dom.ts'

/** What receives the shared screen; the code behind it is loaded only when it is needed. */
export type ShareSource = {
  /** @returns what ends it */
  open(onStream: (stream: MediaStream | undefined) => void): Promise<() => void>
}

const RETRY_MS = 1_500

/** The agent's screen over the whole phone, without sound. */
export class ShareView {
  readonly element: HTMLElement
  readonly #source: ShareSource
  readonly #video = h('video', { 'data-test': 'share-video', playsinline: true, muted: true, autoplay: true })
  readonly #waiting: HTMLElement
  #wanted = false
  #end: (() => void) | undefined
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(words: PushPhoneWords, source: ShareSource) {
    this.#source = source
    // Attributes alone do not mute a video that a script made.
    this.#video.muted = true
    this.#video.setAttribute('aria-label', words.shareAlt)
    this.#waiting = h('p', { class: 'share-waiting', role: 'status' }, words.shareWaiting)
    this.element = h(
      'section',
      { class: 'stage share', 'data-test': 'share', hidden: true },
      this.#video,
      this.#waiting,
    )
  }

  show(shared: boolean): void {
    if (shared === this.#wanted) return
    this.#wanted = shared
    this.element.hidden = !shared
    if (shared) void this.#open()
    else this.close()
  }

  /** After the session was entered anew: the old transport is gone with it. */
  again(): void {
    if (!this.#wanted) return
    this.#drop()
    void this.#open()
  }

  close(): void {
    this.#wanted = false
    this.#drop()
  }

  #drop(): void {
    clearTimeout(this.#retry)
    this.#end?.()
    this.#end = undefined
    this.#stream(undefined)
  }

  async #open(): Promise<void> {
    try {
      const end = await this.#source.open(stream => this.#stream(stream))
      if (this.#wanted && this.#end === undefined) this.#end = end
      else end()
    } catch {
      // No network, or a media server that starts again: the agent still shares, so it is tried again.
      if (this.#wanted) this.#retry = setTimeout(() => void this.#open(), RETRY_MS)
    }
  }

  #stream(stream: MediaStream | undefined): void {
    this.#video.srcObject = stream ?? null
    this.#waiting.hidden = stream !== undefined
    // Explicitly: in-app browsers on iOS stay blank without it.
    if (stream !== undefined) this.#video.play().catch(() => {})
  }
}
