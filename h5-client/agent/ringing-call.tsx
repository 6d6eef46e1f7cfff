import type { CallView } from '../../signaling/protocol/call.ts'
import { clockText } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { useNow } from './use-now.ts'

type Props = {
  readonly call: CallView
  /** The one that the keys mean. */
  readonly first: boolean
  /** The agent is in a call already. */
  readonly taken: boolean
}

export function RingingCall({ call, first, taken }: Props) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  useNow(500)
  const rangForMs = Math.max(0, Date.now() - Date.parse(call.rangAt))
  const answering = busy.has('answer')
  const phone = useStore(desk.speakBy.phone)
  const { agent } = useStore(desk.state)
  const failed = call.agentBy?.failed?.agent === agent?.id ? call.agentBy?.failed : undefined
  return (
    <li class="card call ringing-call" data-test="call-row" data-call={call.callId}>
      <p class="call-kind">{words.ringing}</p>
      <p class="number">{call.from || words.unknownNumber}</p>
      <p class="quiet">
        {words.calledNumber(call.to)} · {words.rang(clockText(rangForMs))}
      </p>
      {failed ? (
        <p class="failed-line" role="alert" data-test="phone-failed">
          {words.deskPhone.failed(words.common.dialFailures[failed.why])}
          <br />
          {words.deskPhone.ringsOn}
        </p>
      ) : null}
      {taken ? (
        <p class="quiet">{words.oneAtATime}</p>
      ) : (
        <div class="row">
          <button
            type="button"
            class="button go grow"
            data-test="answer"
            disabled={answering}
            onClick={() => void desk.answer(call.callId)}
          >
            <Icon name="phone" />
            {answering ? words.answering : phone?.by === 'phone' ? words.deskPhone.answerOn.phone : words.answer}
            {first ? (
              <>
                <kbd>Enter</kbd>
                {phone?.by === 'phone' ? null : <kbd>A</kbd>}
              </>
            ) : null}
          </button>
          {phone?.by === 'phone' ? (
            <button
              type="button"
              class="button"
              data-test="answer-here"
              title={words.deskPhone.answerOn.browser}
              disabled={answering}
              onClick={() => void desk.answer(call.callId, 'browser')}
            >
              <Icon name="mic" />
              {words.deskPhone.answerHere}
            </button>
          ) : null}
          <button
            type="button"
            class="button"
            data-test="decline"
            disabled={answering}
            onClick={() => void desk.decline(call.callId)}
          >
            {words.decline}
            {first ? <kbd>D</kbd> : null}
          </button>
        </div>
      )}
    </li>
  )
}
