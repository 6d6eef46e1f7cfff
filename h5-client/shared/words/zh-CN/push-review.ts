/** Words of pushed cards and the shared screen in the review console. The English catalogue has exactly these keys. */
export const PUSH_REVIEW_ZH = {
  about: {
    invoice: '开票信息',
    wifi: 'Wi-Fi',
    order: '订单',
    address: '地址',
    account: '账户',
    text: '文字',
    link: '网页链接',
  },
  states: { sent: '已推送', loaded: '手机已收到', seen: '来电人已看到', copied: '来电人已复制' },
  shareShown: '坐席共享的屏幕',
  shareKept: '此时显示坐席的屏幕；原始轨道 agent-screen 已保存，没有可播放的副本。',
}
export type PushReviewWords = typeof PUSH_REVIEW_ZH
