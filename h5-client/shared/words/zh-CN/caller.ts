import { TROUBLE_ZH } from './trouble.ts'

/** Every word of the phone page. The English catalogue has exactly these keys. */
export const CALLER_ZH = {
  title: '同屏',
  switchLanguage: 'English',
  trouble: TROUBLE_ZH,

  digitsTitle: '请输入六位数字',
  digitsHint: '电话里的客服会念给您听。',
  digitsLabel: '六位数字',
  digitsSubmit: '继续',
  digitsAgain: '改为输入六位数字',
  digitsWait: (seconds: string) => `请等 ${seconds} 秒后再试。`,

  askTitle: (agent: string) => `${agent} 想看看您的摄像头画面`,
  askTitleNoName: '客服想看看您的摄像头画面',
  askLead: '请保持通话，打开免提，把手机对准要看的地方。',
  factCall: '电话不会断，也不用重新拨',
  factMicrophone: '网页不用麦克风，不出声音',
  factStop: '您可以随时暂停或关闭画面',
  consentsTitle: '您的同意',
  consentCamera: '让客服看到摄像头画面',
  consentCameraNote: '给这通电话的客服看；需要时客服的同事也可能看到。',
  consentRecording: '把画面录下来存档',
  consentRecordingNote: '作为这通电话的服务记录保存。',
  consentRecordingOptional: '可以不同意：画面照样能看，但不会保存。',
  consentNeeded: (consent: string) => `请先打开“${consent}”。不同意也没关系，可以只用电话继续。`,
  start: '打开摄像头',
  starting: '正在打开…',
  allowHint: '请在弹出的窗口里点“允许”。',
  connecting: '正在连接客服…',

  callOn: '通话中',
  cameraOn: '摄像头已开',
  cameraPaused: '画面已暂停',
  cameraStarting: '正在连接',
  recordingOn: '录制中',
  recordingOff: '未录制',
  watching: (agent: string) => `${agent} 在看`,
  watchingNobody: '还没人看',
  watchingPaused: '没有人看到',
  offline: '网络断开，正在重连…',
  interrupted: '摄像头中断了，正在恢复…',
  resumeTap: '点这里恢复画面',

  switchCamera: '翻转',
  torchOn: '开灯',
  torchOff: '关灯',
  pause: '暂停',
  resume: '继续',
  stop: '关闭',
  pausedTitle: '画面已暂停',
  pausedNote: '客服看不到您的画面，电话照常。',
  switchFailed: '没有另一个摄像头',
  torchFailed: '灯打不开',

  snapshotTaken: '客服拍了一张照片',
  pageShown: '客服拍下了这个画面',
  pagePointing: '客服正在标注，请看这里',
  pageMarked: '请看标记的地方',
  pageAlt: '客服拍下的画面',
  toCamera: '看摄像头',
  toPage: '看标注',
  textMarks: (texts: string) => `标注文字：${texts}`,

  retry: '重试',
  reload: '重新打开页面',
  copyLink: '复制链接',
  copied: '已复制',
  copyFailed: '请长按网址复制',
  openInBrowser: '在浏览器里打开',

  resumeTitle: '继续给客服看画面？',
  resumeNote: '电话还在，刚才的连接也还在。',
  resumeStart: '继续',
  stoppedTitle: '摄像头已关闭',
  stoppedNote: '电话还在继续。需要时可以再打开。',
  startAgain: '再次打开摄像头',
  endedTitle: '通话已结束',
  endedNote: '摄像头已关闭。您可以关掉这个页面了。',
  replacedTitle: '已在另一个窗口打开',
  replacedNote: '请在那个窗口继续，这个页面可以关掉。',
  useHere: '在这里继续',

  howToTitle: '怎么做',
  howTo: {
    'wechat-ios': [
      '点右上角 ···，选“在默认浏览器中打开”',
      '在浏览器里再点“打开摄像头”，选“允许”',
      '或：手机“设置 → 微信 → 相机”，打开后回来重试',
    ],
    'wechat-android': [
      '点右上角 ···，选“在浏览器打开”',
      '在浏览器里再点“打开摄像头”，选“允许”',
      '或：手机“设置 → 应用 → 微信 → 权限 → 相机”，选允许',
    ],
    'safari-ios': [
      '点网址栏里的“大小”或页面图标 → 网站设置 → 相机 → 允许',
      '或：手机“设置 → App → Safari → 相机”，选允许',
      '回到这里，点“重试”',
    ],
    'other-ios': ['手机“设置 → App”，找到这个浏览器，打开“相机”', '回到这里，点“重试”'],
    'chrome-android': [
      '点网址左边的图标 → 权限 → 摄像头 → 允许',
      '或：手机“设置 → 应用 → 浏览器 → 权限 → 相机”，选允许',
      '回到这里，点“重试”',
    ],
    'other-android': ['手机“设置 → 应用 → 这个浏览器 → 权限 → 相机”，选允许', '回到这里，点“重试”'],
    other: ['点网址栏里的摄像头或锁形图标', '把摄像头改为“允许”', '回到这里，点“重试”'],
  },
  openHowTo: {
    'wechat-ios': ['点右上角 ···', '选“在默认浏览器中打开”'],
    'wechat-android': ['点右上角 ···', '选“在浏览器打开”'],
    other: ['复制这个链接', '打开手机自带的浏览器（Safari 或 Chrome），粘贴后打开'],
  },
  digitsFallback: '也可以：在浏览器里打开下面的网址，输入客服念的六位数字。',
} as const satisfies Record<string, unknown>

type Widen<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : T extends readonly string[]
      ? readonly string[]
      : { readonly [K in keyof T]: Widen<T[K]> }
export type CallerWords = Widen<typeof CALLER_ZH>
