import type { FindingWords } from '../zh-CN/findings.ts'

export const FINDINGS_EN: FindingWords = {
  'packets-not-recorded': (what, lost, of) => `${what}: ${lost} of ${of} packets were not written`,
  'packets-unaccounted': (what, forwarded, received) =>
    `${what}: the media side counted ${forwarded} packets, the recorder received ${received}`,
  'journal-disagrees': (what, journalled, recorded) =>
    `${what}: the journal says ${journalled} packets, the file holds ${recorded}`,
  'track-missing': what => `${what}: was opened, its file is not there`,
  'track-after-call': (what, seconds) => `${what}: goes on for ${seconds} s after the call`,
  'track-late': (what, seconds) => `${what}: begins ${seconds} s later than it was to be recorded`,
  'track-short': (what, seconds) => `${what}: ends ${seconds} s earlier than it was to be recorded`,
  'nothing-recorded': what => `${what}: nothing was recorded`,
  'speaker-changed': (what, seconds) =>
    `${what}: by the recording client’s word somebody else is heard in it from ${seconds} s on`,
  'file-missing': what => `${what}: was kept, its file is not there`,
  'file-differs': what => `${what}: differs from what was kept`,
}
