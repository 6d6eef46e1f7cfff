import type { VoiceState } from '../../media/edge/voice-listeners.ts'

/** How long a voice that has stopped is waited for. Not while somebody holds: then silence is what was asked for. */
export class VoicePatience {
  readonly #limitMs: number
  readonly #lostForGood: () => void
  readonly #holding = new Set<'peer' | 'us'>()
  #lost = false
  #givingUp: NodeJS.Timeout | undefined

  /** @param o.limitMs of silence, its beginning included, after which it is given up */
  constructor(o: { limitMs: number; lostForGood: () => void }) {
    this.#limitMs = o.limitMs
    this.#lostForGood = o.lostForGood
  }

  get lost(): boolean {
    return this.#lost && this.#holding.size === 0
  }

  holds(who: 'peer' | 'us'): boolean {
    return this.#holding.has(who)
  }

  /** False for what says nothing new. */
  take(state: VoiceState): boolean {
    switch (state.kind) {
      case 'held':
      case 'retrieved':
        if (this.#holding.has(state.by) === (state.kind === 'held')) return false
        this.#holdChanged(state.by, state.kind === 'held')
        return true
      case 'lost':
        this.#lost = true
        this.#giveUpAfter(this.#limitMs - state.silentForMs)
        return true
      case 'found':
        this.#lost = false
        clearTimeout(this.#givingUp)
        return true
      case 'dtmf':
      case 'latched':
        return false
    }
  }

  close(): void {
    clearTimeout(this.#givingUp)
  }

  /** Also of a voice that was lost before: the whole patience begins anew after a hold. */
  #holdChanged(by: 'peer' | 'us', held: boolean): void {
    if (held) this.#holding.add(by)
    else this.#holding.delete(by)
    clearTimeout(this.#givingUp)
    if (this.#lost && this.#holding.size === 0) this.#giveUpAfter(this.#limitMs)
  }

  #giveUpAfter(ms: number): void {
    clearTimeout(this.#givingUp)
    this.#givingUp = setTimeout(() => this.#lostForGood(), Math.max(0, ms))
  }
}
