import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useSize } from '../shared/console/use-size.ts'
import { useStore } from '../shared/console/use-store.ts'
import { fitCanvas } from '../shared/fit-canvas.ts'
import { columnPeaks } from './column-peaks.ts'
import type { ReplayPlayer } from './replay-player.ts'
import { fetchPeaks, type Peaks } from './review-api.ts'
import { useSpeech } from './review-words.ts'

/** Both voices, one above the other, as loud as they were. A click goes to that moment. */
export function Waveforms({ url, player }: { url: string; player: ReplayPlayer }) {
  const { words } = useSpeech()
  const [peaks, setPeaks] = useState<Peaks | 'missing' | undefined>()
  useEffect(() => {
    let gone = false
    fetchPeaks(url).then(
      loaded => !gone && setPeaks(loaded),
      () => !gone && setPeaks('missing'),
    )
    return () => {
      gone = true
    }
  }, [url])
  if (peaks === 'missing') return <p class="notice">{words.waveMissing}</p>
  return (
    <div class="waves">
      <Wave label={words.waveCaller} party="caller" peaks={peaks} player={player} />
      <Wave label={words.waveAgent} party="agent" peaks={peaks} player={player} />
    </div>
  )
}

type WaveProps = {
  readonly label: string
  readonly party: 'caller' | 'agent'
  readonly peaks: Peaks | undefined
  readonly player: ReplayPlayer
}

function Wave({ label, party, peaks, player }: WaveProps) {
  const { atMs } = useStore(player.state)
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const size = useSize(box)
  const share = player.durationMs > 0 ? atMs / player.durationMs : 0

  useLayoutEffect(() => {
    if (!canvas.current || !peaks || size.width === 0) return
    const context = fitCanvas(canvas.current, size)
    context.fillStyle = getComputedStyle(canvas.current).color
    const middle = size.height / 2
    columnPeaks(peaks[party], peaks.intervalMs, player.durationMs, Math.floor(size.width)).forEach((peak, x) => {
      // Silence keeps a hairline, so that "silent" and "nothing recorded" do not look alike.
      const half = Math.max(0.5, peak * (middle - 1))
      context.fillRect(x, middle - half, 1, half * 2)
    })
  }, [peaks, party, size, player.durationMs])

  return (
    <div class="wave">
      <span class="wave-label">{label}</span>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the mouse; the seek bar does the same for everybody */}
      <div
        class={`wave-box ${party}`}
        ref={box}
        role="presentation"
        onClick={event => player.seek((event.offsetX / size.width) * player.durationMs)}
      >
        <canvas ref={canvas} data-test={`wave-${party}`} aria-label={label} />
        <span class="playhead" style={{ left: `${share * 100}%` }} />
      </div>
    </div>
  )
}
