import type { LiveWords } from '../zh-CN/live.ts'

export const LIVE_EN: LiveWords = {
  canvas: 'Live picture; draw on it directly: marks stick to the object',
  lost: count =>
    count === 1
      ? 'The object of 1 mark is not seen now; the mark is hidden'
      : `The objects of ${count} marks are not seen now; the marks are hidden`,
  nothingToHold: 'Too smooth here: a mark would not stick',
  freezeInstead: 'Freeze and draw',
  phoneLost: 'The marked place is out of the picture: move the camera back',
  phoneMarked: 'The agent has marked something in the picture',
}
