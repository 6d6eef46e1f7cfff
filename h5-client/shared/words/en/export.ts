import type { ExportWords } from '../zh-CN/export.ts'

export const EXPORT_EN: ExportWords = {
  title: 'Export',
  kind: 'What',
  note: {
    report: 'A PDF report to print, with numbers masked.',
    viewing: 'Media, pictures with a watermark, readable journal and report; numbers masked, no originals.',
    evidence:
      'With the sealed originals and the offline verifier. Another person must first agree to release the whole record.',
  },
  language: 'Language',
  reason: 'Reason',
  reasonNote: 'Your reason, the kind of export and the hash of the file go into the access log.',
  redacted: 'Only what a redaction left',
  whole: 'not redacted',
  start: 'Export',
  needsRelease:
    'Not released yet: ask for the whole record with the button for originals above; export when another person has agreed.',
  states: { waiting: 'waiting', running: 'being made', done: 'done', failed: 'failed' },
  failures: { 'disk-full': 'the disk is full', failed: 'an error', timeout: 'it took too long' },
  download: 'Download',
  print: 'Open the report to print it',
  until: time => `the file stays until ${time}`,
}
