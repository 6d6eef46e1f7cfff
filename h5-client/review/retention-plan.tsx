import { useState } from 'preact/hooks'
import type { PlanRow, RetentionOverview, RunRow } from '../../signaling/protocol/retention.ts'
import type { RetentionProps } from './retention-section.tsx'
import { decisionText, periodText, ruleWords, useRetentionSpeech } from './retention-words.ts'

/** The policy in words, and the dry run: what would go, by which rule, and why the rest stays. */
export function RetentionPlan({ desk, state }: RetentionProps) {
  const { say, time, number } = useRetentionSpeech()
  const { overview } = state
  if (!overview) return null
  const { plan, policy } = overview
  return (
    <div class="retention-body">
      {policy ? (
        <p class="quiet" data-test="retention-policy">
          {say.policy(policy.version, policy.timeZone)} ·{' '}
          {overview.nextRunAt ? say.nextRun(time(overview.nextRunAt)) : say.noTimer}
        </p>
      ) : (
        <section class="card" data-test="retention-no-policy">
          <h2>{say.noPolicyTitle}</h2>
          <p>{say.noPolicy}</p>
        </section>
      )}
      <dl class="retention-numbers">
        {(['records', 'due', 'held', 'restricted'] as const).map(name => (
          <div key={name}>
            <dt>{say[name]}</dt>
            <dd data-test={`plan-${name}`}>{number(plan[name])}</dd>
          </div>
        ))}
      </dl>
      {policy ? <Classes overview={overview} /> : null}
      {policy ? (
        <section class="card">
          <h2>{say.dueTitle}</h2>
          {overview.due.length === 0 ? <p class="quiet">{say.dueNone}</p> : <Rows rows={overview.due} />}
          {overview.due.length > 0 ? (
            <p class="retention-act">
              <button
                type="button"
                class="button"
                data-test="retention-run"
                disabled={state.busy}
                onClick={() => void desk.change('runs', {})}
              >
                {say.run}
              </button>
              <span class="quiet">{say.runNote}</span>
            </p>
          ) : null}
        </section>
      ) : null}
      {overview.runs.length > 0 ? (
        <section class="card">
          <h2>{say.runs}</h2>
          <ul class="retention-list">
            {overview.runs.map(run => (
              <Run key={run.runId} run={run} desk={desk} state={state} />
            ))}
          </ul>
        </section>
      ) : null}
      {overview.kept.length > 0 ? (
        <section class="card">
          <h2>{say.keptTitle}</h2>
          <Rows rows={overview.kept} />
        </section>
      ) : null}
    </div>
  )
}

function Classes({ overview }: { overview: RetentionOverview }) {
  const { say, language, number } = useRetentionSpeech()
  return (
    <section class="card">
      <h2>{say.classes}</h2>
      <table class="retention-table">
        <thead>
          <tr>
            <th>{say.className}</th>
            <th>{say.rule}</th>
            <th>{say.count}</th>
            <th>{say.due}</th>
          </tr>
        </thead>
        <tbody>
          {overview.classes.map(one => (
            <tr key={one.id} data-test="retention-class">
              <td>
                {one.title[language]} <code>{one.id}</code>
              </td>
              <td>
                {[
                  ruleWords(say, one.keep),
                  ...(one.atLeast ? [say.atLeast(periodText(say, one.atLeast))] : []),
                  ...(one.atMost ? [say.atMost(periodText(say, one.atMost))] : []),
                ].join(say.joiner)}
              </td>
              <td class="figure">{number(one.records)}</td>
              <td class="figure">{number(one.due)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {overview.plan.unlisted.map(one => (
        <p key={one.retentionClass} class="quiet">
          {say.unlisted(one.retentionClass ?? say.noClass, number(one.records))}
        </p>
      ))}
    </section>
  )
}

function Rows({ rows }: { rows: readonly PlanRow[] }) {
  const speech = useRetentionSpeech()
  const { say, time } = speech
  return (
    <table class="retention-table">
      <thead>
        <tr>
          <th>{say.call}</th>
          <th>{say.answered}</th>
          <th>{say.className}</th>
          <th>{say.why}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={row.callId} data-test={`row-${row.decision.kind}`}>
            <td>
              <code>{row.callId}</code>
              {row.restricted ? <span class="chip amber">{say.restricted}</span> : null}
            </td>
            <td class="figure">{time(row.answeredAt)}</td>
            <td>{row.retentionClass ?? say.noClass}</td>
            <td>{decisionText(speech, row.decision)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Run({ run, desk, state }: RetentionProps & { run: RunRow }) {
  const { say, time, number } = useRetentionSpeech()
  const [reason, setReason] = useState('')
  return (
    <li data-test={`run-${run.state}`}>
      <p>
        <b>{say.runState[run.state]}</b> · {say.runKind[run.kind]} · {run.by} · {time(run.plannedAt)} ·{' '}
        {say.runText(number(run.calls), number(run.purged), number(run.failed))}
        {run.confirmedBy ? ` · ${say.confirmRun}: ${run.confirmedBy}` : ''}
      </p>
      {run.state === 'waiting' ? (
        <form
          class="retention-row"
          onSubmit={event => {
            event.preventDefault()
            void desk.change('runs/confirm', { runId: run.runId, reason })
          }}
        >
          <label class="field">
            <span>{say.reason}</span>
            <input
              data-test="confirm-reason"
              required
              minLength={3}
              value={reason}
              onInput={event => setReason(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button" data-test="confirm-run" disabled={state.busy}>
            {say.confirmRun}
          </button>
        </form>
      ) : null}
    </li>
  )
}
