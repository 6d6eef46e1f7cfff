import type { CameraTrouble, JoinRefusal } from '../../../../signaling/protocol/call.ts'
import type { TroubleWords } from '../zh-CN/trouble.ts'

export const TROUBLE_EN: Readonly<Record<JoinRefusal | CameraTrouble, TroubleWords>> = {
  unknown: {
    title: 'This link does not work',
    next: 'Check the link in your message, or ask the agent on the phone to send a new one.',
  },
  expired: { title: 'This link has expired', next: 'Ask the agent on the phone to send a new one.' },
  'already-used': {
    title: 'This link was already used',
    next: 'A link works only once. Ask the agent on the phone to send a new one.',
  },
  'other-device': {
    title: 'Open on another device',
    next: 'Go back to the phone or browser you opened first, or ask the agent to send a new link.',
  },
  'call-ended': {
    title: 'The call has ended',
    next: 'The link works only during the call. If you still need help, please call again.',
  },
  'wrong-digits': {
    title: 'Those digits are not right',
    next: 'Check the six digits with the agent and type them again.',
  },
  locked: {
    title: 'Too many wrong tries',
    next: 'Locked for your safety. Ask the agent on the phone to send a new one.',
  },

  denied: { title: 'The camera was not allowed', next: 'Please allow the camera, then tap “Try again”.' },
  'no-camera': { title: 'No camera was found', next: 'Please open the same link on a phone with a camera.' },
  'in-use': {
    title: 'Another app is using the camera',
    next: 'Close the app that is using the camera, then tap “Try again”.',
  },
  'not-secure': {
    title: 'This address cannot use the camera',
    next: 'Open the link that begins with https, or ask the agent to send a new one.',
  },
  'no-webrtc': {
    title: 'The camera does not work inside this app',
    next: 'Open the same link in your phone’s own browser.',
  },
  network: {
    title: 'No connection for the picture',
    next: 'Use Wi-Fi or move to better signal, then tap “Try again”.',
  },
  other: {
    title: 'The camera did not start',
    next: 'Tap “Try again”. If it still fails, tell the agent on the phone.',
  },
}
