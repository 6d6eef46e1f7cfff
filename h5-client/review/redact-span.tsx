import { useRedactSpeech } from './redact-words.ts'
import type { Span } from './spans.ts'

type Props = {
  readonly span: Span
  readonly durationMs: number
  /** Where the film or the selection stands. */
  readonly atMs?: number
  readonly onChange: (span: Span) => void
}

/** A span in seconds of the call, to the hundredth; never backwards. */
export function RedactSpan({ span, durationMs, atMs, onChange }: Props) {
  const { say } = useRedactSpeech()
  const set = (change: Partial<Span>) => {
    const { fromMs, toMs } = { ...span, ...change }
    const from = Math.min(Math.max(0, fromMs), durationMs - 10)
    onChange({ fromMs: from, toMs: Math.min(durationMs, Math.max(from + 10, toMs)) })
  }
  const field = (name: 'fromMs' | 'toMs', label: string) => (
    <label class="redact-seconds">
      <span>{label}</span>
      <input
        type="number"
        step={0.01}
        min={0}
        max={durationMs / 1000}
        data-test={`redact-${name}`}
        value={(span[name] / 1000).toFixed(2)}
        onChange={event => set({ [name]: Math.round(Number(event.currentTarget.value) * 1000) })}
      />
    </label>
  )
  return (
    <div class="row">
      {field('fromMs', say.from)}
      {atMs === undefined ? null : (
        <button type="button" class="button small" onClick={() => set({ fromMs: Math.round(atMs) })}>
          {say.fromHere}
        </button>
      )}
      {field('toMs', say.to)}
      {atMs === undefined ? null : (
        <button type="button" class="button small" onClick={() => set({ toMs: Math.round(atMs) })}>
          {say.toHere}
        </button>
      )}
    </div>
  )
}
