import type { PushPhoneWords } from '../zh-CN/push-phone.ts'

export const PUSH_PHONE_EN: PushPhoneWords = {
  about: {
    invoice: 'Invoice details',
    wifi: 'Wi-Fi',
    order: 'Order',
    address: 'Address',
    account: 'Account',
    text: 'Text',
    link: 'Web page',
  },
  copy: 'Copy',
  copyNamed: label => `Copy ${label}`,
  copied: 'Copied',
  copyAgain: 'Copy again',
  copyByHand: 'Press and hold the text above to copy it',
  leadsTo: 'This opens the website',
  address: 'the address',
  openLink: 'Open the page',
  comeBack: 'Come back to this page afterwards; the phone call goes on.',
  cardShown: 'The agent sent you a card',
  pictureShown: 'The agent sent you a picture',
  shareShown: 'You see the agent’s screen',
  shareWaiting: 'The agent’s screen is on its way…',
  shareAlt: 'The screen the agent shares',
}
