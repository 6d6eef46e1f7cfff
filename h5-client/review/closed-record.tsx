import { Icon } from '../shared/console/icon.tsx'
import { useClosedSpeech } from './closed-words.ts'
import type { RecordState } from './desk-of-records.ts'
import { hashOf } from './hash-route.ts'
import type { SectionProps } from './sections.ts'

type Props = SectionProps & { readonly state: Extract<RecordState, { kind: 'closed' }> }

/** A record that may only be stored, is going, or is gone: what happened, when, and where more can be read. */
export function ClosedRecord({ desk, routes, rights, state }: Props) {
  const { say, time, number } = useClosedSpeech()
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
  switch (standing.kind) {
    case 'restricted':
      return (
        <section class="card closed-record" data-test="closed-record" data-kind="restricted">
          <h2 class="closed-title">
            <Icon name="warn" /> {say.restricted}
          </h2>
          <p>{say.restrictedNote}</p>
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
          <CallOf callId={row.callId} />
          <div class="row">
            {toRetention}
            {back}
          </div>
        </section>
      )
    case 'being-destroyed':
      return (
        <section class="card closed-record" data-test="closed-record" data-kind="being-destroyed">
          <h2 class="closed-title">
            <Icon name="warn" /> {say.beingDestroyed}
          </h2>
          <p>{say.beingDestroyedNote}</p>
          <CallOf callId={row.callId} />
          <div class="row">
            {toRetention}
            {back}
          </div>
        </section>
      )
    default:
      return (
        <section class="card closed-record" data-test="closed-record" data-kind="destroyed">
          <h2 class="closed-title">
            <Icon name="warn" /> {say.destroyed}
          </h2>
          <p>{say.destroyedNote}</p>
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
          <CallOf callId={row.callId} />
          {standing.certificate ? null : <p class="quiet">{say.askRetention}</p>}
          <div class="row">
            {standing.certificate ? (
              <a
                class="button primary"
                data-test="closed-certificate"
                href={`/api/review/retention/certificates/${standing.certificate.file}`}
                target="_blank"
                rel="noreferrer"
              >
                {say.viewCertificate}
              </a>
            ) : null}
            {back}
          </div>
        </section>
      )
  }
}

function CallOf({ callId }: { callId: string }) {
  return (
    <p class="quiet">
      <code>{callId}</code>
    </p>
  )
}
