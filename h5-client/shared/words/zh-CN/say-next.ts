import type { InviteState } from '../../../../signaling/protocol/call.ts'

/** What the agent says aloud at each step of an invitation, in the customer's language. */
export const SAY_NEXT_ZH: Readonly<Record<InviteState, string>> = {
  sent: '我给您发了一个链接，请打开免提，不要挂电话，然后在手机上点开它。',
  'delivery-failed': '短信没有发出去。请在手机浏览器里打开我说的网址，再输入六位数字。',
  opened: '您已经打开页面了。请看一下说明，然后点最大的按钮“打开摄像头”，选“允许”。',
  consented: '马上就好，摄像头正在打开。手机如果问是否允许，请选“允许”。',
  'camera-live': '我看到您的画面了。请把手机对准要看的地方，拿稳一点。',
  failed: '没关系，电话还在。请照手机上的提示再试一次。',
  expired: '刚才的链接过期了，我再给您发一个新的。',
}

/** The steps that sound otherwise when no message went out: the caller was told the digits, or got the link from somebody else. */
export const SAY_UNSENT_ZH: Readonly<Pick<typeof SAY_NEXT_ZH, 'sent' | 'expired'>> = {
  sent: '请打开免提，不要挂电话，在手机浏览器里打开我说的网址，再输入六位数字。',
  expired: '刚才的数字过期了，我再告诉您一组新的。',
}
