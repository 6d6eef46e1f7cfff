import { placeText } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { type ReplayPlayer, SPEEDS } from './replay-player.ts'
import { useSpeech } from './review-words.ts'

export function PlayBar({ player, playable }: { player: ReplayPlayer; playable: boolean }) {
  const { words, number } = useSpeech()
  const { atMs, playing, speed } = useStore(player.state)
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
      <p class="place" data-test="place" data-at-ms={Math.round(atMs)}>
        {placeText(atMs)} <span class="quiet">/ {placeText(player.durationMs)}</span>
      </p>
      <span class="push" />
      <p class="quiet keys-note">{words.keys}</p>
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
