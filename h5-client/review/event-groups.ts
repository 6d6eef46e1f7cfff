import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'

export const EVENT_GROUPS = ['voice', 'people', 'camera', 'stage', 'drawing', 'reading', 'record'] as const
export type EventGroup = (typeof EVENT_GROUPS)[number]

/** By the first word of an entry's type, so that a type of tomorrow has a place too: with the record itself. */
const BY_WORD: Readonly<Record<string, EventGroup>> = {
  voice: 'voice',
  agent: 'voice',
  call: 'voice',
  participant: 'people',
  guest: 'people',
  invite: 'people',
  consent: 'people',
  scenario: 'people',
  camera: 'camera',
  picture: 'camera',
  scan: 'camera',
  page: 'stage',
  stage: 'stage',
  share: 'stage',
  caller: 'stage',
  still: 'stage',
  upload: 'stage',
  file: 'stage',
  mark: 'drawing',
  marks: 'drawing',
  ink: 'drawing',
  pointer: 'drawing',
  text: 'reading',
  codes: 'reading',
  document: 'reading',
  face: 'reading',
}

/** What an event is about; the timeline and the list are filtered by it. */
export function eventGroup(entry: JournalEntry): EventGroup {
  return BY_WORD[entry.type.split('.')[0] ?? ''] ?? 'record'
}
