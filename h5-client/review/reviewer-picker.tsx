import type { DeskOfRecords } from './desk-of-records.ts'
import { PeoplePicker } from './people-picker.tsx'
import { facets } from './review-api.ts'
import { useSpeech } from './review-words.ts'
import { useLoaded } from './use-task.ts'

type Props = {
  readonly desk: DeskOfRecords
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}

/** Several colleagues who review. */
export function ReviewerPicker({ desk, chosen, onChange }: Props) {
  const { words } = useSpeech()
  const { state } = useLoaded(desk, facets)
  const people = state.kind === 'ready' ? state.value.reviewers : []
  return <PeoplePicker label={words.work.lead.assignTo} people={people} chosen={chosen} onChange={onChange} />
}
