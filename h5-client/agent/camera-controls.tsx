import { useEffect, useRef, useState } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { ConsentGate } from './consent-gate.tsx'
import { type JoinedCall, liveCall } from './desk-state.ts'

/** A slider moves faster than a lens. */
const ZOOM_EVERY_MS = 200

/** The phone's camera from the agent's desk: what the device offers, once the caller has agreed. */
export function CameraControls({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const live = liveCall(useStore(desk.state)) !== undefined
  const { mode } = useStore(desk.look.state)
  const { abilities, holdStill, camera, consents } = call.view
  const ready = live && camera === 'live'
  const disabled = !ready || busy.has('control')
  const onLive = call.stage.showing === 'live'
  const nothing = abilities && !abilities.torch && !abilities.zoom && !abilities.focusPoint
  return (
    <div class="camera-controls" data-test="camera-controls">
      <div class="row wrap-row">
        <button
          type="button"
          class={holdStill ? 'button small pressed' : 'button small'}
          data-test="hold-still"
          aria-pressed={holdStill}
          title={words.wb.holdStillTip}
          disabled={disabled}
          onClick={() => void desk.assist.control({ kind: 'hold-still', on: !holdStill })}
        >
          {words.common.controls['hold-still']}
          <kbd>⇧S</kbd>
        </button>
        {consents.control === true && abilities?.torch ? (
          <button
            type="button"
            class={call.assist.torch ? 'button small pressed' : 'button small'}
            data-test="torch"
            aria-pressed={call.assist.torch}
            disabled={disabled}
            onClick={() => void desk.assist.control({ kind: 'torch', on: !call.assist.torch })}
          >
            {words.common.controls.torch}
            <kbd>⇧T</kbd>
          </button>
        ) : null}
        {consents.control === true && abilities?.focusPoint ? (
          <button
            type="button"
            class={mode === 'focus' ? 'button small pressed' : 'button small'}
            data-test="focus"
            aria-pressed={mode === 'focus'}
            title={words.wb.focusHow}
            disabled={disabled || !onLive}
            onClick={() => desk.look.toggleMode('focus')}
          >
            {words.common.controls.focus}
            <kbd>⇧F</kbd>
          </button>
        ) : null}
      </div>
      {abilities === undefined ? (
        <p class="quiet">{words.wb.waitingAbilities}</p>
      ) : nothing ? (
        <p class="quiet">{words.wb.noAbilities}</p>
      ) : (
        <ConsentGate call={call} kind="control">
          {abilities.zoom ? <ZoomSlider call={call} zoom={abilities.zoom} disabled={!ready} /> : null}
        </ConsentGate>
      )}
      <ControlOutcome call={call} />
    </div>
  )
}

type ZoomProps = {
  readonly call: JoinedCall
  readonly zoom: { readonly min: number; readonly max: number; readonly step: number }
  readonly disabled: boolean
}

function ZoomSlider({ call, zoom, disabled }: ZoomProps) {
  const { desk, words, language } = useBench()
  const truth = Math.max(zoom.min, call.assist.zoomRatio ?? Math.max(1, zoom.min))
  const [wanted, setWanted] = useState<number | undefined>()
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  // The phone's own word ends what was only wished for.
  useEffect(() => setWanted(undefined), [call.assist.controlled?.seq])
  const value = wanted ?? truth
  const slide = (ratio: number) => {
    setWanted(ratio)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void desk.assist.control({ kind: 'zoom', ratio }), ZOOM_EVERY_MS)
  }
  return (
    <label class="slider">
      <span>{words.common.controls.zoom}</span>
      <input
        type="range"
        data-test="camera-zoom"
        min={zoom.min}
        max={zoom.max}
        step={zoom.step > 0 ? zoom.step : 'any'}
        value={value}
        disabled={disabled}
        onInput={event => slide(event.currentTarget.valueAsNumber)}
      />
      <span class="figures">
        {new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value)}×
      </span>
    </label>
  )
}

/** What came of the last order, as the phone tells it. */
function ControlOutcome({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { controlled } = call.assist
  if (busy.has('control')) return <p class="quiet">{words.wb.waitingPhone}</p>
  if (!controlled) return null
  const { control, outcome } = controlled
  return (
    <p class={outcome === 'done' ? 'quiet' : 'amber'} role="status" data-test="controlled" data-outcome={outcome}>
      {words.common.controls[control.kind]}: {words.common.controlOutcomes[outcome]}
    </p>
  )
}
