import type { PhoneWords } from '../zh-CN/phone.ts'

export const PHONE_EN: PhoneWords = {
  cardTitle: 'Card payment: nothing is recorded',
  cardNote: 'The agent does not see your picture either; your call goes on. It comes back when you have paid.',
  inUse: 'In use',
  stopUse: 'Do not use',
  holdStill: 'Hold the phone still, looking at the details',
  more: 'More',
  close: 'Done',
  zoom: ratio => `Zoom ${ratio} times`,
  zoomFailed: 'The camera cannot zoom',
  largeType: 'Large type',
  largeTypeNote: 'Bigger words and buttons',

  ask: {
    sms: { title: 'Get the link by text message?', note: 'The link works during this call only.' },
    camera: { title: 'Let the agent see your camera?', note: 'Only the agent on this call.' },
    recording: { title: 'Keep a recording of the picture?', note: 'It is kept with the record of this call.' },
    analysis: {
      title: 'Let a machine read text and codes in the picture?',
      note: 'Model names, numbers and other text are read from the photos taken, only for this matter.',
    },
    control: {
      title: 'Let the agent adjust your camera?',
      note: 'The agent can switch the light, zoom and focus. Nothing else on your phone.',
    },
    document: {
      title: 'Let the agent read your document?',
      note: 'Name, number and other text are read from the picture of the document, only to check this matter.',
    },
    face: {
      title: 'Let the agent check that it is you?',
      note: 'The photo on the document is compared with your face once. Only the result is noted, for nothing else.',
    },
  },
  askNote: 'You may say no; your call goes on. You can also take it back later.',
  agree: 'Agree',
  notNow: 'Not now',

  agreementsTitle: 'What you agreed to',
  agreement: {
    sms: 'The link by text message',
    camera: 'The agent sees my camera',
    recording: 'The picture is kept',
    analysis: 'A machine reads text in the picture',
    control: 'The agent adjusts my camera',
    document: 'Text is read from my document',
    face: 'Checking that it is me',
  },
  agreed: 'Agreed',
  refused: 'Not agreed',
  withdraw: 'Take back',
  withdrawn: 'Taken back',
  endByStop: 'Stop the camera to end it',

  photos: 'Send photos or files',
  choosePhotos: 'Choose from the phone',
  takePhoto: 'Take a photo',
  photosOnlyTitle: 'The camera cannot run here, but you can send photos',
  photosOnlyNote: 'Each photo goes to the agent as soon as it is taken. Stay on the call.',

  takeoverTitle: 'Tell the agent on the phone',
  takeoverNote: '“I have changed to another browser.” Once the agent agrees you go on here, and the other page stops.',
  takeoverWaiting: seconds => `Waiting for the agent, ${seconds} seconds left`,
  takeoverStart: 'Ask the agent',
  takeoverRefused: 'The agent did not agree',
  takeoverRefusedNote: 'Explain it on the phone, then try once more.',
  takeoverLate: 'The agent did not answer in time',
  takeoverLateNote: 'Say so on the phone, then try once more.',
  takeoverBusy: 'Another request is waiting for the agent',
  takeoverBusyNote: 'Please try again in a minute.',
}
