import { CopyButton } from '../shared/console/copy-button.tsx'
import type { RetentionProps } from './retention-section.tsx'
import { useRetentionSpeech } from './retention-words.ts'

export function RetentionCertificates({ state }: RetentionProps) {
  const { say, time, number, words } = useRetentionSpeech()
  return (
    <div class="retention-body">
      <section class="card">
        <h2>{say.tabs.certificates}</h2>
        <p class="quiet">{say.certificateNote}</p>
        {state.certificates.length === 0 ? <p class="quiet">{say.certificatesNone}</p> : null}
        {state.certificates.length > 0 ? (
          <table class="retention-table">
            <thead>
              <tr>
                <th>{say.call}</th>
                <th>{say.issued}</th>
                <th>{say.why}</th>
                <th>{say.hash}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {state.certificates.map(one => (
                <tr key={one.file} data-test="certificate">
                  <td>
                    <code>{one.callId}</code>
                    {one.pending > 0 ? <span class="chip amber">{say.pending(number(one.pending))}</span> : null}
                  </td>
                  <td class="figure">{time(one.issuedAt)}</td>
                  <td>{say.because[one.because]}</td>
                  <td>
                    <span class="with-copy">
                      <code>{one.sha256.slice(0, 16)}…</code>
                      <CopyButton text={one.sha256} words={words.common} label={say.copyHash} small />
                    </span>
                  </td>
                  <td>
                    <a
                      class="button"
                      href={`/api/review/retention/certificates/${one.file}`}
                      target="_blank"
                      rel="noreferrer"
                    >
                      {say.view}
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
      </section>
    </div>
  )
}
