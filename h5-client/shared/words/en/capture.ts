import type { CaptureWords } from '../zh-CN/capture.ts'

export const CAPTURE_EN: CaptureWords = {
  shutter: 'Card shutter',
  shutterTip: 'Press while the customer pays: voice, picture, snapshots, reading, uploads and keys all stop',
  shutterEnd: 'End card shutter',
  shutterEnding: 'Recording comes back…',
  banner: 'Card payment: voice, picture, snapshots and reading are stopped',
  bannerNote: 'You do not see the camera; the call goes on. End it when the payment is done.',
  closes: left => `ends by itself in ${left}`,
  closedBy: {
    agent: 'started by you',
    'caller-keys': 'started by the customer’s keys',
    ivr: 'started by the voice menu',
    api: 'started by the business system',
  },
  stage: 'Card shutter: the picture is neither sent nor recorded',
  recordingPaused: 'Recording is stopped (card payment)',
  onlyVoice: 'Recording the voice only',
  onlyPicture: 'Recording the picture only',
  start: 'Start recording',
  stop: 'Stop recording',
  flags: 'Flags',
  smsAgreed: 'The customer agrees to a text message',
  smsRefused: 'The customer does not: no text, speak the digits',
  smsNeeded: 'Ask on the telephone before a text message is sent',
  failed: {
    'card-shutter': 'The card shutter did not move',
    recording: 'Recording was not switched',
    flag: 'The flag was not saved',
  },
}
