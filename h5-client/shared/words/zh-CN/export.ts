export const EXPORT_ZH = {
  title: '导出',
  kind: '导出什么',
  note: {
    report: '可打印的 PDF 报告，号码已遮蔽。',
    viewing: '媒体、带水印的图片、可读日志和报告；号码已遮蔽，不含原件。',
    evidence: '含封存的原件和独立核对程序。须先由另一人同意放行整份档案。',
  },
  language: '语言',
  reason: '理由',
  reasonNote: '理由、导出的种类和文件的校验值都会写进查阅记录。',
  redacted: '只导出遮盖后的内容',
  whole: '不遮盖',
  start: '开始导出',
  needsRelease: '还没有放行：请用上方的“申请原件”申请整份档案，另一人同意后再导出。',
  states: { waiting: '排队中', running: '正在制作', done: '已完成', failed: '没有做成' },
  failures: { 'disk-full': '磁盘已满', failed: '出错了', timeout: '用时太久' },
  download: '下载',
  print: '打开报告以打印',
  until: (time: string) => `文件保留到 ${time}`,
}
export type ExportWords = typeof EXPORT_ZH
