import { placeText } from '../shared/console/durations.ts'
import type { ReplayProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

/** Comments on the timeline: a mark leads to its moment, a click beside one begins another there. */
export function CommentLane({ state, player, view }: ReplayProps) {
  const { words } = useSpeech()
  const { durationMs } = player
  const comments = state.opened.work.comments.filter(one => one.replyTo === null && one.atMs !== null)
  const begin = (event: MouseEvent) => {
    const lane = event.currentTarget as HTMLElement
    if (event.target !== lane) return
    const atMs = (event.offsetX / Math.max(1, lane.clientWidth)) * durationMs
    player.seek(atMs)
    view.comment(atMs)
  }
  return (
    <div class="time-row">
      <span class="time-label">{words.work.laneComments}</span>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the mouse; the key C does the same for everybody */}
      <div class="time-line comment-lane" role="presentation" data-test="comment-lane" onClick={begin}>
        {comments.map(one => (
          <button
            key={one.commentId}
            type="button"
            tabIndex={-1}
            class={one.resolved ? 'pin resolved' : 'pin'}
            style={{ left: `${((one.atMs ?? 0) / Math.max(1, durationMs)) * 100}%` }}
            title={words.replay.mark(placeText(one.atMs ?? 0), `${one.author.name}: ${one.text}`)}
            onClick={() => player.seek(one.atMs ?? 0)}
          />
        ))}
      </div>
    </div>
  )
}
