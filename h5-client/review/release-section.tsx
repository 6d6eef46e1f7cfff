import { useState } from 'preact/hooks'
import type { Release } from '../../signaling/protocol/review-access.ts'
import { hashOf } from './hash-route.ts'
import { LoadedCards } from './loaded-cards.tsx'
import { Refused } from './loading.tsx'
import { agreeRelease, originalAddress, originals, refuseRelease, releases, withdrawRelease } from './release-api.ts'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'
import { useLoaded, useTask } from './use-task.ts'

const DEFAULT_MINUTES = 60

/** Requests for originals: one's own, and for a person with the right those that wait for an answer. */
export function ReleaseSection({ desk }: SectionProps) {
  const { words } = useSpeech()
  const say = words.work.release
  const { state, again } = useLoaded(desk, releases)
  return (
    <main class="room" data-test="releases">
      <h2>{say.title}</h2>
      <p class="quiet">{say.note}</p>
      <LoadedCards
        state={state}
        again={again}
        waiting={say.loading}
        none={say.none}
        card={one => <ReleaseItem key={one.releaseId} desk={desk} release={one} again={again} />}
      />
    </main>
  )
}

type ItemProps = Pick<SectionProps, 'desk'> & { readonly release: Release; readonly again: () => void }

function ReleaseItem({ desk, release, again }: ItemProps) {
  const { words, time } = useSpeech()
  const say = words.work.release
  const task = useTask(desk)
  return (
    <li class="card" data-test="release" data-state={release.state}>
      <div class="row between">
        <strong>{say.states[release.state]}</strong>
        <a href={hashOf('records', release.callId)}>
          <code>{release.callId}</code>
        </a>
      </div>
      <p>{release.reason}</p>
      <p class="quiet">{say.askedBy(release.askedBy.name, time(release.askedAt))}</p>
      <ul class="people">
        {release.files === 'package' ? (
          <li>{say.package}</li>
        ) : (
          release.files.map(file => (
            <li key={file}>
              <code>{file}</code>
            </li>
          ))
        )}
      </ul>
      {release.answeredBy && release.answeredAt ? (
        <p class="quiet">
          {say.answeredBy(release.answeredBy.name, time(release.answeredAt))}
          {release.answer ? ` · ${release.answer}` : ''}
        </p>
      ) : null}
      {release.state === 'agreed' && release.expiresAt ? <p>{say.until(time(release.expiresAt))}</p> : null}
      {release.state === 'agreed' && release.files === 'package' ? <p data-test="release-how">{say.build}</p> : null}
      {release.state === 'agreed' ? <Downloads desk={desk} release={release} /> : null}
      {release.state !== 'asked' ? null : release.mayAnswer ? (
        <AnswerForm desk={desk} release={release} again={again} />
      ) : (
        <div class="row">
          <span class="quiet">{say.ownAsk}</span>
          <button
            type="button"
            class="button small"
            data-test="release-withdraw"
            disabled={task.busy}
            onClick={async () => {
              if (await task.run(() => withdrawRelease(release.releaseId))) again()
            }}
          >
            {say.withdraw}
          </button>
        </div>
      )}
      <Refused failed={task.failed} message={task.message} />
    </li>
  )
}

function AnswerForm({ desk, release, again }: ItemProps) {
  const { words } = useSpeech()
  const say = words.work.release
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState(String(DEFAULT_MINUTES))
  const task = useTask(desk)
  const short = reason.trim().length < 3
  const answer = async (work: () => Promise<unknown>) => {
    if (await task.run(work)) again()
  }
  return (
    <form class="row wrap-row" onSubmit={event => event.preventDefault()}>
      <label class="field grow">
        <span>{say.answer}</span>
        <input
          data-test="release-answer"
          maxLength={300}
          value={reason}
          onInput={event => setReason(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>{say.minutes}</span>
        <input
          type="number"
          min="5"
          max="4320"
          value={minutes}
          onInput={event => setMinutes(event.currentTarget.value)}
        />
      </label>
      <button
        type="button"
        class="button primary"
        data-test="release-agree"
        disabled={task.busy || short}
        onClick={() => void answer(() => agreeRelease(release.releaseId, reason.trim(), Number(minutes)))}
      >
        {say.agree}
      </button>
      <button
        type="button"
        class="button"
        data-test="release-refuse"
        disabled={task.busy || short}
        onClick={() => void answer(() => refuseRelease(release.releaseId, reason.trim()))}
      >
        {say.refuse}
      </button>
      <Refused failed={task.failed} message={task.message} />
    </form>
  )
}

function Downloads({ desk, release }: Omit<ItemProps, 'again'>) {
  const { words, bytes } = useSpeech()
  const { state } = useLoaded(desk, () => originals(release.callId), release.releaseId)
  if (state.kind !== 'ready') return null
  return (
    <ul class="people">
      {state.value
        .filter(file => file.released)
        .map(file => (
          <li key={file.path} class="with-copy">
            <code>{file.path}</code>
            <a class="button small" href={originalAddress(release.callId, file.path)} download>
              {words.work.release.download} · {bytes(file.bytes)}
            </a>
          </li>
        ))}
    </ul>
  )
}
