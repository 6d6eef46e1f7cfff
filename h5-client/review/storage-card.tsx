import { useEffect, useState } from 'preact/hooks'
import type { TierOverview, TierRow } from '../../signaling/protocol/tiers.ts'
import { getJson, HttpRefusal, postJson } from '../shared/http.ts'
import type { RecordProps } from './record-props.ts'
import { storageReason } from './storage-reason.ts'
import { useStorageSpeech } from './storage-words.ts'

/** Every byte is read back and hashed before the answer. */
const MOVE_TIMEOUT_MS = 600_000
/** The store is asked whether it is there. */
const OVERVIEW_TIMEOUT_MS = 30_000

/** Where this record lies, and moving it by hand. */
export function StorageCard({ state }: RecordProps) {
  const { say, words, bytes, time } = useStorageSpeech()
  const { callId } = state.opened.record
  const base = `/api/review/tiers/${callId}`
  const [row, setRow] = useState<TierRow>()
  const [refused, setRefused] = useState<HttpRefusal['code']>()
  const [busy, setBusy] = useState(false)
  const [hasStore, setHasStore] = useState(false)
  const load = () => getJson<TierRow>(base).then(setRow, () => {})
  useEffect(() => void load(), [base])
  useEffect(() => {
    void getJson<TierOverview>('/api/review/tiers', OVERVIEW_TIMEOUT_MS).then(
      ({ store }) => setHasStore(store !== undefined),
      () => {},
    )
  }, [])
  const act = async (what: 'move' | 'fetch') => {
    setBusy(true)
    setRefused(undefined)
    try {
      setRow(await postJson<TierRow>(`${base}/${what}`, {}, MOVE_TIMEOUT_MS))
    } catch (error) {
      setRefused(error instanceof HttpRefusal ? error.code : 'internal')
      await load()
    }
    setBusy(false)
  }
  if (!row) return null
  const next = row.tier === 'hot' ? 'move' : 'fetch'
  return (
    <section class="card" data-test="storage-card" data-tier={row.tier}>
      <h2>{say.title}</h2>
      <dl class="facts">
        <dt>{say.where}</dt>
        <dd>
          {say.tiers[row.tier]}
          {row.bytes > 0 ? ` · ${bytes(row.bytes)}` : ''}
        </dd>
        <dt>{say.state}</dt>
        <dd>
          {say.states[row.state]}
          {row.reason ? ` · ${storageReason(say, row.reason)}` : ''}
        </dd>
        {row.lockedUntil ? (
          <>
            <dt>{say.lockedUntil}</dt>
            <dd>{time(row.lockedUntil)}</dd>
          </>
        ) : null}
      </dl>
      {next === 'move' && !hasStore ? (
        <p class="quiet">{say.noStore}</p>
      ) : (
        <div class="row">
          <button
            type="button"
            class="button"
            data-test={`storage-${next}`}
            disabled={busy}
            onClick={() => void act(next)}
          >
            {busy ? say.loading : next === 'move' ? say.moveNow : say.fetchNow}
          </button>
        </div>
      )}
      {refused ? (
        <p class="notice danger" role="alert">
          {say.refused} · {words.common.refusals[refused]}
        </p>
      ) : null}
    </section>
  )
}
