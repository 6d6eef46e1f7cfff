import type { DeskPhoneWords } from '../zh-CN/desk-phone.ts'

export const DESK_PHONE_EN: DeskPhoneWords = {
  title: 'Take calls by',
  by: { browser: 'This browser', phone: 'My phone' },
  address: address => `Your phone: ${address}`,
  answerOn: { browser: 'Answer in the browser', phone: 'Answer by phone' },
  answerHere: 'In browser',
  take: 'Take it in this browser',
  toPhone: 'Move it to my phone',
  answering: {
    called: 'Calling your phone… the caller hears ringing',
    ringing: 'Your phone rings: pick it up',
  },
  moving: {
    called: 'Calling your phone… you speak here until then',
    ringing: 'Your phone rings… you speak here until you pick it up',
  },
  talking: 'You speak by your phone',
  leaving: 'Moving to this browser… you still speak by your phone',
  lost: 'Phone lost: the caller hears a tone. Take the call here',
  silent: 'Nothing is heard of your phone: the caller hears a tone',
  failed: why => `Your phone was not reached: ${why}`,
  ringsOn: 'The call rings on; you may answer in the browser',
}
