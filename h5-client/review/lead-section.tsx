import { useStore } from '../shared/console/use-store.ts'
import { LeadAssignments } from './lead-assignments.tsx'
import { LeadCalibrations } from './lead-calibrations.tsx'
import { LeadSamples } from './lead-samples.tsx'
import { LeadSheets } from './lead-sheets.tsx'
import { useSpeech } from './review-words.ts'
import { RoomTabs } from './room-tabs.tsx'
import type { SectionProps } from './sections.ts'

const TABS = ['samples', 'assignments', 'sheets', 'calibrations'] as const
const BODIES = {
  samples: LeadSamples,
  assignments: LeadAssignments,
  sheets: LeadSheets,
  calibrations: LeadCalibrations,
}

/** Samples, work, score sheets and calibrations. For the right `lead`. */
export function LeadSection(props: SectionProps) {
  const { words } = useSpeech()
  const say = words.work.lead
  const { rest } = useStore(props.routes.route)
  const tab = TABS.find(one => one === rest[0]) ?? 'samples'
  const Body = BODIES[tab]
  return (
    <main class="room" data-test="lead">
      <RoomTabs section="lead" label={say.tabs} tabs={TABS} current={tab} title={one => say[one]} />
      <Body {...props} />
    </main>
  )
}
