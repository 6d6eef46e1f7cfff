import type { InviteState } from '../../../../signaling/protocol/call.ts'
import type { SAY_UNSENT_ZH } from '../zh-CN/say-next.ts'

export const SAY_NEXT_EN: Readonly<Record<InviteState, string>> = {
  sent: 'I have sent you a link. Please turn the loudspeaker on, stay on the call and open the link on your phone.',
  'delivery-failed':
    'The message did not go out. Please open the address I give you in your phone’s browser and type the six digits.',
  opened: 'You have the page open. Please read what it says, press the large button “Start camera” and choose “Allow”.',
  consented: 'Almost there, the camera is starting. If your phone asks, please choose “Allow”.',
  'camera-live': 'I can see your picture. Please point the phone at the place and hold it steady.',
  failed: 'No problem, we are still on the phone. Please do what your phone says and try once more.',
  expired: 'That link has expired. I am sending you a new one.',
}

export const SAY_UNSENT_EN: typeof SAY_UNSENT_ZH = {
  sent: 'Please turn the loudspeaker on, stay on the call, open the address I give you in your phone’s browser and type the six digits.',
  expired: 'Those digits have expired. I am giving you new ones.',
}
