import type { AgentVoiceView, SpeaksBy } from '../../../../signaling/protocol/desk-phone.ts'
import type { Widen } from '../widen.ts'

/** A call taken on the agent's own telephone. */
export const DESK_PHONE_ZH = {
  title: '用什么接听',
  by: { browser: '本浏览器', phone: '我的座机' } satisfies Record<SpeaksBy, string>,
  address: (address: string) => `座机：${address}`,
  answerOn: { browser: '用浏览器接听', phone: '用座机接听' } satisfies Record<SpeaksBy, string>,
  answerHere: '浏览器接听',
  take: '转到本浏览器',
  toPhone: '转到我的座机',
  /** The call waits for the phone. */
  answering: {
    called: '正在呼叫您的座机…来电人听到响铃',
    ringing: '您的座机在响，请拿起听筒',
  },
  /** The call goes on in the browser meanwhile. */
  moving: {
    called: '正在呼叫您的座机…现在仍在这里通话',
    ringing: '您的座机在响…接起之前仍在这里通话',
  },
  talking: '正在用座机通话',
  leaving: '正在转到本浏览器…现在仍在座机上通话',
  lost: '座机断开了，来电人听到提示音。请转到本浏览器',
  silent: '座机没有声音，来电人听到提示音',
  failed: (why: string) => `您的座机没有接通：${why}`,
  ringsOn: '来电还在响，可以改用浏览器接听',
} satisfies {
  answering: Record<Waiting, string>
  moving: Record<Waiting, string>
} & Record<string, unknown>
type Waiting = Extract<AgentVoiceView['phone'], 'called' | 'ringing'>
export type DeskPhoneWords = Widen<typeof DESK_PHONE_ZH>
