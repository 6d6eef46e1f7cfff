import type { Rung } from '../../../../signaling/protocol/phone.ts'

/** How the picture travels, in the caller's words. */
export type NetworkWords = {
  readonly rung: Readonly<Record<Exclude<Rung, 'live'>, string>>
  readonly sendPhoto: string
  readonly photo: Readonly<Record<'sending' | 'sent' | 'failed', string>>
}

export const NETWORK_ZH: NetworkWords = {
  rung: {
    'slow-scan': '网络较慢：每隔一两秒发一张照片，客服看得到，请拿稳手机',
    photo: '网络很差：请对准后点“发一张照片”',
  },
  sendPhoto: '发一张照片',
  photo: {
    sending: '正在发送照片，请稍等',
    sent: '照片已送到客服',
    failed: '照片没有发出去，请再试一次',
  },
}
