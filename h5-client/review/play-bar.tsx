import { placeTextMs } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { jumpToEvent } from './jump-to-event.ts'
import type { ReplayProps } from './record-props.ts'
import { SPEEDS } from './replay-player.ts'
import { useSpeech } from './review-words.ts'

export function PlayBar({ player, state, index, view }: ReplayProps) {
  const { words, number } = useSpeech()
  const { atMs, playing, speed } = useStore(player.state)
  const playable = state.opened.replay !== null
  const say = words.replay
  return (
    <div class="play-bar">
      <button
        type="button"
        class="button primary"
        data-test="play"
        aria-pressed={playing}
        disabled={!playable}
        onClick={() => player.toggle()}
      >
        <Icon name={playing ? 'pause' : 'play'} />
        {playing ? words.pause : words.play}
      </button>
      <div class="row tight">
        <SmallButton
          name="event-back"
          label={`${say.previousEvent} [`}
          icon="event-back"
          run={() => jumpToEvent(player, index, view, -1)}
        />
        <SmallButton
          name="frame-back"
          label={`${say.frameBack} ,`}
          icon="frame-back"
          disabled={!playable}
          run={() => void player.frame(-1)}
        />
        <SmallButton
          name="frame-forward"
          label={`${say.frameForward} .`}
          icon="frame-forward"
          disabled={!playable}
          run={() => void player.frame(1)}
        />
        <SmallButton
          name="event-forward"
          label={`${say.nextEvent} ]`}
          icon="event-forward"
          run={() => jumpToEvent(player, index, view, 1)}
        />
      </div>
      <p class="place" data-test="place" data-at-ms={Math.round(atMs)}>
        {placeTextMs(atMs)} <span class="quiet">/ {placeTextMs(player.durationMs)}</span>
      </p>
      <span class="push" />
      <fieldset class="speeds" disabled={!playable}>
        <legend class="sr-only">{words.speed}</legend>
        {SPEEDS.map(one => (
          <button
            key={one}
            type="button"
            class="button"
            aria-pressed={speed === one}
            onClick={() => player.setSpeed(one)}
          >
            {number(one)}×
          </button>
        ))}
      </fieldset>
    </div>
  )
}

type SmallProps = {
  readonly name: string
  readonly label: string
  readonly icon: Parameters<typeof Icon>[0]['name']
  readonly disabled?: boolean
  readonly run: () => void
}

function SmallButton({ name, label, icon, disabled = false, run }: SmallProps) {
  return (
    <button
      type="button"
      class="button icon-only"
      data-test={name}
      title={label}
      aria-label={label}
      disabled={disabled}
      onClick={run}
    >
      <Icon name={icon} />
    </button>
  )
}
