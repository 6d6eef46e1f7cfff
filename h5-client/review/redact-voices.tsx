import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useSize } from '../shared/console/use-size.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { columnPeaks } from './column-peaks.ts'
import type { EditorProps } from './redact-editor.tsx'
import { RedactSpan } from './redact-span.tsx'
import { useRedactSpeech } from './redact-words.ts'
import { fetchPeaks, type Peaks } from './review-api.ts'
import type { Span } from './spans.ts'

const PARTIES = ['both', 'caller', 'agent'] as const

/** Spans of the voices, selected on their waveforms. */
export function RedactVoices({ state, player, items, add, newId, reason }: EditorProps) {
  const { say, number } = useRedactSpeech()
  const { replay } = state.opened
  const [peaks, setPeaks] = useState<Peaks | undefined>()
  const [party, setParty] = useState<(typeof PARTIES)[number]>('both')
  const [span, setSpan] = useState<Span>({ fromMs: player.state.get().atMs, toMs: player.state.get().atMs + 1000 })
  useEffect(() => {
    if (replay) fetchPeaks(replay.peaksUrl).then(setPeaks, () => undefined)
  }, [replay])
  const taken = items.flatMap(item => (item.kind === 'audio-span' ? [item] : []))
  return (
    <>
      <p class="quiet">{say.voicesHint}</p>
      {(['caller', 'agent'] as const).map(one => (
        <Wave
          key={one}
          label={say.party[one]}
          peaks={peaks?.[one]}
          intervalMs={peaks?.intervalMs ?? 1}
          durationMs={player.durationMs}
          spans={taken.filter(item => item.party === 'both' || item.party === one)}
          selected={party === 'both' || party === one ? span : undefined}
          onSelect={setSpan}
        />
      ))}
      <RedactSpan span={span} durationMs={player.durationMs} onChange={setSpan} />
      <div class="row">
        <select
          data-test="redact-party"
          value={party}
          onChange={event => setParty(event.currentTarget.value as typeof party)}
        >
          {PARTIES.map(one => (
            <option key={one} value={one}>
              {say.party[one]}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="button primary small"
          data-test="redact-add-voice"
          onClick={() => add([{ kind: 'audio-span', itemId: newId(), reason, party, ...span }])}
        >
          {say.add}
        </button>
        {taken.length > 0 ? <span class="quiet">{say.chosen(number(taken.length))}</span> : null}
      </div>
    </>
  )
}

type WaveProps = {
  readonly label: string
  readonly peaks: readonly number[] | undefined
  readonly intervalMs: number
  readonly durationMs: number
  readonly spans: readonly Span[]
  readonly selected: Span | undefined
  readonly onSelect: (span: Span) => void
}

function Wave({ label, peaks, intervalMs, durationMs, spans, selected, onSelect }: WaveProps) {
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const size = useSize(box)
  const from = useRef<number | undefined>(undefined)
  useLayoutEffect(() => {
    if (!canvas.current || !peaks || size.width === 0) return
    const context = fitCanvas(canvas.current, size)
    context.fillStyle = getComputedStyle(canvas.current).color
    const middle = size.height / 2
    columnPeaks(peaks, intervalMs, durationMs, Math.floor(size.width)).forEach((peak, x) => {
      const half = Math.max(0.5, peak * (middle - 1))
      context.fillRect(x, middle - half, 1, half * 2)
    })
  }, [peaks, intervalMs, durationMs, size])
  const at = (event: PointerEvent) => {
    const rect = box.current?.getBoundingClientRect()
    return rect ? Math.min(1, Math.max(0, (event.clientX - rect.left) / rect.width)) * durationMs : 0
  }
  const style = (span: Span) => ({
    left: `${(span.fromMs / durationMs) * 100}%`,
    width: `${((span.toMs - span.fromMs) / durationMs) * 100}%`,
  })
  return (
    <div class="wave">
      <span class="wave-label">{label}</span>
      <div
        class="wave-box redact-wave"
        ref={box}
        role="presentation"
        data-test="redact-wave"
        onPointerDown={event => {
          box.current?.setPointerCapture(event.pointerId)
          from.current = at(event)
        }}
        onPointerMove={event => {
          if (from.current === undefined) return
          const [a, b] = [from.current, at(event)].sort((one, other) => one - other)
          if (a !== undefined && b !== undefined && b - a > 20) onSelect({ fromMs: Math.round(a), toMs: Math.round(b) })
        }}
        onPointerUp={() => {
          from.current = undefined
        }}
      >
        <canvas ref={canvas} aria-label={label} />
        {spans.map((span, i) => (
          <span key={i} class="redact-span taken" style={style(span)} />
        ))}
        {selected ? <span class="redact-span" style={style(selected)} /> : null}
      </div>
    </div>
  )
}
