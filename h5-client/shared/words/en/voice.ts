import type { VoiceWords } from '../zh-CN/voice.ts'

export const VOICE_EN: VoiceWords = {
  buttons: 'Call control',
  mute: 'Mute',
  unmute: 'Unmute',
  hold: 'Hold',
  retrieve: 'Take back',
  retrieving: 'Waiting…',
  keypad: 'Keypad',
  transfer: 'Transfer',
  hangUp: 'Hang up',
  hangingUp: 'Hanging up…',

  muted: 'You are muted: the caller cannot hear you',
  state: {
    asked: 'Putting on hold… the caller hears music already',
    held: 'On hold: the caller hears music',
    unsignalled: 'On hold with music; the line did not confirm it',
    retrieving: 'Taking the call back… waiting for the line',
  },
  back: 'The call is back',

  shareHeld: 'On hold: your screen is not sent and goes on with the call',
  pictureHeld: 'On hold: the picture is paused and comes back with the call',

  keys: {
    title: 'Keypad',
    note: 'Your keyboard works too',
    pressed: 'Just pressed',
    key: key => `Key ${key}`,
    onHold: 'Take the call back before you send keys',
    toConsulted: to => `To ${to}; not recorded`,
  },

  transferTo: {
    title: 'Transfer to',
    field: 'number or SIP address',
    placeholder: 'for example 8002 or 010-6552 9988',
    now: 'Transfer now',
    nowNote: 'The caller hears music; when the other answers, your call ends.',
    consult: 'Consult first',
    consultNote: 'You speak with the other first; the caller hears music. Not recorded.',
    noTrunk: 'There is no line to call out by, so nobody can be consulted.',
    underWay: 'A transfer is under way',
  },
  transferring: {
    asked: to => `Transfer to ${to} asked for… the caller hears music`,
    trying: to => `Calling ${to}… the caller hears music`,
    ringing: to => `${to} is ringing… the caller hears music`,
  },
  bridging: {
    blind: to => `Calling ${to} from here… the caller hears music`,
    attended: to => `Connecting the caller with ${to} here…`,
  },
  connecting: to => `Connecting the caller with ${to}… waiting for the line`,
  transferFailed: (to, why) => `Not transferred to ${to}: ${why}`,
  dismiss: 'OK',

  consult: {
    swapToCaller: 'To caller',
    swapToConsulted: 'To consulted',
    cancel: 'End consult',
    cancelling: 'Ending…',
    connect: 'Connect',
    connectTip: 'The caller and the one consulted speak with each other, and you leave',
    state: {
      dialling: to => `Calling ${to}… the caller hears music`,
      ringing: to => `${to} is ringing… the caller hears music`,
      talking: to => `Speaking with ${to}`,
    },
    speaking: {
      caller: to => `With the caller. ${to} hears music`,
      consulted: to => `With ${to}, not recorded; caller hears music`,
    },
    failed: why => `The consultation did not come about: ${why}`,
    left: to => `${to} has hung up`,
    callerBack: text => `${text}. The caller is back`,
  },

  dial: {
    title: 'Call out',
    placeholder: 'Telephone number',
    call: 'Call',
    dialling: 'Calling…',
    cancel: 'Cancel',
    shownAs: number => `called as ${number}`,
    state: {
      trying: 'Calling…',
      ringing: 'It is ringing there…',
      'early-media': 'Not answered yet: you hear the network',
    },
    notReached: why => `nobody was reached: ${why}`,
  },

  failed: {
    dial: 'The call did not go out',
    hold: 'The caller was not put on hold',
    retrieve: 'The call was not taken back; the caller still hears music',
    mute: 'Mute was not switched',
    key: 'The key was not sent',
    transfer: 'The transfer did not begin',
    consult: 'The consultation did not begin',
    'speak-to': 'The other side was not taken back',
    connect: 'The two were not connected',
    'cancel-consult': 'The consultation was not ended',
    'speak-by': 'The voice was not moved',
  },
  why: {
    'bad-request': 'this is no telephone number and no SIP address',
    forbidden: 'calls to this number are not allowed here',
    conflict: 'that cannot be done now; see the state of the call',
    unavailable: 'the other line did not take it; please try again',
    'too-many': 'too many calls, please wait a moment',
  },
}
