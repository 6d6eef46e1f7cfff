import { CopyButton } from '../shared/console/copy-button.tsx'
import { placeText } from '../shared/console/durations.ts'
import type { ReplayProps } from './record-props.ts'
import { useSpeech } from './review-words.ts'

/** Who was there, and what the caller agreed to, in which words. */
export function PeopleCard({ state, index }: ReplayProps) {
  const { record } = state.opened
  const { words } = useSpeech()
  const consents = index.entries.filter(entry => entry.type === 'consent.given')
  return (
    <section class="card">
      <h2>{words.participants}</h2>
      <ul class="people">
        {record.participants.map(one => (
          <li key={one.id} class="with-copy">
            <span>
              {words.common.roles[one.role]}
              {one.displayName ? ` · ${one.displayName}` : ''}
              <br />
              <code>{one.id}</code>
            </span>
            <CopyButton text={one.id} words={words.common} label={words.copyId} small />
          </li>
        ))}
      </ul>
      <h2>{words.consents}</h2>
      {consents.length === 0 ? <p class="quiet">{words.noConsents}</p> : null}
      <ul class="people">
        {consents.map(({ seq, atMs, consent }) => (
          <li key={seq}>
            <span>
              <time>{placeText(atMs)}</time> {words.common.consents[consent.kind]}
              {' · '}
              <strong>{consent.given ? words.given : words.refused}</strong>
              <br />
              <span class="quiet">{words.consentText(consent.textVersion, consent.language)}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
