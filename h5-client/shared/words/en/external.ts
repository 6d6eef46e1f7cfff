import type { ExternalWords } from '../zh-CN/external.ts'

export const EXTERNAL_EN: ExternalWords = {
  voiceElsewhere: 'The conversation runs in another system; only the picture is here',
  voiceRecorded: 'The conversation runs in another system; both voices are recorded here too',
  noControls: 'Answer, hold, transfer and hang up in the telephone system you speak with',
  callOf: system => `Call of ${system}`,
  end: 'End the session',
  ending: 'Ending…',
  number: 'Outside call id',
  system: 'Outside system',
  voice: 'Voice',
  noVoice: 'No voice tracks: the voice is in the outside system and was not sent here',
  withVoice: 'Both voices were sent here for recording by the outside system (SIPREC)',
}
