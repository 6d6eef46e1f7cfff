import { packageSortOf } from '../../signaling/protocol/export-kinds.ts'
import type { PackageData } from '../../signaling/protocol/record-export.ts'
import { useSpeech } from '../review/review-words.ts'
import { clockText } from '../shared/console/durations.ts'
import { Icon } from '../shared/console/icon.tsx'
import { reportWordsIn } from './package-words.ts'

type Props = { readonly data: PackageData; readonly onLanguage: () => void }

/** Which call this is, whether it was intact, and the other files that a person may want. */
export function PackageHead({ data, onLanguage }: Props) {
  const { words, time, language } = useSpeech()
  const { record, verdict } = data
  const say = reportWordsIn(language)
  return (
    <header class="record-head">
      <p class={verdict.intact ? 'verdict-chip intact' : 'verdict-chip broken'} data-test="verdict-chip">
        <Icon name={verdict.intact ? 'check' : 'warn'} />
        {verdict.intact ? words.verdict.intactShort : words.verdict.brokenShort}
      </p>
      <h1>{say.packageTitles[packageSortOf(data.origin)]}</h1>
      <p class="cut">
        <strong>{record.from}</strong> · {record.agent.name} · {time(record.answeredAt)} ·{' '}
        {clockText(record.durationMs)}
      </p>
      <span class="push" />
      <a class="button" href="report.pdf">
        {say.kinds.report} (PDF)
      </a>
      <a class="button" href="journal.html">
        {say.journalTitle}
      </a>
      <button
        type="button"
        class="button plain"
        data-test="language"
        lang={words.common.switchLanguage === 'English' ? 'en' : 'zh-CN'}
        onClick={onLanguage}
      >
        {words.common.switchLanguage}
      </button>
    </header>
  )
}
