/** Drawing on the phone. */
export const CALLER_DRAW_ZH = {
  draw: '画',
  pen: '画笔',
  arrow: '箭头',
  circle: '圆圈',
  undo: '撤销',
  done: '完成',
  hint: '用手指在图上画，客服马上看到',
  refused: '现在不能在图上画',
}
export type CallerDrawWords = typeof CALLER_DRAW_ZH
