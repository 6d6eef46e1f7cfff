import { useStore } from '../shared/console/use-store.ts'
import { toggleFullScreen } from './full-screen.ts'
import type { ReplayProps } from './record-props.ts'
import { VIEW_MODES } from './replay-view.ts'
import { useSpeech } from './review-words.ts'

/** Whose eyes one looks through, and full screen. */
export function ViewBar({ view }: ReplayProps) {
  const { words } = useSpeech()
  const { mode } = useStore(view.state)
  const say = words.replay
  return (
    <div class="view-bar">
      <fieldset class="segments" data-test="view-modes">
        <legend class="sr-only">{say.modeBar}</legend>
        {VIEW_MODES.map(one => (
          <button
            key={one}
            type="button"
            data-test={`view-${one}`}
            aria-pressed={one === mode}
            onClick={() => view.setMode(one)}
          >
            {say.modes[one]}
          </button>
        ))}
      </fieldset>
      <div class="row tight">
        <button type="button" class="button plain" data-test="full-screen" onClick={toggleFullScreen}>
          {say.fullScreen} <kbd>F</kbd>
        </button>
        <button
          type="button"
          class="button icon-only plain"
          data-test="keys"
          aria-label={say.keysButton}
          title={say.keysButton}
          onClick={() => view.showKeys(true)}
        >
          <kbd>?</kbd>
        </button>
      </div>
    </div>
  )
}
