/** Marks on the moving picture, at the workbench and on the phone. */
export const LIVE_ZH = {
  canvas: '实时画面，可以直接画：标注会贴在物体上',
  lost: (count: number) => `${count} 处标注暂时看不到对应的物体，先不显示`,
  nothingToHold: '这里太光滑，标注贴不住',
  freezeInstead: '改为定格再画',
  phoneLost: '圈出的地方不在画面里，请把镜头移回去',
  phoneMarked: '坐席在画面上做了标注',
}
export type LiveWords = Readonly<typeof LIVE_ZH>
