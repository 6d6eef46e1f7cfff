import { useStore } from '../shared/console/use-store.ts'
import { AuditCall } from './audit-call.tsx'
import { AuditChain } from './audit-chain.tsx'
import { AuditLog } from './audit-log.tsx'
import { AuditPeople } from './audit-people.tsx'
import { useSpeech } from './review-words.ts'
import { RoomTabs } from './room-tabs.tsx'
import type { SectionProps } from './sections.ts'

const TABS = ['log', 'people', 'call', 'chain'] as const
const BODIES = { log: AuditLog, people: AuditPeople, call: AuditCall, chain: AuditChain }

/** Reviewers of reviewers: who looked at what, and whether the log of it holds. For the right `audit`. */
export function AuditSection(props: SectionProps) {
  const { words } = useSpeech()
  const say = words.work.audit
  const { rest } = useStore(props.routes.route)
  const tab = TABS.find(one => one === rest[0]) ?? 'log'
  const Body = BODIES[tab]
  return (
    <main class="room" data-test="audit">
      <RoomTabs section="audit" label={say.tabs} tabs={TABS} current={tab} title={one => say[one]} />
      <Body {...props} />
    </main>
  )
}
