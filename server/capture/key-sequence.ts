import type { CardShutterPolicy } from '../../signaling/protocol/capture.ts'

/** Keys further apart than this are not one sequence. */
const GAP_MS = 4_000
const MAX_KEYS = 6

/** Hears the keys of the caller's telephone for the two sequences that work the card shutter. Keeps no more keys than a sequence has. */
export class KeySequence {
  readonly #policy: () => CardShutterPolicy | undefined
  readonly #nowMs: () => number
  #keys = ''
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(o: { policy: () => CardShutterPolicy | undefined; nowMs?: () => number }) {
    this.#policy = o.policy
    this.#nowMs = o.nowMs ?? (() => performance.now())
  }

  /** What this key completes, if anything. */
  press(key: string): 'pause' | 'resume' | undefined {
    const nowMs = this.#nowMs()
    // A sequence begins anew at its first sign; digits alone are never remembered.
    if (nowMs - this.#lastMs > GAP_MS) this.#keys = ''
    this.#lastMs = nowMs
    if (this.#keys === '' && key !== '*' && key !== '#') return undefined
    this.#keys = `${this.#keys}${key}`.slice(-MAX_KEYS)
    const { pauseKeys, resumeKeys } = this.#policy() ?? {}
    const completes = pauseKeys && this.#keys.endsWith(pauseKeys) ? 'pause' : undefined
    const opens = resumeKeys && this.#keys.endsWith(resumeKeys) ? 'resume' : undefined
    const wanted = [pauseKeys, resumeKeys].filter(one => one !== undefined)
    const mayGrow = wanted.some(one => tailIsHead(this.#keys, one))
    if (completes ?? opens ?? !mayGrow) this.#keys = ''
    return completes ?? opens
  }
}

/** Whether the end of what was pressed is the beginning of a sequence. */
function tailIsHead(pressed: string, wanted: string): boolean {
  for (let from = 0; from < pressed.length; from += 1) if (wanted.startsWith(pressed.slice(from))) return true
  return false
}
