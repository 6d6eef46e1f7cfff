import { Icon } from '../shared/console/icon.tsx'
import { anchorState } from './audit-api.ts'
import { hashOf } from './hash-route.ts'
import { useSpeech } from './review-words.ts'
import type { SectionProps } from './sections.ts'
import { useLoaded } from './use-task.ts'

/** Above every section while something does not fit together: a store that was changed or set back concerns everybody. */
export function AnchorBanner({ desk, rights }: Pick<SectionProps, 'desk' | 'rights'>) {
  const { words, number } = useSpeech()
  const { state } = useLoaded(desk, anchorState)
  if (state.kind !== 'ready') return null
  const open = (state.value.alarms ?? []).filter(one => !one.acknowledged)
  if (open.length === 0) return null
  const kinds = [...new Set(open.map(({ alarm }) => words.work.anchors.kinds[alarm.kind] ?? alarm.kind))]
  return (
    <p class="anchor-banner" role="alert" data-test="anchor-banner">
      <Icon name="warn" />
      <strong>{words.work.anchors.alarms(number(open.length))}</strong>
      <span class="cut">{kinds.join(' · ')}</span>
      {rights.includes('audit') ? <a href={hashOf('audit', 'chain')}>{words.work.audit.chain}</a> : null}
    </p>
  )
}
