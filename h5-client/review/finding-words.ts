import type { ArchiveFinding } from '../../signaling/protocol/archive.ts'
import { assertNever } from '../../signaling/protocol/assert-never.ts'
import { FINDINGS_EN } from '../shared/words/en/findings.ts'
import { FINDINGS_ZH } from '../shared/words/zh-CN/findings.ts'
import type { Speech } from './review-words.ts'

/** One thing that did not add up before the seal, as one sentence in the reader's language. */
export function findingWords(finding: ArchiveFinding, { language, words, number }: Speech): string {
  const say = language === 'en' ? FINDINGS_EN : FINDINGS_ZH
  const seconds = (ms: number) => number(Math.round(ms / 100) / 10)
  const { tracks } = words.common
  switch (finding.kind) {
    case 'packets-not-recorded': {
      const lost = finding.received - finding.recorded
      return say[finding.kind](finding.file, number(lost), number(finding.received))
    }
    case 'packets-unaccounted':
      return say[finding.kind](finding.file, number(finding.forwarded), number(finding.received))
    case 'journal-disagrees':
      return say[finding.kind](finding.file, number(finding.journalled), number(finding.recorded))
    case 'track-after-call':
      return say[finding.kind](finding.file, seconds(finding.byMs))
    case 'track-late':
    case 'track-short':
      return say[finding.kind](tracks[finding.track], seconds(finding.byMs))
    case 'speaker-changed':
      return say[finding.kind](tracks[finding.track], seconds(finding.atMs))
    case 'nothing-recorded':
      return say[finding.kind](tracks[finding.track])
    case 'track-missing':
    case 'file-missing':
    case 'file-differs':
      return say[finding.kind](finding.file)
    default:
      return assertNever(finding)
  }
}
