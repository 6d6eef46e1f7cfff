import type { Code } from '../../signaling/protocol/reading.ts'
import { Store } from '../shared/console/store.ts'
import { type CodeAnswer, type CodeQuestion, codeKey } from './code-reading.ts'

/** Filled in by the build: where the bundles of the workers lie. */
declare const TONGPING_WORKERS: { readonly codes: string }

/** Often enough for a steady hand, seldom enough for the machine of somebody who is also on the phone. */
const GAP_MS = 180
/** An outline stays so long after the code was last read: single frames of a moving picture are often too blurred. */
const STAYS_MS = 1_200

export type ScannerState = {
  /** The decoder is a megabyte: it is fetched when it is first wanted. */
  readonly kind: 'loading' | 'looking' | 'failed'
  readonly codes: readonly Code[]
}

export type ScannerOptions = {
  readonly video: HTMLVideoElement
  /** Codes this page has not reported before, with the frame they were seen in. */
  readonly onNew: (rtpTimestamp: number, codes: Code[]) => void
  readonly isKnown: (code: Code) => boolean
}

/** Looks for codes in a playing video, one frame at a time, in a worker of its own. */
export class CodeScanner {
  readonly state = new Store<ScannerState>({ kind: 'loading', codes: [] })
  readonly #o: ScannerOptions
  readonly #worker: Worker
  readonly #reported = new Set<string>()
  #frame = 0
  #rtpTimestamp: number | undefined
  #ready = false
  #busy = false
  #askedAtMs = Number.NEGATIVE_INFINITY
  #seenAtMs = Number.NEGATIVE_INFINITY
  #callback: number | undefined
  #closed = false

  constructor(options: ScannerOptions) {
    this.#o = options
    this.#worker = new Worker(TONGPING_WORKERS.codes)
    this.#worker.addEventListener('message', (event: MessageEvent<CodeAnswer>) => this.#answered(event.data))
    this.#worker.addEventListener('error', () => this.#fail())
    if ('requestVideoFrameCallback' in options.video) this.#next()
    else this.#fail()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#callback !== undefined) this.#o.video.cancelVideoFrameCallback(this.#callback)
    this.#worker.terminate()
  }

  #next(): void {
    if (this.#closed) return
    this.#callback = this.#o.video.requestVideoFrameCallback((nowMs, metadata) => {
      this.#next()
      if (!this.#ready || this.#busy || nowMs - this.#askedAtMs < GAP_MS) return
      this.#busy = true
      this.#askedAtMs = nowMs
      this.#rtpTimestamp = metadata.rtpTimestamp
      this.#ask().catch(() => {
        // No picture to take (the track has just gone): the next frame will do.
        this.#busy = false
      })
    })
  }

  async #ask(): Promise<void> {
    const bitmap = await createImageBitmap(this.#o.video)
    if (this.#closed) return bitmap.close()
    const question: CodeQuestion = { frame: ++this.#frame, bitmap }
    this.#worker.postMessage(question, [bitmap])
  }

  #answered(answer: CodeAnswer): void {
    if (this.#closed) return
    switch (answer.kind) {
      case 'ready':
        this.#ready = true
        this.state.update(state => ({ ...state, kind: 'looking' }))
        return
      case 'failed':
        this.#busy = false
        if (!this.#ready) this.#fail()
        return
      case 'read':
        this.#busy = false
        this.#saw(answer.codes)
    }
  }

  #saw(codes: readonly Code[]): void {
    const nowMs = performance.now()
    if (codes.length > 0) {
      this.#seenAtMs = nowMs
      this.state.update(state => ({ ...state, codes }))
    } else if (nowMs - this.#seenAtMs > STAYS_MS) {
      this.state.update(state => (state.codes.length === 0 ? state : { ...state, codes: [] }))
    }
    const rtpTimestamp = this.#rtpTimestamp
    // The record names the frame; a browser that does not tell it shows the code and reports nothing.
    if (rtpTimestamp === undefined) return
    const fresh = codes.filter(code => !this.#reported.has(codeKey(code)) && !this.#o.isKnown(code))
    if (fresh.length === 0) return
    for (const code of fresh) this.#reported.add(codeKey(code))
    this.#o.onNew(rtpTimestamp, fresh)
  }

  #fail(): void {
    this.state.update(() => ({ kind: 'failed', codes: [] }))
  }
}
