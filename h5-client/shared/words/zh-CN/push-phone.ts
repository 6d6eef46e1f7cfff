/** Words of pushed cards and the shared screen on the phone. The English catalogue has exactly these keys. */
export const PUSH_PHONE_ZH = {
  about: {
    invoice: '开票信息',
    wifi: 'Wi-Fi',
    order: '订单',
    address: '地址',
    account: '账户',
    text: '文字',
    link: '网页链接',
  },
  copy: '复制',
  copyNamed: (label: string) => `复制${label}`,
  copied: '已复制',
  copyAgain: '再复制一次',
  copyByHand: '请长按上面的文字复制',
  leadsTo: '将打开的网站',
  address: '网址',
  openLink: '打开网页',
  comeBack: '看完请回到这个页面，电话不会断。',
  cardShown: '客服发来一张卡片',
  pictureShown: '客服发来一张图',
  shareShown: '您正在看客服的屏幕',
  shareWaiting: '客服的屏幕马上就来…',
  shareAlt: '客服共享的屏幕',
}
export type PushPhoneWords = typeof PUSH_PHONE_ZH
