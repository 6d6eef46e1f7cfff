/** What did not add up before the seal, in words. `what` is a track by name or a file by path. */
export const FINDINGS_ZH = {
  'packets-not-recorded': (what: string, lost: string, of: string) => `${what}：收到 ${of} 包，有 ${lost} 包没有写下`,
  'packets-unaccounted': (what: string, forwarded: string, received: string) =>
    `${what}：媒体端数到 ${forwarded} 包，录制端收到 ${received} 包`,
  'journal-disagrees': (what: string, journalled: string, recorded: string) =>
    `${what}：日志说有 ${journalled} 包，文件里有 ${recorded} 包`,
  'track-missing': (what: string) => `${what}：打开过，但文件不在`,
  'track-after-call': (what: string, seconds: string) => `${what}：通话结束后还有 ${seconds} 秒`,
  'track-late': (what: string, seconds: string) => `${what}：比应录的时刻晚 ${seconds} 秒开始`,
  'track-short': (what: string, seconds: string) => `${what}：比应录的时刻早 ${seconds} 秒结束`,
  'nothing-recorded': (what: string) => `${what}：什么也没有录下`,
  'speaker-changed': (what: string, seconds: string) => `${what}：据录音源告知，从第 ${seconds} 秒起换了人或不止一人`,
  'file-missing': (what: string) => `${what}：存过，但文件不在`,
  'file-differs': (what: string) => `${what}：与当时存下的不同`,
}
export type FindingWords = typeof FINDINGS_ZH
