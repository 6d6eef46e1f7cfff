import t from 'tap'
import type { Card } from '../../signaling/protocol/page.ts'
import { checkedCard } from './push-card.ts'
import { fileTitle } from './push-title.ts'

const text = (...values: string[]): Card => ({
  kind: 'text',
  about: 'wifi',
  title: ' Wi-Fi\u0000 ',
  rows: values.map(value => ({ label: 'Key\u202e', value, copy: true })),
})

t.test('[PUSH2] what is invisible but changes what is read never reaches the phone', async t => {
  t.same(checkedCard(text(' abc\u202e321\u2066 ', 'line 1\r\nline 2\u0007'), []), {
    kind: 'text',
    about: 'wifi',
    title: 'Wi-Fi',
    rows: [
      { label: 'Key', value: 'abc321', copy: true },
      { label: 'Key', value: 'line 1\nline 2', copy: true },
    ],
  })
  t.throws(() => checkedCard(text('\u200e \u202e'), []), { name: 'CardRefused', reason: 'empty', code: 'bad-request' })
})

t.test('[PUSH3] the host of a link is what the server reads, whatever the page says', async t => {
  const card: Card = { kind: 'link', title: 'Pay', url: 'https://pay.example.com:443/a', host: 'bank.test' }
  t.same(checkedCard(card, ['example.com']), {
    kind: 'link',
    title: 'Pay',
    url: 'https://pay.example.com/a',
    host: 'pay.example.com',
  })
  t.throws(() => checkedCard(card, ['example.org']), {
    name: 'CardRefused',
    reason: 'not-allowed',
    code: 'forbidden',
  })
  t.throws(() => checkedCard({ ...card, url: 'http://example.com/' }, ['example.com']), {
    name: 'CardRefused',
    reason: 'not-https',
  })
})

t.test('[PUSH2] names of files are shown without folders and tricks', async t => {
  t.equal(fileTitle('C:\\Users\\me\\接线图.pdf'), '接线图.pdf')
  t.equal(fileTitle('../../etc/passwd'), 'passwd')
  t.equal(fileTitle('invoice\u202efdp.exe'), 'invoicefdp.exe')
  t.equal(fileTitle('\u{1F600}'.repeat(100)).length, 120, 'whole characters, within the bound')
  t.equal(fileTitle(''), '')
})
