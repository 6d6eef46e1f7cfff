import type { VNode } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { hashOf } from './hash-route.ts'
import { RetentionCertificates } from './retention-certificates.tsx'
import { RetentionDesk, type RetentionState } from './retention-desk.ts'
import { RetentionErasures } from './retention-erasures.tsx'
import { RetentionEvents } from './retention-events.tsx'
import { RetentionHolds } from './retention-holds.tsx'
import { RetentionPlan } from './retention-plan.tsx'
import { useRetentionSpeech } from './retention-words.ts'
import type { SectionProps } from './sections.ts'

export type RetentionProps = { readonly desk: RetentionDesk; readonly state: RetentionState }

const TABS = ['plan', 'holds', 'erasures', 'events', 'certificates'] as const
type Tab = (typeof TABS)[number]
const BODY: Record<Tab, (props: RetentionProps) => VNode | null> = {
  plan: RetentionPlan,
  holds: RetentionHolds,
  erasures: RetentionErasures,
  events: RetentionEvents,
  certificates: RetentionCertificates,
}

/** What is kept, for how long and why; what goes, and the proof that it went. For the right `retention`. */
export function RetentionSection({ routes }: SectionProps) {
  const { say, words } = useRetentionSpeech()
  const desk = useMemo(() => new RetentionDesk(), [])
  useEffect(() => {
    void desk.load()
    return () => desk.close()
  }, [desk])
  const state = useStore(desk.state)
  const route = useStore(routes.route)
  const tab = TABS.find(one => one === route.rest[0]) ?? 'plan'
  const Body = BODY[tab]
  return (
    <main class="retention" data-test="retention">
      <nav class="retention-tabs" aria-label={say.title}>
        {TABS.map(one => (
          <a
            key={one}
            href={hashOf('retention', one)}
            data-test={`retention-${one}`}
            aria-current={one === tab ? 'page' : undefined}
          >
            {say.tabs[one]}
          </a>
        ))}
        <span class="push" />
        <button type="button" class="button" onClick={() => void desk.load()}>
          {say.reload}
        </button>
      </nav>
      {state.failed ? (
        <p class="notice" role="alert">
          {say.failed} · {words.common.refusals[state.failed]}
        </p>
      ) : null}
      {state.refused ? (
        <p class="notice" role="alert" data-test="retention-refused">
          {say.refused} · {words.common.refusals[state.refused]}
        </p>
      ) : null}
      {state.overview ? <Body desk={desk} state={state} /> : state.failed ? null : <p class="quiet">{say.loading}</p>}
    </main>
  )
}
