import type { CameraTrouble, JoinRefusal } from '../../../../signaling/protocol/call.ts'

export type TroubleWords = { readonly title: string; readonly next: string }

/** What the caller reads when something does not work. The workbench shows the agent the same sentence to say aloud. */
export const TROUBLE_ZH: Readonly<Record<JoinRefusal | CameraTrouble, TroubleWords>> = {
  unknown: { title: '这个链接打不开', next: '请核对短信里的链接，或请电话里的客服重新发一个。' },
  expired: { title: '链接已过期', next: '请告诉电话里的客服，再发一个新的。' },
  'already-used': { title: '链接已经用过了', next: '一个链接只能用一次。请让电话里的客服再发一个新的。' },
  'other-device': {
    title: '已在另一台设备上打开',
    next: '请回到最先打开的手机或浏览器继续，或请客服再发一个新的。',
  },
  'call-ended': { title: '这通电话已结束', next: '链接只在通话中有效。如果还需要帮助，请重新拨打电话。' },
  'wrong-digits': { title: '数字不对', next: '请核对客服念的六位数字，再输入一次。' },
  locked: { title: '输错次数太多', next: '为了安全，已暂时锁定。请让电话里的客服再发一个新的。' },

  denied: { title: '摄像头没有被允许', next: '请允许使用摄像头，然后点“重试”。' },
  'no-camera': { title: '没有找到摄像头', next: '请换一部有摄像头的手机打开同一个链接。' },
  'in-use': { title: '摄像头正被别的应用占用', next: '请关闭正在使用摄像头的应用，然后点“重试”。' },
  'not-secure': { title: '这个网址不能使用摄像头', next: '请用 https 开头的链接打开，或请客服再发一个新的。' },
  'no-webrtc': { title: '这个应用里不能使用摄像头', next: '请用手机自带的浏览器打开同一个链接。' },
  network: { title: '网络不通', next: '画面送不出去。请连接 Wi-Fi 或换个信号好的地方，然后点“重试”。' },
  other: { title: '摄像头没有打开', next: '请点“重试”。如果还是不行，请告诉电话里的客服。' },
}
