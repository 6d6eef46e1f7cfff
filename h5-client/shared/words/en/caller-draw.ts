import type { CallerDrawWords } from '../zh-CN/caller-draw.ts'

export const CALLER_DRAW_EN: CallerDrawWords = {
  draw: 'Draw',
  pen: 'Pen',
  arrow: 'Arrow',
  circle: 'Circle',
  undo: 'Undo',
  done: 'Done',
  hint: 'Draw with your finger, the agent sees it at once',
  refused: 'You cannot draw here now',
}
