import { placeText } from '../../../h5-client/shared/console/durations.ts'
import { entryTone, entryWords, isDetail, participantNames } from '../../../h5-client/shared/console/entry-words.ts'
import type { SealedManifest } from '../../../signaling/protocol/archive.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import type { ExportSpeech } from './export-speech.ts'
import { htmlText } from './html-text.ts'

const STYLE =
  'body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1d2129}' +
  'table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:3px 10px 3px 0;border-bottom:1px solid #e3e6eb}' +
  'td:first-child,td:nth-child(2){white-space:nowrap;font-variant-numeric:tabular-nums}.danger td{color:#b42318}.warn td{color:#9a6700}' +
  '.detail{color:#6b7280}code{font:12px ui-monospace,monospace;overflow-wrap:anywhere}'

/** The journal as a page without any script: every entry as a sentence, in all the languages given. */
export function journalPage(
  record: SealedManifest,
  entries: readonly JournalEntry[],
  speeches: readonly ExportSpeech[],
): string {
  const [first] = speeches
  if (!first) throw new Error('no language')
  const answeredMs = Date.parse(record.answeredAt)
  const names = speeches.map(({ console: common }) => participantNames(entries, common))
  const both = (text: (speech: ExportSpeech) => string) => htmlText(speeches.map(text).join(' / '))
  const rows = entries.map(entry => {
    const texts = speeches.map(
      ({ console: common }, index) => `<td>${htmlText(entryWords(entry, common, names[index]))}</td>`,
    )
    const tone = isDetail(entry) ? 'detail' : entryTone(entry)
    return `<tr class="${tone}"><td>${placeText(entry.atMs)}</td><td>${first.clock(answeredMs + entry.atMs)}</td>${texts.join('')}</tr>`
  })
  return `<!doctype html>
<html lang="${first.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${both(({ words }) => words.journalTitle)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${both(({ words }) => words.journalTitle)}</h1>
<p><code>${htmlText(record.callId)}</code> · ${htmlText(first.time(answeredMs))} · ${htmlText(record.from)} → ${htmlText(record.to)}</p>
<p>${both(({ words }) => words.journalNote)}</p>
<table>
<thead><tr><th>${both(({ words }) => words.place)}</th><th>${both(({ words }) => words.clock)}</th>${speeches.map(({ words }) => `<th>${htmlText(words.event)}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</body>
</html>
`
}
