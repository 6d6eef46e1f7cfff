import { placeText } from '../shared/console/durations.ts'
import { WORKBENCH_EN } from '../shared/words/en/workbench.ts'
import { WORKBENCH_ZH } from '../shared/words/zh-CN/workbench.ts'
import type { PageReadings } from './page-readings.ts'
import type { LineAt } from './picture-desk.tsx'
import { useSpeech } from './review-words.ts'

type Props = {
  readonly shown: PageReadings
  readonly line: LineAt | undefined
  readonly onLine: (line: LineAt) => void
}

/** What was read in a picture: the machine's lines, the agent's correction, findings, codes and document fields. */
export function PictureText({ shown, line, onLine }: Props) {
  const { words, language } = useSpeech()
  const percent = new Intl.NumberFormat(language, { style: 'percent' })
  const say = words.replay
  const { fields } = language === 'zh-CN' ? WORKBENCH_ZH : WORKBENCH_EN
  const { readings, codes, documents } = shown
  if (readings.length + codes.length + documents.length === 0) return <p class="picture-text quiet">{say.noText}</p>
  return (
    <div class="picture-text" data-test="picture-text">
      {readings.map(({ seq, atMs, result, correction }, reading) => (
        <section key={seq}>
          <h3>
            {say.machineText} · {placeText(atMs)} · {words.confidence(percent.format(result.confidence / 100))}
          </h3>
          {result.lines.length === 0 ? (
            <pre>{result.text.trim()}</pre>
          ) : (
            <ol class="text-lines">
              {result.lines.map((one, index) => (
                <li key={index}>
                  <button
                    type="button"
                    data-test="text-line"
                    aria-pressed={line?.reading === reading && line.line === index}
                    onClick={() => onLine({ reading, line: index })}
                  >
                    <span>{one.text}</span>
                    <span class="quiet">{percent.format(one.confidence / 100)}</span>
                  </button>
                </li>
              ))}
            </ol>
          )}
          {correction ? (
            <>
              <h3>
                {say.correctedText} · {placeText(correction.atMs)}
              </h3>
              <pre data-test="corrected-text">{correction.text.trim()}</pre>
            </>
          ) : null}
          {(result.findings ?? []).length > 0 ? (
            <dl class="facts">
              {(result.findings ?? []).map((finding, index) => (
                <div key={index} class="fact">
                  <dt>{finding.title[language]}</dt>
                  <dd>{finding.value}</dd>
                </div>
              ))}
            </dl>
          ) : null}
        </section>
      ))}
      {codes.length > 0 ? (
        <section>
          <h3>{say.codes}</h3>
          <ul class="people">
            {codes.map((code, index) => (
              <li key={index} class="wrap">
                <code>{code.format}</code> {code.text}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {documents.map((document, index) => (
        <section key={index}>
          <h3>{say.documentFields}</h3>
          <dl class="facts">
            {document.fields.map(field => (
              <div key={field.name} class="fact">
                <dt>{fields[field.name]}</dt>
                <dd>{field.value}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  )
}
