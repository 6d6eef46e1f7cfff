import type { Widen } from '../widen.ts'

/** Words of sending photos and files: what happens with each, and why one was not taken. */
export const UPLOAD_ZH = {
  title: '正在发给客服',
  titleDone: '已经发给客服',
  waiting: '排队中',
  sending: (percent: string) => `已发 ${percent}%`,
  paused: '网络断了，连上后接着发',
  checking: '客服那边正在收',
  done: '客服已收到',
  cancelled: '没有发',
  cancel: '取消',
  again: '重发',
  close: '完成',
  hide: '收起',
  reason: {
    'too-large': '文件太大，最多 25 MB。请换一张小一点的。',
    'too-many-pixels': '照片太大。请先截个屏，再发截图。',
    'unknown-type': '这种文件发不了。请发照片、图片或 PDF。',
    'not-a-picture': '这不是照片，打不开。请换一张。',
    undecodable: '这张照片读不出来。请截个屏再发，或在相机设置里选“兼容性最佳”。',
    empty: '文件是空的。请换一个。',
    'too-many-files': '这通电话里发得太多了。',
    'too-many-bytes': '这通电话里发得太多了。',
    'too-many-open': '请等前面的发完再发。',
    'no-upload': '现在不能发文件。',
    paused: '正在支付，暂不收文件。付完后请再发一次。',
    'call-ended': '通话已经结束。',
    unreadable: '手机没有交出这个文件。请重新选一次。',
    other: '没有发成功。请再试一次。',
  },
} as const satisfies Record<string, unknown>

export type UploadWords = Widen<typeof UPLOAD_ZH>
