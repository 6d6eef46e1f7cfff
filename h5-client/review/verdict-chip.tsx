import { Icon } from '../shared/console/icon.tsx'
import type { OpenState } from './desk-of-records.ts'
import { useSpeech } from './review-words.ts'

/** The verdict in one word, always in sight; while the first check runs, how far it is. */
export function VerdictChip({ state }: { state: OpenState }) {
  const { words, language } = useSpeech()
  const { verdict, verification } = state.opened
  if (!verdict) {
    const share = verification.bytesTotal > 0 ? verification.bytesChecked / verification.bytesTotal : 0
    const percent = new Intl.NumberFormat(language, { style: 'percent' }).format(share)
    return (
      <p class="verdict-chip checking" data-test="verdict-chip" data-intact="checking">
        {words.work.stillVerifying(percent)}
      </p>
    )
  }
  return (
    <p
      class={verdict.intact ? 'verdict-chip intact' : 'verdict-chip broken'}
      data-test="verdict-chip"
      data-intact={verdict.intact}
    >
      <Icon name={verdict.intact ? 'check' : 'warn'} />
      {verdict.intact ? words.verdict.intactShort : words.verdict.brokenShort}
    </p>
  )
}
