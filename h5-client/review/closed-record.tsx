import type { ComponentChildren } from 'preact'
import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { RecordStanding } from '../../signaling/protocol/retention.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useClosedSpeech } from './closed-words.ts'
import type { RecordState } from './desk-of-records.ts'
import { hashOf } from './hash-route.ts'
import type { SectionProps } from './sections.ts'

type Props = SectionProps & { readonly state: Extract<RecordState, { kind: 'closed' }> }

/** A record that may only be stored, is going, or is gone: what happened, when, and where more can be read. */
export function ClosedRecord({ desk, routes, rights, state }: Props) {
  const { say } = useClosedSpeech()
  const { row, standing } = state
  const back = (
    <button
      type="button"
      class="button"
      data-test="closed-back"
      onClick={() => {
        desk.close()
        routes.go('records')
      }}
    >
      {say.back}
    </button>
  )
  const toRetention = rights.includes('retention') ? (
    <a class="button primary" href={hashOf('retention')} data-test="closed-retention">
      {say.toRetention}
    </a>
  ) : null
  const frame = (title: string, note: string, facts: ComponentChildren, way: ComponentChildren) => (
    <section class="card closed-record" data-test="closed-record" data-kind={standing.kind}>
      <h2 class="closed-title">
        <Icon name="warn" /> {title}
      </h2>
      <p>{note}</p>
      {facts}
      <p class="quiet">
        <code>{row.callId}</code>
      </p>
      <div class="row">
        {way}
        {back}
      </div>
    </section>
  )
  switch (standing.kind) {
    case 'restricted':
      return frame(say.restricted, say.restrictedNote, <Restricted standing={standing} />, toRetention)
    case 'being-destroyed':
      return frame(say.beingDestroyed, say.beingDestroyedNote, null, toRetention)
    case 'destroyed':
      return frame(
        say.destroyed,
        say.destroyedNote,
        <Destroyed standing={standing} />,
        standing.certificate ? (
          <a
            class="button primary"
            data-test="closed-certificate"
            href={`/api/review/retention/certificates/${standing.certificate.file}`}
            target="_blank"
            rel="noreferrer"
          >
            {say.viewCertificate}
          </a>
        ) : null,
      )
    default:
      return assertNever(standing)
  }
}

type Of<Kind> = { readonly standing: Extract<RecordStanding, { kind: Kind }> }

function Restricted({ standing }: Of<'restricted'>) {
  const { say, time } = useClosedSpeech()
  return (
    <dl class="facts">
      <dt>{say.restrictedSince}</dt>
      <dd>{time(standing.since)}</dd>
      {standing.requestId ? (
        <>
          <dt>{say.request}</dt>
          <dd>
            <code>{standing.requestId}</code>
          </dd>
        </>
      ) : null}
      {standing.holds ? <dt>{say.holds}</dt> : null}
      {standing.holds?.length === 0 ? <dd>{say.noHolds}</dd> : null}
      {standing.holds?.map(hold => (
        <dd key={hold.holdId}>
          {hold.caseReference} · {hold.by} · {time(hold.since)}
        </dd>
      ))}
    </dl>
  )
}

function Destroyed({ standing }: Of<'destroyed'>) {
  const { say, time, number } = useClosedSpeech()
  return (
    <>
      <dl class="facts">
        <dt>{say.destroyedAt}</dt>
        <dd>{time(standing.at)}</dd>
        <dt>{say.why}</dt>
        <dd>{say.because[standing.because]}</dd>
        {standing.certificate ? (
          <>
            <dt>{say.certificateHash}</dt>
            <dd>
              <code>{standing.certificate.sha256}</code>
            </dd>
          </>
        ) : null}
      </dl>
      {standing.pending > 0 ? <p class="notice">{say.pending(number(standing.pending))}</p> : null}
      {standing.certificate ? null : <p class="quiet">{say.askRetention}</p>}
    </>
  )
}
