import { useState } from 'preact/hooks'
import { clockText, placeText } from '../shared/console/durations.ts'
import { useStore } from '../shared/console/use-store.ts'
import { watchedBy } from './audit-api.ts'
import { Loading } from './loading.tsx'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'
import { useLoaded } from './use-task.ts'

/** Who watched which parts of one record, and for what reason. */
export function AuditCall({ desk, routes }: SectionProps) {
  const { words } = useSpeech()
  const say = words.work.audit
  const callId = useStore(routes.route).rest[1] ?? ''
  const [typed, setTyped] = useState(callId)
  const { state, again } = useLoaded(desk, async () => (callId === '' ? [] : watchedBy(callId)), callId)
  const submit = (event: Event) => {
    event.preventDefault()
    routes.go('audit', 'call', typed.trim())
  }
  return (
    <>
      <form class="room-form" onSubmit={submit}>
        <label class="field grow">
          <span>{say.callId}</span>
          <input data-test="watched-call" value={typed} onInput={event => setTyped(event.currentTarget.value)} />
        </label>
        <button type="submit" class="button primary" data-test="watched-show" disabled={typed.trim() === ''}>
          {say.show}
        </button>
      </form>
      {callId === '' ? null : (
        <Loading state={state} again={again} waiting={say.loading}>
          {watched => {
            if (watched.length === 0) return <p class="list-state quiet">{say.watchedNobody}</p>
            const endMs = Math.max(1, ...watched.flatMap(one => one.spans.map(([, toMs]) => toMs)))
            return (
              <ul class="cards">
                {watched.map(one => (
                  <WatchedCard key={one.user.id} watched={one} endMs={endMs} />
                ))}
              </ul>
            )
          }}
        </Loading>
      )}
    </>
  )
}

type CardProps = { readonly watched: Awaited<ReturnType<typeof watchedBy>>[number]; readonly endMs: number }

function WatchedCard({ watched, endMs }: CardProps) {
  const { words, time } = useSpeech()
  const say = words.work.audit
  const percent = (ms: number) => `${(ms / endMs) * 100}%`
  return (
    <li class="card" data-test="watched">
      <div class="row between">
        <strong>{watched.user.name}</strong>
        <span class={watched.assigned ? 'quiet' : 'amber'}>{watched.assigned ? say.assigned : say.unassigned}</span>
      </div>
      <p class="quiet">
        {time(watched.firstAt)} – {time(watched.lastAt)} · {say.watched(clockText(watched.playedMs))}
      </p>
      <p>{watched.reasons.join(' · ')}</p>
      <ul class="time-line lane">
        {watched.spans.map(([fromMs, toMs]) => (
          <li
            key={fromMs}
            class="span camera-live"
            title={`${placeText(fromMs)}–${placeText(toMs)}`}
            style={{ left: percent(fromMs), width: percent(toMs - fromMs) }}
          />
        ))}
      </ul>
    </li>
  )
}
