import type { Redaction } from '../../signaling/protocol/redaction.ts'
import { useClosedSpeech } from './closed-words.ts'
import { CopyFiles } from './copy-files.tsx'
import { hashOf } from './hash-route.ts'
import { LoadedCards } from './loaded-cards.tsx'
import { redactionsIn } from './redact-api.ts'
import type { SectionProps } from './sections.ts'
import { useLoaded } from './use-task.ts'

/** Redacted copies of all records: those that wait for a second person, and those that may be taken. */
export function RedactionsSection({ desk, rights }: SectionProps) {
  const { say } = useClosedSpeech()
  return (
    <main class="room" data-test="redactions">
      <h2>{say.redactions}</h2>
      <p class="quiet">{say.redactionsNote}</p>
      {rights.includes('release') ? <Copies desk={desk} of="asked" title={say.asked} none={say.noneAsked} /> : null}
      <Copies desk={desk} of="released" title={say.released} none={say.noneReleased} />
    </main>
  )
}

type ListProps = Pick<SectionProps, 'desk'> & {
  readonly of: 'asked' | 'released'
  readonly title: string
  readonly none: string
}

function Copies({ desk, of, title, none }: ListProps) {
  const { say } = useClosedSpeech()
  const { state, again } = useLoaded(desk, () => redactionsIn(of))
  return (
    <section data-test={`redactions-${of}`}>
      <h3>{title}</h3>
      <LoadedCards
        state={state}
        again={again}
        waiting={say.loading}
        none={none}
        card={one => <CopyItem key={one.redactionId} redaction={one} />}
      />
    </section>
  )
}

function CopyItem({ redaction }: { redaction: Redaction }) {
  const { say, time, number } = useClosedSpeech()
  const { callId, release, applied, title, redactionId } = redaction
  return (
    <li class="card" data-test="redaction" data-release={release.state}>
      <div class="row between">
        <strong>{title}</strong>
        <code>{callId}</code>
      </div>
      {release.askedBy && release.askedAt ? (
        <p class="quiet">
          {say.askedBy(release.askedBy.name, time(release.askedAt))}
          {release.reason ? ` · ${release.reason}` : ''}
        </p>
      ) : null}
      {release.state === 'released' && release.answeredBy && release.answeredAt ? (
        <p class="quiet">
          {say.releasedBy(release.answeredBy.name, time(release.answeredAt))}
          {release.answer ? ` · ${release.answer}` : ''}
        </p>
      ) : null}
      {applied ? (
        <dl class="facts">
          <dt>{say.hash}</dt>
          <dd>
            <code>{applied.manifestSha256}</code>
          </dd>
        </dl>
      ) : null}
      {release.state === 'released' && applied ? (
        <CopyFiles redactionId={redactionId} files={applied.files} summary={say.files(number(applied.files.length))} />
      ) : null}
      {release.state === 'asked' ? (
        <div class="row">
          <a class="button" data-test="redaction-open" href={hashOf('records', callId)}>
            {say.openRecord}
          </a>
          {redaction.mayAnswer ? null : <span class="quiet">{say.ownAsk}</span>}
        </div>
      ) : null}
    </li>
  )
}
