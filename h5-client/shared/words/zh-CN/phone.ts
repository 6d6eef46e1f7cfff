import type { Widen } from '../widen.ts'

/** Words of what a caller may do and is asked while the camera runs: questions, agreements, zoom, large type. */
export const PHONE_ZH = {
  cardTitle: '支付中：已停止录音录像',
  cardNote: '客服也看不到您的画面，电话照常。付完会自动恢复。',
  inUse: '正在使用',
  stopUse: '不要用',
  holdStill: '请拿稳手机，正在看清细节',
  more: '更多',
  close: '完成',
  zoom: (ratio: string) => `放大 ${ratio} 倍`,
  zoomFailed: '不能放大',
  largeType: '大字',
  largeTypeNote: '字和按钮都变大',

  ask: {
    sms: { title: '用短信收辅视链接？', note: '链接只在这通电话里有效。' },
    camera: { title: '让客服看到摄像头画面？', note: '只给这通电话的客服看。' },
    recording: { title: '把画面录下来存档？', note: '作为这通电话的服务记录保存。' },
    analysis: {
      title: '让机器读取画面上的文字和条码？',
      note: '从拍下的照片里读出型号、号码等文字，只用来办这次的事。',
    },
    control: {
      title: '让客服帮您调摄像头？',
      note: '客服可以开关手电筒、放大画面、对焦。除此以外，手机上什么也动不了。',
    },
    document: {
      title: '让客服读取证件上的文字？',
      note: '从拍下的证件照片里读出姓名、号码等文字，只用来核对这次业务。',
    },
    face: {
      title: '让客服核对是不是您本人？',
      note: '把证件上的照片和您现在的样子比较一次，只记下比较的结果，不用于别的事。',
    },
  },
  askNote: '您可以不同意，电话照常。以后也可以收回。',
  agree: '同意',
  notNow: '先不用',

  agreementsTitle: '您同意过的',
  agreement: {
    sms: '用短信收辅视链接',
    camera: '客服看摄像头画面',
    recording: '画面录下来存档',
    analysis: '机器读取画面上的文字',
    control: '客服调摄像头',
    document: '读取证件上的文字',
    face: '核对是不是本人',
  },
  agreed: '已同意',
  refused: '没同意',
  withdraw: '收回',
  withdrawn: '已收回',
  endByStop: '关闭摄像头即停止',

  photos: '发照片或文件',
  choosePhotos: '从手机里选',
  takePhoto: '拍一张照片',
  photosOnlyTitle: '这里打不开摄像头，可以拍照片发给客服',
  photosOnlyNote: '拍好一张就会发出去，客服马上能看到。电话不要挂。',

  takeoverTitle: '请告诉电话里的客服',
  takeoverNote: '“我换了一个浏览器。”客服同意后，这里就可以继续，原来的页面会停止。',
  takeoverWaiting: (seconds: string) => `正在等客服同意，还有 ${seconds} 秒`,
  takeoverStart: '请客服同意',
  takeoverRefused: '客服没有同意',
  takeoverRefusedNote: '请在电话里说明情况，可以再试一次。',
  takeoverLate: '客服没有来得及回答',
  takeoverLateNote: '请在电话里说一声，再试一次。',
  takeoverBusy: '已有一个请求在等客服回答',
  takeoverBusyNote: '请稍等一分钟再试。',
} as const satisfies Record<string, unknown>

export type PhoneWords = Widen<typeof PHONE_ZH>
