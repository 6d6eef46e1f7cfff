import t from 'tap'
import { markedText } from './marked-text.ts'

t.test('[RC11] the words searched for are marked in what was found, whatever their case, and nothing else', async t => {
  const marked = (text: string, search: string) =>
    markedText(text, search).map(part => (part.marked ? `<${part.text}>` : part.text))
  t.same(marked('S/N: TP-2026-0815', 'tp-2026'), ['S/N: ', '<TP-2026>', '-0815'])
  t.same(marked('序列号 A1 (B)', '(b) 序列'), ['<序列>', '号 A1 ', '<(B)>'])
  t.same(marked('nothing', '  '), ['nothing'])
  t.same(markedText('', 'x'), [])
})
