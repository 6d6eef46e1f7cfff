import type { PackageData } from '../../signaling/protocol/record-export.ts'
import { useSpeech } from '../review/review-words.ts'
import { reportWordsIn } from './package-words.ts'

/** Who took this out of the house and why, what lies beside this page, and who had looked before. */
export function ExportCard({ data }: { readonly data: PackageData }) {
  const { words, time, language } = useSpeech()
  const say = reportWordsIn(language)
  const { origin, record } = data
  const { release } = origin
  return (
    <>
      <section class="card">
        <h2>{words.call}</h2>
        <dl class="facts">
          <dt>{words.callId}</dt>
          <dd>
            <code>{record.callId}</code>
          </dd>
          <dt>{words.caller}</dt>
          <dd data-test="caller-number">{record.from}</dd>
          <dt>{words.called}</dt>
          <dd>{record.to}</dd>
          <dt>{words.ended}</dt>
          <dd>{words.common.ends[record.end.cause]}</dd>
        </dl>
        <h2>
          {say.exported} · {say.kinds[origin.kind]}
        </h2>
        <dl class="facts">
          <dt>{say.exportedBy}</dt>
          <dd>{origin.by.name}</dd>
          <dt>{say.exportedAt}</dt>
          <dd>{time(origin.at)}</dd>
          <dt>{say.reason}</dt>
          <dd>{origin.reason}</dd>
          {release ? (
            <>
              <dt>{say.release}</dt>
              <dd>{say.releaseAsked(release.askedBy, time(release.askedAt), release.reason)}</dd>
              <dd>{say.releaseAgreed(release.agreedBy, time(release.agreedAt), release.answer)}</dd>
            </>
          ) : null}
        </dl>
        <h2>{say.contents}</h2>
        <ul class="people">
          {['journal.json', 'package-manifest.json', ...data.media].map(path => (
            <li key={path}>
              <a href={path}>{path}</a>
              {/\.(ogg|opus|wav)$/.test(path) ? (
                // biome-ignore lint/a11y/useMediaCaption: a recorded call has no captions
                <audio controls preload="none" src={path} />
              ) : null}
            </li>
          ))}
        </ul>
        <p class="quiet">{say.offline}</p>
      </section>
      <section class="card">
        <h2>{words.access}</h2>
        {data.access.length === 0 ? <p class="quiet">{say.noAccess}</p> : null}
        <ul class="people">
          {data.access.map((one, index) => (
            <li key={`${one.at}-${index}`}>
              <span>
                {one.userName} {words.auditActions[one.action as keyof typeof words.auditActions] ?? one.action}
                {one.detail ? ` · ${one.detail}` : ''}
                <br />
                <time class="quiet">{time(one.at)}</time>
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
