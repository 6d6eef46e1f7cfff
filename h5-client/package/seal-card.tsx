import type { PackageData } from '../../signaling/protocol/record-export.ts'
import { useSpeech } from '../review/review-words.ts'
import { problemText } from '../review/verdict-card.tsx'
import { Icon } from '../shared/console/icon.tsx'
import { reportWordsIn } from './package-words.ts'

/** The verdict as it was when this was exported, who signed and stamped, and how to check it again. */
export function SealCard({ data }: { readonly data: PackageData }) {
  const speech = useSpeech()
  const { words, time, number, bytes, language } = speech
  const say = reportWordsIn(language)
  const { verdict, record, stamps } = data
  return (
    <section class={verdict.intact ? 'card verdict intact' : 'card verdict broken'} data-test="verdict">
      <p class="verdict-words">
        <Icon name={verdict.intact ? 'check' : 'warn'} size={22} />
        {verdict.intact ? say.intact : say.broken}
      </p>
      <p class="quiet">
        {say.verdictAtExport} · {words.verdict.checked(number(verdict.filesChecked), bytes(verdict.bytesChecked))}
      </p>
      {verdict.problems.length > 0 ? (
        <ul class="problems">
          {verdict.problems.map(problem => (
            <li key={JSON.stringify(problem)}>{problemText(problem, speech)}</li>
          ))}
        </ul>
      ) : null}
      <dl class="facts">
        <dt>{words.verdict.sealedAt}</dt>
        <dd>{time(record.seal.sealedAt)}</dd>
        <dt>{words.verdict.keyId}</dt>
        <dd>
          <code>{record.seal.keyId}</code>
        </dd>
        {data.manifestSha256 ? (
          <>
            <dt>{say.manifestHash}</dt>
            <dd>
              <code>{data.manifestSha256}</code>
            </dd>
          </>
        ) : null}
        <dt>{say.stamps}</dt>
        {stamps.length === 0 ? <dd>{say.noStamps}</dd> : null}
        {stamps.map(one => (
          <dd key={one.file}>
            {say.stampOf[one.of]}:{' '}
            {one.at ? say.stampGood(time(one.at), one.by ?? '') : say.stampWrong(one.fault ?? '')}
            <br />
            <code>{one.file}</code>
          </dd>
        ))}
      </dl>
      <details>
        <summary>{say.howTo}</summary>
        {say.howToSteps.map(step => (
          <p key={step} class="quiet">
            {step}
          </p>
        ))}
      </details>
    </section>
  )
}
