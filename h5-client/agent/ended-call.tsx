import { clockText } from '../shared/console/durations.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'

export function EndedCall({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { end, from, elapsedMs } = call.view
  return (
    <article class="card call ended-call" data-test="ended-call">
      <p class="call-kind">{words.callEnded}</p>
      <p class="number">{from || words.unknownNumber}</p>
      <p class="quiet">
        {end ? words.common.ends[end.cause] : words.callEndedAway}
        {elapsedMs === undefined ? '' : ` · ${words.talkedFor(clockText(elapsedMs))}`}
      </p>
      <p class="quiet">{words.recordKept}</p>
      <button type="button" class="button wide" data-test="dismiss" onClick={() => desk.dismiss()}>
        {words.done}
      </button>
    </article>
  )
}
