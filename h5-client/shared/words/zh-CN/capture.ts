import type { PauseTrigger } from '../../../../signaling/protocol/capture.ts'
import type { Widen } from '../widen.ts'

/** The recorder and the card shutter, in the agent's words. */
export const CAPTURE_ZH = {
  shutter: '支付遮挡',
  shutterTip: '客户付款时按下：录音、录像、拍照、识别、上传和按键全部停止',
  shutterEnd: '结束支付遮挡',
  shutterEnding: '正在恢复录制…',
  banner: '支付中：录音、录像、拍照和识别都已停止',
  bannerNote: '看不到摄像头画面，客户的通话照常。付款完成后请结束。',
  closes: (left: string) => `${left} 后自动恢复`,
  closedBy: {
    agent: '由您开始',
    'caller-keys': '由客户按键开始',
    ivr: '由语音菜单开始',
    api: '由业务系统开始',
  } satisfies Record<PauseTrigger, string>,
  stage: '支付遮挡中，画面不传输，也不录制',
  recordingPaused: '录制已停止（支付中）',
  onlyVoice: '只录声音',
  onlyPicture: '只录画面',
  start: '开始录制',
  stop: '停止录制',
  flags: '标记',
  smsAgreed: '客户同意收短信',
  smsRefused: '客户不同意：不发短信，口述数字',
  smsNeeded: '发短信前，请先在电话里征得同意',
  failed: { 'card-shutter': '支付遮挡没有成功', recording: '录制没有切换成功', flag: '标记没有保存' },
} as const satisfies Record<string, unknown>

export type CaptureWords = Widen<typeof CAPTURE_ZH>
