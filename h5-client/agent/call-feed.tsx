import { useMemo } from 'preact/hooks'
import { clockText } from '../shared/console/durations.ts'
import { entryTone, entryWords, isDetail, participantNames } from '../shared/console/entry-words.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'

/** What has happened in this call, the newest on top. */
export function CallFeed({ call }: { call: JoinedCall }) {
  const { desk, words, language } = useBench()
  const { scenarios } = useStore(desk.state)
  const lines = useMemo(() => {
    const names = participantNames(call.entries, words.common)
    const flags = scenarios.flatMap(one => one.flags ?? []).map(flag => [flag.id, flag.title[language]] as const)
    const titles = new Map(flags)
    return call.entries
      .filter(entry => !isDetail(entry))
      .map(entry => ({
        seq: entry.seq,
        at: clockText(entry.atMs),
        text: entryWords(entry, words.common, names, titles),
        tone: entryTone(entry),
      }))
      .reverse()
  }, [call.entries, words, scenarios, language])
  return (
    <article class="card feed" aria-label={words.feed}>
      <h2>{words.feed}</h2>
      {lines.length === 0 ? <p class="quiet">{words.feedEmpty}</p> : null}
      <ol data-test="feed">
        {lines.map(line => (
          <li key={line.seq} class={line.tone}>
            <time>{line.at}</time>
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
    </article>
  )
}
