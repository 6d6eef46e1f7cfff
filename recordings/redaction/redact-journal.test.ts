import t from 'tap'
import type { PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { RedactionItems } from '../../signaling/protocol/redaction.ts'
import { redactJournal } from './redact-journal.ts'

const [page, other] = [newId('page'), newId('page')]
const part = newId('part')
const box = (y: number) => ({ x: 0.1, y, width: 0.8, height: 0.05 })
const reading = (pageId: PageId, texts: readonly string[]) => ({
  ...{ pageId, text: texts.join('\n'), confidence: 90 },
  lines: texts.map((text, i) => ({ text, confidence: 90, box: box(0.1 + i * 0.2) })),
  findings: [{ recogniser: 'serial', title: { 'zh-CN': '序列号', en: 'serial' }, value: 'SN-4O71', box: box(0.5) }],
})
const lines = ['姓名 王小明', '公民身份号码 110101 19900307 7758', 'S/N SN-4071']
const events = [
  {
    ...{ type: 'call.answered', callId: newId('call'), wallClock: '2026-01-02T03:04:05.000Z', voiceCodec: 'PCMU' },
    ...{ from: '+8613800001234', to: '4008005678', agent: { id: newId('user'), name: 'Lin' } },
  },
  { type: 'text.recognised', by: part, result: reading(page, lines) },
  { type: 'text.corrected', by: part, reading: 1, text: '公民身份号码 1101011990O3077758 die Karte' },
  { type: 'text.recognised', by: part, result: reading(other, ['１１０１０１１９９００３０７７７５８', '其他']) },
  {
    ...{ type: 'page.added' },
    page: {
      ...{ id: newId('page'), by: part, kind: 'card' },
      card: {
        kind: 'text',
        about: 'text',
        title: 'call 138-0000-1234',
        rows: [{ label: 'ID', value: '110101199003077758', copy: true }],
      },
    },
  },
  {
    type: 'document.read',
    by: part,
    result: {
      pageId: page,
      kind: 'cn-id-front',
      fields: [{ name: 'sex', value: '男', confidence: 90, check: 'none' }],
      checksPassed: true,
      masked: false,
    },
  },
  { type: 'call.ended', end: { cause: 'caller-hung-up' } },
]
const entries = events.map((event, seq) => ({
  seq,
  atMs: seq * 100,
  prev: 'ab'.repeat(32),
  ...event,
})) as unknown as JournalEntry[]
const why = { itemId: 'a', reason: 'third person' }

t.test('[RX4] a chosen text is masked wherever it stands and however it is written', async t => {
  const from = (lines[1] ?? '').indexOf('110101')
  const plan: RedactionItems = [
    { ...why, kind: 'text', seq: 1, path: 'result.lines.1.text', ranges: [[from, (lines[1] ?? '').length]] },
  ]
  const { entries: redacted, masked } = redactJournal(entries, plan)
  const text = JSON.stringify(redacted).normalize('NFKC').replace(/[\s-]/g, '')
  for (const secret of ['110101', '19900307', '7758', '1990O307', '13800001234', '4008005678', 'abab'])
    t.notOk(text.includes(secret), secret)
  for (const kept of ['王小明', 'SN4071', '其他', '公民身份号码', '▇▇34']) t.ok(text.includes(kept), kept)
  t.ok(masked >= 6)
  t.equal(redacted.length, entries.length)
  t.throws(() =>
    redactJournal(entries, [{ ...why, kind: 'text', seq: 1, path: 'result.lines.9.text', ranges: [[0, 2]] }]),
  )
})

t.test('[RX4] what was read under a covered region goes with it, and only that', async t => {
  const plan: RedactionItems = [{ ...why, kind: 'picture-region', pageId: page, boxes: [box(0.48)] }]
  const text = JSON.stringify(redactJournal(entries, plan).entries).replace(/[\s-]/g, '')
  t.notOk(
    text.includes('SN4071') || text.includes('SN4O71'),
    'the line and the finding of a recogniser that read it otherwise',
  )
  t.notOk(text.includes('男'), 'nothing of a document that was read there stays')
  t.notOk(text.includes('dieKarte'), 'the correction of that reading goes whole')
  t.ok(text.includes('王小明') && text.includes('110101'), 'lines beside it stay')
})
