import type { CallEnd } from '../../signaling/protocol/call.ts'
import { clockText } from '../shared/console/durations.ts'
import { otherNumber } from '../shared/console/other-number.ts'
import { endWords } from '../shared/words/end-words.ts'
import { type BenchWords, useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'

export function EndedCall({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { end, elapsedMs } = call.view
  return (
    <article class="card call ended-call" data-test="ended-call">
      <p class="call-kind">{words.callEnded}</p>
      <p class="number">{otherNumber(call.view) || words.unknownNumber}</p>
      <p class="quiet">
        {end ? whyEnded(end, words) : words.callEndedAway}
        {elapsedMs === undefined ? '' : ` · ${words.talkedFor(clockText(elapsedMs))}`}
      </p>
      {/* Nothing of a call that nobody answered is kept. */}
      {call.view.answeredAt === undefined && call.view.direction === 'out' ? null : (
        <p class="quiet">{words.recordKept}</p>
      )}
      <button type="button" class="button wide" data-test="dismiss" onClick={() => desk.dismiss()}>
        {words.done}
      </button>
    </article>
  )
}

function whyEnded(end: CallEnd, words: BenchWords): string {
  return end.cause === 'not-reached'
    ? words.control.dial.notReached(words.common.dialFailures[end.failure])
    : endWords(end, words.common)
}
