import { useEffect, useRef, useState } from 'preact/hooks'
import type { Region } from '../../signaling/protocol/reading.ts'
import { type BoxAt, boxAt } from '../../signaling/protocol/redaction-boxes.ts'
import { placeText } from '../shared/console/durations.ts'
import { followBox } from './follow-box.ts'
import { RedactBoxes } from './redact-boxes.tsx'
import type { EditorProps } from './redact-editor.tsx'
import { RedactSpan } from './redact-span.tsx'
import { useRedactSpeech } from './redact-words.ts'
import { Watermark } from './watermark.tsx'

const SPAN_MS = 5000

/** Boxes on the film: keyframes drawn by hand, or followed by the page through the span. */
export function RedactFilm({ name, state, player, items, add, newId, reason }: EditorProps) {
  const { say, number, percent } = useRedactSpeech()
  const { replay } = state.opened
  const video = useRef<HTMLVideoElement>(null)
  const [track, setTrack] = useState<'camera' | 'screen'>('camera')
  const [atMs, setAtMs] = useState(player.state.get().atMs)
  const [span, setSpan] = useState({ fromMs: atMs, toMs: Math.min(player.durationMs, atMs + SPAN_MS) })
  const [keyframes, setKeyframes] = useState<readonly BoxAt[]>([])
  const [shape, setShape] = useState('16 / 9')
  const [progress, setProgress] = useState<number | undefined>()
  const stop = useRef<AbortController | undefined>(undefined)
  useEffect(() => () => stop.current?.abort(), [])
  const go = (toMs: number) => {
    setAtMs(toMs)
    if (video.current) video.current.currentTime = toMs / 1000
  }
  if (!replay) return <p class="quiet">{say.noFilm}</p>
  const draw = (box: Region) => {
    const moment = Math.round(atMs)
    setKeyframes(
      [...keyframes.filter(one => one.atMs !== moment), { atMs: moment, box }].sort((a, b) => a.atMs - b.atMs),
    )
    // The span begins no earlier than somebody looked.
    if (keyframes.length === 0) setSpan(({ toMs }) => ({ fromMs: moment, toMs: Math.max(toMs, moment + 100) }))
  }
  const follow = async () => {
    const from = keyframes.findLast(one => one.atMs <= atMs && one.box !== null) ?? keyframes[0]
    if (!video.current || !from?.box) return
    const controller = new AbortController()
    stop.current = controller
    setProgress(0)
    const found = await followBox({
      ...{ video: video.current, box: from.box, fromMs: from.atMs, toMs: span.toMs },
      ...{ signal: controller.signal, onProgress: setProgress },
    })
    setProgress(undefined)
    setKeyframes([...keyframes.filter(one => one.atMs < from.atMs), ...found])
    setAtMs((video.current?.currentTime ?? 0) * 1000)
  }
  const shown = keyframes.length > 0 && atMs >= span.fromMs && atMs < span.toMs ? [boxAt(keyframes, atMs)] : []
  const lost = keyframes.filter(one => one.box === null).length
  const chosen = items.filter(item => item.kind === 'video-region').length
  return (
    <>
      <p class="quiet">{say.filmHint}</p>
      {replay.screenUrl ? (
        <select value={track} onChange={event => setTrack(event.currentTarget.value as typeof track)}>
          <option value="camera">{say.camera}</option>
          <option value="screen">{say.screen}</option>
        </select>
      ) : null}
      <div class="redact-fit" style={{ aspectRatio: shape }}>
        <RedactBoxes boxes={shown} label={say.drawHint} onDraw={draw}>
          <video
            ref={video}
            src={track === 'screen' ? replay.screenUrl : replay.url}
            muted
            preload="auto"
            data-test="redact-video"
            onLoadedMetadata={event => {
              const { videoWidth, videoHeight } = event.currentTarget
              if (videoWidth > 0) setShape(`${videoWidth} / ${videoHeight}`)
              event.currentTarget.currentTime = atMs / 1000
            }}
          />
          <Watermark name={name} lines={state.opened.watermark.lines} />
        </RedactBoxes>
      </div>
      <label class="row">
        <span>{placeText(atMs)}</span>
        <input
          type="range"
          class="redact-seek"
          data-test="redact-seek"
          aria-label={say.at}
          min={0}
          max={player.durationMs}
          step={33}
          value={atMs}
          onInput={event => go(Number(event.currentTarget.value))}
        />
      </label>
      <RedactSpan span={span} durationMs={player.durationMs} atMs={atMs} onChange={setSpan} />
      <div class="row">
        <span data-test="redact-keyframes" data-count={keyframes.length}>
          {say.keyframes(number(keyframes.length))}
          {lost > 0 ? ` · ${say.lost(number(lost))}` : ''}
        </span>
        {progress === undefined ? (
          <button
            type="button"
            class="button small"
            data-test="redact-follow"
            disabled={keyframes.length === 0}
            onClick={() => void follow()}
          >
            {say.follow}
          </button>
        ) : (
          <>
            <progress max={1} value={progress} aria-label={say.follow} />
            <span>{say.following(percent(progress))}</span>
            <button type="button" class="button small" onClick={() => stop.current?.abort()}>
              {say.stop}
            </button>
          </>
        )}
        <button
          type="button"
          class="button primary small"
          data-test="redact-add-film"
          disabled={keyframes.length === 0 || progress !== undefined}
          onClick={() => {
            add([{ kind: 'video-region', itemId: newId(), reason, track, ...span, keyframes: [...keyframes] }])
            setKeyframes([])
          }}
        >
          {say.add}
        </button>
        {chosen > 0 ? <span class="quiet">{say.chosen(number(chosen))}</span> : null}
      </div>
    </>
  )
}
