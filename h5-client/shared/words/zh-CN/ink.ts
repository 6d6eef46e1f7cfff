/** Drawing at the workbench: the tool bar and what lies on the picture. */
export const INK_ZH = {
  tools: '绘图工具',
  draw: '画',
  stamps: '图章',
  colours: '颜色',
  edit: '修改',
  tool: {
    pen: '画笔',
    highlighter: '荧光笔',
    line: '直线',
    arrow: '箭头',
    number: '编号箭头',
    shape: '随手画成形',
    circle: '圆圈',
    box: '方框',
    text: '文字',
    eraser: '橡皮',
    pointer: '激光笔',
    'stamp-warning': '注意',
    'stamp-tick': '对',
    'stamp-cross': '错',
    'stamp-turn-left': '左转',
    'stamp-turn-right': '右转',
    'stamp-press': '按这里',
  },
  /** What is not told by the word alone. */
  how: {
    shape: '粗略画个圈、框或线，松手变整齐；按住 Shift 松手则保持原样',
    number: '自动编号 1、2、3，可以对来电方说“三号”',
    text: '点一下写字；点自己写的字可以改',
    eraser: '碰到的标记整个擦掉',
    pointer: '不留痕迹，对方看到移动的光点',
  } as Readonly<Record<string, string>>,
  undo: '撤销',
  redo: '重做',
  clear: '全部清除',
  /** Said of the pointer that shows on the picture. */
  canvas: '画面与标记',
}
export type InkWords = typeof INK_ZH
