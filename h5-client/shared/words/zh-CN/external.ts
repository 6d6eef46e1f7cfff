import type { Widen } from '../widen.ts'

/** A call whose conversation runs in another system. */
export const EXTERNAL_ZH = {
  voiceElsewhere: '通话在另一套系统中进行，这里只有画面',
  voiceRecorded: '通话在另一套系统中进行，双方声音同时录到这里',
  noControls: '接听、保持、转接和挂断请在原来的电话系统里操作',
  callOf: (system: string) => `${system} 的通话`,
  end: '结束画面协助',
  ending: '正在结束…',
  number: '外部通话号',
  system: '外部系统',
  voice: '声音',
  noVoice: '没有声音轨道：通话声音在外部系统中，没有送到这里',
  withVoice: '双方声音由外部系统送来录制（SIPREC）',
}
export type ExternalWords = Widen<typeof EXTERNAL_ZH>
