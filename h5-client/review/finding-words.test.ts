import t from 'tap'
import type { ArchiveFinding } from '../../signaling/protocol/archive.ts'
import { findingWords } from './finding-words.ts'
import { speechIn } from './review-words.ts'

const FINDINGS: readonly ArchiveFinding[] = [
  { kind: 'packets-not-recorded', file: 'a.rtpj', received: 12, recorded: 9 },
  { kind: 'packets-unaccounted', file: 'a.rtpj', forwarded: 12, received: 9 },
  { kind: 'journal-disagrees', file: 'a.rtpj', journalled: 12, recorded: 9 },
  { kind: 'track-missing', file: 'a.rtpj', track: 'caller-voice' },
  { kind: 'track-after-call', file: 'a.rtpj', byMs: 5_200 },
  { kind: 'track-late', track: 'caller-voice', byMs: 5_200 },
  { kind: 'track-short', track: 'agent-voice', byMs: 5_200 },
  { kind: 'nothing-recorded', track: 'agent-voice' },
  { kind: 'speaker-changed', track: 'caller-voice', atMs: 61_200, times: 1 },
  { kind: 'file-missing', file: 'pages/one.webp' },
  { kind: 'file-differs', file: 'pages/one.webp' },
]

t.test('[RC28] what did not add up is said in the reader’s language, with its figures', async t => {
  const [zh, en] = (['zh-CN', 'en'] as const).map(language =>
    FINDINGS.map(finding => findingWords(finding, speechIn(language))),
  )
  for (const text of zh ?? []) t.match(text, /[一-鿿]/, text)
  for (const text of en ?? []) t.notMatch(text, /[一-鿿]/, text)
  t.match(en?.[0], /3 of 12/)
  t.match(en?.[5], /caller’s voice: begins 5\.2 s later/)
  t.match(zh?.[5], /晚 5\.2 秒/)
})
