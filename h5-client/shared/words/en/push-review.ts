import type { PushReviewWords } from '../zh-CN/push-review.ts'

export const PUSH_REVIEW_EN: PushReviewWords = {
  about: {
    invoice: 'Invoice details',
    wifi: 'Wi-Fi',
    order: 'Order',
    address: 'Address',
    account: 'Account',
    text: 'Text',
    link: 'Web page',
  },
  states: { sent: 'Pushed', loaded: 'On the phone', seen: 'Seen by the caller', copied: 'Copied by the caller' },
  shareShown: 'The screen the agent shared',
  shareKept: 'The agent’s screen was shown; its track agent-screen is kept, without a copy that plays.',
}
