import { useState } from 'preact/hooks'
import type { AuditPattern } from '../../signaling/protocol/review-access.ts'
import { clockText } from '../shared/console/durations.ts'
import { auditPeople } from './audit-api.ts'
import { Loading } from './loading.tsx'
import { type Speech, useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'
import { useLoaded } from './use-task.ts'

const DAY_MS = 24 * 3_600_000
const SHOWN_DAYS = 30

function patternText(pattern: AuditPattern, { words, number }: Speech): string {
  const say = words.work.audit.patterns
  const count = number(pattern.count)
  switch (pattern.kind) {
    case 'many-in-a-day':
    case 'many-unmasked':
      return say[pattern.kind](count, number(pattern.usual))
    default:
      return say[pattern.kind](count)
  }
}

/** What each reviewer did lately, and what should be asked about. */
export function AuditPeople({ desk }: SectionProps) {
  const speech = useSpeech()
  const { words, number } = speech
  const say = words.work.audit
  const [to] = useState(() => Date.now())
  const iso = (ms: number) => new Date(ms).toISOString()
  const { state, again } = useLoaded(desk, () => auditPeople(iso(to - SHOWN_DAYS * DAY_MS), iso(to)))
  return (
    <Loading state={state} again={again} waiting={say.loading}>
      {people =>
        people.length === 0 ? (
          <p class="list-state quiet">{say.none}</p>
        ) : (
          <table class="table" data-test="audit-people-table">
            <thead>
              <tr>
                <th>{say.who}</th>
                <th>{say.opened}</th>
                <th>{say.records}</th>
                <th>{say.played}</th>
                <th>{say.unmasked}</th>
                <th>{say.downloads}</th>
                <th>{say.exports}</th>
                <th>{say.searches}</th>
                <th>{say.detail}</th>
              </tr>
            </thead>
            <tbody>
              {people.map(one => (
                <tr key={one.user.id}>
                  <td>{one.user.name}</td>
                  <td>{number(one.opened)}</td>
                  <td>{number(one.records)}</td>
                  <td>{clockText(one.playedMs)}</td>
                  <td>{number(one.unmasked)}</td>
                  <td>{number(one.downloads)}</td>
                  <td>{number(one.exports)}</td>
                  <td>{number(one.searches)}</td>
                  <td>
                    {one.patterns.length === 0 ? <span class="quiet">{say.nothing}</span> : null}
                    <ul>
                      {one.patterns.map((pattern, at) => (
                        <li key={at} class="amber">
                          {patternText(pattern, speech)}
                        </li>
                      ))}
                    </ul>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </Loading>
  )
}
