import type { CallView } from '../../../../signaling/protocol/call.ts'
import type { Consultation, Transfer } from '../../../../signaling/protocol/voice.ts'
import type { Widen } from '../widen.ts'

/** What the agent does with the voice of a call: hold, keys, transfer, consultation. */
export const VOICE_ZH = {
  buttons: '通话控制',
  mute: '静音',
  unmute: '开麦',
  hold: '保持',
  retrieve: '恢复',
  retrieving: '恢复中…',
  keypad: '键盘',
  transfer: '转接',
  hangUp: '挂断',
  hangingUp: '挂断中…',

  muted: '您已静音，对方听不到您',
  state: {
    asked: '正在保持…对方已听到音乐',
    held: '已保持：对方在听音乐',
    unsignalled: '已保持：对方在听音乐，线路未确认',
    retrieving: '正在恢复通话，等对方线路确认…',
  },
  /** Said once to a screen reader. */
  back: '通话已恢复',

  shareHeld: '通话保持中，屏幕暂停发送，恢复后自动继续',
  pictureHeld: '通话保持中，画面已暂停，恢复后自动继续',

  keys: {
    title: '拨号键盘',
    note: '也可以直接按电脑键盘',
    pressed: '刚按下',
    key: (key: string) => `按键 ${key}`,
    onHold: '先恢复通话，才能发送按键',
    toConsulted: (to: string) => `发给 ${to}，不记录`,
  },

  transferTo: {
    title: '转接到',
    field: '号码或 SIP 地址',
    placeholder: '例如 8002 或 010-6552 9988',
    now: '直接转接',
    nowNote: '对方听音乐，接通后您这边结束通话。',
    consult: '先咨询',
    consultNote: '先和对方说话，来电人听音乐；咨询不录音。',
    noTrunk: '没有配置外呼线路，不能先咨询。',
    underWay: '正在转接，请稍候',
  },
  transferring: {
    asked: (to: string) => `正在请求转接到 ${to}…来电人听音乐`,
    trying: (to: string) => `正在呼叫 ${to}…来电人听音乐`,
    ringing: (to: string) => `${to} 正在响铃…来电人听音乐`,
  } satisfies Record<Exclude<Transfer['state'], 'failed'>, (to: string) => string>,
  /** The line cannot do it, or is not asked: this server connects the two. */
  bridging: {
    blind: (to: string) => `由本系统呼叫 ${to}…来电人听音乐`,
    attended: (to: string) => `由本系统接通来电人和 ${to}…`,
  } satisfies Record<Transfer['kind'], (to: string) => string>,
  connecting: (to: string) => `正在接通来电人和 ${to}…等对方线路确认`,
  transferFailed: (to: string, why: string) => `没有转接到 ${to}：${why}`,
  dismiss: '知道了',

  consult: {
    swapToCaller: '回来电人',
    swapToConsulted: '回咨询方',
    cancel: '结束咨询',
    cancelling: '结束中…',
    connect: '接通双方',
    connectTip: '让来电人和咨询方直接通话，您退出',
    state: {
      dialling: (to: string) => `正在呼叫 ${to}…来电人听音乐`,
      ringing: (to: string) => `${to} 正在响铃…来电人听音乐`,
      talking: (to: string) => `正在和 ${to} 通话`,
    } satisfies Record<Consultation['state'], (to: string) => string>,
    speaking: {
      caller: (to: string) => `和来电人通话中。${to} 听音乐`,
      consulted: (to: string) => `和 ${to} 通话中，不录音。来电人听音乐`,
    } satisfies Record<Consultation['speaking'], (to: string) => string>,
    failed: (why: string) => `咨询没有接通：${why}`,
    left: (to: string) => `${to} 已挂机`,
    callerBack: (text: string) => `${text}。来电人已恢复`,
  },

  dial: {
    title: '呼出',
    placeholder: '电话号码',
    call: '呼叫',
    dialling: '正在呼叫…',
    cancel: '取消呼叫',
    shownAs: (number: string) => `呼出，显示号码 ${number}`,
    state: {
      trying: '正在呼叫…',
      ringing: '对方正在响铃…',
      'early-media': '还没有接听，您听到的是网络提示音',
    } satisfies Record<NonNullable<CallView['dialling']>, string>,
    notReached: (why: string) => `没有打通：${why}`,
  },

  failed: {
    dial: '没有呼出',
    hold: '没有保持成功',
    retrieve: '没有恢复成功，对方仍在听音乐',
    mute: '静音没有切换成功',
    key: '按键没有发出去',
    transfer: '没有开始转接',
    consult: '没有开始咨询',
    'speak-to': '没有切换成功',
    connect: '没有接通双方',
    'cancel-consult': '没有结束咨询',
    'speak-by': '通话没有转过去',
  },
  /** In the place of the common reasons, where those would mislead. */
  why: {
    'bad-request': '这不是电话号码或 SIP 地址',
    forbidden: '系统不允许呼叫这个号码',
    conflict: '现在不能这样做，请看通话状态',
    unavailable: '对方线路没有接受，请再试一次',
    'too-many': '外呼太多，请稍候再试',
  },
}
export type VoiceWords = Widen<typeof VOICE_ZH>
