import { useState } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { type BenchWords, useBench } from './bench.ts'
import type { MicrophoneState } from './microphone.ts'

function says(state: MicrophoneState, words: BenchWords): string {
  switch (state.kind) {
    case 'ready':
      return state.muted ? words.mic.muted : state.label || words.microphone
    case 'trouble':
      return words.mic[state.trouble]
    default:
      return words.mic[state.kind]
  }
}

/** The agent's own device: which one, and what to do when there is none. */
export function MicrophoneCard() {
  const { desk, words } = useBench()
  const state = useStore(desk.microphone.state)
  const [processing, setProcessing] = useState(desk.microphone.processing)
  const trouble = state.kind === 'trouble' || state.kind === 'unplugged'
  const ask = state.kind === 'unasked' || state.kind === 'trouble'
  return (
    <div class={trouble ? 'card microphone danger' : 'card microphone'} data-test="microphone" data-state={state.kind}>
      <p class="microphone-line">
        <Icon name={state.kind === 'ready' && !state.muted ? 'mic' : 'mic-off'} />
        <strong>{words.microphone}</strong>
        <span class="quiet cut" title={says(state, words)} role="status">
          {says(state, words)}
        </span>
      </p>
      {ask ? (
        <button type="button" class="button wide" data-test="allow-microphone" onClick={() => void desk.warmUp()}>
          {words.allowMicrophone}
        </button>
      ) : null}
      <label class="check" title={words.processingNote}>
        <input
          type="checkbox"
          data-test="voice-processing"
          checked={processing}
          onChange={event => {
            setProcessing(event.currentTarget.checked)
            void desk.microphone.setProcessing(event.currentTarget.checked).catch(() => undefined)
          }}
        />
        {words.processing}
      </label>
    </div>
  )
}
