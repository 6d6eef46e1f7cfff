import { useState } from 'preact/hooks'
import { acknowledgeAlarm, anchorState, type ChainState, checkAnchors, verifyChain } from './audit-api.ts'
import { Loading, Refused } from './loading.tsx'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'
import { useLoaded, useTask } from './use-task.ts'

/** Whether the access log holds from its first line, and what the anchors outside say. */
export function AuditChain({ desk }: SectionProps) {
  const { words, number } = useSpeech()
  const say = words.work.audit
  const [chain, setChain] = useState<ChainState | undefined>()
  const task = useTask(desk)
  return (
    <>
      <section class="card">
        <div class="row">
          <button
            type="button"
            class="button primary"
            data-test="chain-verify"
            disabled={task.busy}
            onClick={() => void task.run(async () => setChain(await verifyChain()))}
          >
            {task.busy ? say.verifying : say.verify}
          </button>
        </div>
        <Refused failed={task.failed} message={task.message} />
        {chain ? (
          <p class={chain.intact ? 'notice ok' : 'notice danger'} role="status" data-test="chain-state">
            {chain.intact
              ? say.intact(number(chain.entries), number(chain.marksChecked))
              : `${say.broken}: ${(chain.problems ?? []).map(problem => problem.kind).join(', ')}`}
          </p>
        ) : null}
      </section>
      <Anchors desk={desk} />
    </>
  )
}

function Anchors({ desk }: Pick<SectionProps, 'desk'>) {
  const { words, time, number } = useSpeech()
  const say = words.work.anchors
  const { state, again } = useLoaded(desk, anchorState)
  const task = useTask(desk)
  const check = async () => {
    if (await task.run(checkAnchors)) again()
  }
  return (
    <Loading state={state} again={again} waiting={words.work.audit.loading}>
      {({ lastDigest, stamps, published, alarms, checkedAt }) => (
        <section class="card" data-test="anchors">
          <p>
            {lastDigest ? say.last(lastDigest.day) : say.never}
            {lastDigest ? (
              <>
                {' · '}
                <a
                  href={`/api/review/anchors/${lastDigest.day}/print`}
                  target="_blank"
                  rel="noreferrer"
                  data-test="digest-print"
                >
                  {say.print}
                </a>
              </>
            ) : null}
          </p>
          <p class="quiet">
            {stamps.configured ? say.stamps(number(stamps.stamped), number(stamps.waiting)) : say.noStamps}
            {published.configured && published.waitingDays > 0
              ? ` · ${say.unpublished(number(published.waitingDays))}`
              : ''}
            {checkedAt ? ` · ${say.checked(time(checkedAt))}` : ''}
          </p>
          {alarms.length === 0 ? <p>{say.none}</p> : null}
          <ul class="people">
            {alarms.map(one => (
              <AlarmLine key={one.key} desk={desk} alarm={one} again={again} />
            ))}
          </ul>
          <div class="row">
            <button type="button" class="button" disabled={task.busy} onClick={() => void check()}>
              {task.busy ? words.work.audit.verifying : words.verdict.again}
            </button>
          </div>
          <Refused failed={task.failed} />
        </section>
      )}
    </Loading>
  )
}

type AlarmProps = Pick<SectionProps, 'desk'> & {
  readonly alarm: Awaited<ReturnType<typeof anchorState>>['alarms'][number]
  readonly again: () => void
}

/** An alarm stays until a person has said what it was; that, too, is in the log. */
function AlarmLine({ desk, alarm: { alarm, key, acknowledged }, again }: AlarmProps) {
  const { words } = useSpeech()
  const [reason, setReason] = useState('')
  const task = useTask(desk)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (await task.run(() => acknowledgeAlarm(key, reason.trim()))) again()
  }
  return (
    <li class={acknowledged ? 'quiet' : 'incomplete'} data-test="anchor-alarm">
      {words.work.anchors.kinds[alarm.kind] ?? alarm.kind}
      {'day' in alarm ? ` · ${alarm.day}` : ''}
      {'callId' in alarm ? ` · ${alarm.callId}` : ''}
      {acknowledged ? null : (
        <form class="row" onSubmit={submit}>
          <input
            aria-label={words.work.resolve}
            maxLength={300}
            value={reason}
            onInput={event => setReason(event.currentTarget.value)}
          />
          <button type="submit" class="button small" disabled={task.busy || reason.trim().length < 3}>
            {words.work.resolve}
          </button>
        </form>
      )}
      <Refused failed={task.failed} />
    </li>
  )
}
