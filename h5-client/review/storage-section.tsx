import { useEffect, useState } from 'preact/hooks'
import type { TierOverview } from '../../signaling/protocol/tiers.ts'
import { getJson, HttpRefusal, postJson } from '../shared/http.ts'
import { hashOf } from './hash-route.ts'
import { storageReason } from './storage-reason.ts'
import { useStorageSpeech } from './storage-words.ts'

const BASE = '/api/review/tiers'
/** A run moves records; the answer comes when it has ended. */
const RUN_TIMEOUT_MS = 600_000

/** Where the records lie, what waits to be moved and why. For the right `retention`. */
export function StorageSection() {
  const { say, words, number, bytes, time } = useStorageSpeech()
  const [overview, setOverview] = useState<TierOverview>()
  const [failed, setFailed] = useState<HttpRefusal['code']>()
  const [busy, setBusy] = useState(false)
  const ask = async (question: Promise<TierOverview>) => {
    setBusy(true)
    try {
      setOverview(await question)
      setFailed(undefined)
    } catch (error) {
      setFailed(error instanceof HttpRefusal ? error.code : 'internal')
    }
    setBusy(false)
  }
  const load = () => ask(getJson<TierOverview>(BASE, 30_000))
  useEffect(() => void load(), [])
  return (
    <main class="retention" data-test="storage">
      <div class="retention-act">
        <button type="button" class="button" disabled={busy} onClick={() => void load()}>
          {say.reload}
        </button>
        {overview?.store ? (
          <button
            type="button"
            class="button"
            data-test="storage-run"
            disabled={busy}
            onClick={() => void ask(postJson<TierOverview>(`${BASE}/run`, {}, RUN_TIMEOUT_MS))}
          >
            {say.runNow}
          </button>
        ) : null}
      </div>
      {failed ? (
        <p class="notice danger" role="alert">
          {say.failed} · {words.common.refusals[failed]}
        </p>
      ) : null}
      {overview === undefined ? (
        failed ? null : (
          <p class="quiet">{say.loading}</p>
        )
      ) : (
        <div class="retention-body">
          {overview.alarm ? (
            <p class="notice danger" role="alert" data-test="storage-alarm">
              {say.alarm}
            </p>
          ) : null}
          <StoreCard overview={overview} />
          <section class="card">
            <table class="retention-table">
              <thead>
                <tr>
                  <th>{say.where}</th>
                  <th>{say.state}</th>
                  <th>{say.calls}</th>
                  <th>{say.size}</th>
                </tr>
              </thead>
              <tbody>
                {overview.counts.map(row => (
                  <tr key={`${row.tier} ${row.state}`} data-test="storage-count">
                    <td>{say.tiers[row.tier]}</td>
                    <td>{say.states[row.state]}</td>
                    <td class="figure">{number(row.calls)}</td>
                    <td class="figure">{row.bytes > 0 ? bytes(row.bytes) : '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <p class="quiet">{say.unlisted}</p>
          </section>
          <section class="card">
            <h2>{say.waiting}</h2>
            {overview.waiting.length === 0 ? <p class="quiet">{say.nothingWaits}</p> : null}
            <ul class="retention-list">
              {overview.waiting.map(row => (
                <li key={row.callId} data-test="storage-waiting">
                  <a href={hashOf('records', row.callId)}>
                    <code>{row.callId}</code>
                  </a>
                  <span>
                    {say.states[row.state]} · {storageReason(say, row.reason)}
                  </span>
                  {row.waitingSince ? (
                    <span class="quiet">
                      {say.since} {time(row.waitingSince)}
                    </span>
                  ) : null}
                </li>
              ))}
            </ul>
          </section>
        </div>
      )}
    </main>
  )
}

function StoreCard({ overview }: { overview: TierOverview }) {
  const { say, time, number } = useStorageSpeech()
  const { store, lastRun, locks } = overview
  if (!store) return <p class="notice">{say.noStore}</p>
  const serves = store.state === 'ok'
  return (
    <section class="card">
      <h2>{say.store}</h2>
      <dl class="facts">
        <dt>{say.address}</dt>
        <dd>
          <code>{store.name}</code>
        </dd>
        <dt>{say.state}</dt>
        <dd class={serves ? undefined : 'incomplete'} data-test="storage-state">
          {say.storeStates[store.state.split(' ')[0] ?? ''] ?? store.state}
        </dd>
        {serves ? (
          <>
            <dt>{say.lock}</dt>
            <dd>{!store.objectLock ? say.lockMissing : locks ? say.lockUsed : say.lockUnset}</dd>
          </>
        ) : null}
        <dt>{say.lastRun}</dt>
        <dd>
          {lastRun
            ? `${time(lastRun.at)} · ${say.ended[lastRun.ended]} · ${say.moved(number(lastRun.moved))}`
            : say.never}
        </dd>
      </dl>
    </section>
  )
}
