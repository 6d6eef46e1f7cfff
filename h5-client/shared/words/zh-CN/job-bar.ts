import type { RecordJob } from '../../../../signaling/protocol/record-job.ts'

/** Words of long work on a record's files. The English catalogue has exactly these keys. */
export const JOB_BAR_ZH = {
  title: '文件制作',
  kinds: { replay: '回放与音视频文件', mp4: 'MP4 影片' } satisfies Record<RecordJob['kind'], string>,
  states: {
    waiting: '排队中',
    running: '正在制作',
    retrying: '失败，稍后自动重试',
    done: '已完成',
    failed: '制作失败',
  } satisfies Record<RecordJob['state'], string>,
  failures: {
    'ffmpeg-failed': '转码程序报错。',
    'disk-full': '服务器磁盘空间不足。',
    failed: '文件无法读取或写入。',
    crashed: '制作进程意外退出。',
    timeout: '耗时过长，已停止。',
  } satisfies Record<NonNullable<RecordJob['failure']>, string>,
  percent: (value: number) => `${value}%`,
  left: (minutes: number) => (minutes < 1 ? '剩余不到 1 分钟' : `剩余约 ${minutes} 分钟`),
  makeMp4: '制作 MP4',
  aboutMp4: 'H.264 影片，供不能播放 WebM 的程序使用。',
  again: '重新制作',
  download: '下载 MP4',
  refused: '现在无法开始，请稍后再试。',
}
export type JobBarWords = typeof JOB_BAR_ZH
