import type { NetworkWords } from '../zh-CN/network.ts'

export const NETWORK_EN: NetworkWords = {
  rung: {
    'slow-scan': 'Slow network: a photo goes to the agent every second or two. Please hold still.',
    photo: 'Very slow network: aim, then tap “Send a photo”.',
  },
  sendPhoto: 'Send a photo',
  photo: {
    sending: 'Sending the photo, one moment',
    sent: 'The agent has the photo',
    failed: 'The photo was not sent, please try again',
  },
}
