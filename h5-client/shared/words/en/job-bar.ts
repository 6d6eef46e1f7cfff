import type { JobBarWords } from '../zh-CN/job-bar.ts'

export const JOB_BAR_EN: JobBarWords = {
  title: 'Files made of this record',
  kinds: { replay: 'Replay, sound and camera files', mp4: 'MP4 film' },
  states: {
    waiting: 'Waiting',
    running: 'Being made',
    retrying: 'Failed; will be tried again',
    done: 'Done',
    failed: 'Could not be made',
  },
  failures: {
    'ffmpeg-failed': 'The converter reported an error.',
    'disk-full': 'The server’s disk is full.',
    failed: 'A file could not be read or written.',
    crashed: 'The process ended unexpectedly.',
    timeout: 'It took too long and was stopped.',
  },
  percent: value => `${value} %`,
  left: minutes => (minutes < 1 ? 'less than a minute left' : `about ${minutes} min left`),
  makeMp4: 'Make an MP4',
  aboutMp4: 'An H.264 film for programs that do not play WebM.',
  again: 'Make anew',
  download: 'Download MP4',
  refused: 'It cannot be started now; try again later.',
}
