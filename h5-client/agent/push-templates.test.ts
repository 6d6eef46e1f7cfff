import t from 'tap'
import { Card } from '../../signaling/protocol/page.ts'
import { PUSH_EN } from '../shared/words/en/push.ts'
import { PUSH_ZH } from '../shared/words/zh-CN/push.ts'
import { CARD_ABOUTS, CARD_FIELDS, cardOf } from './push-templates.ts'

t.test('[PUSH1] each template makes a card that the protocol takes, in the language of the caller', async t => {
  for (const labels of [PUSH_ZH.fields, PUSH_EN.fields]) {
    for (const about of CARD_ABOUTS.filter(one => one !== 'link')) {
      const values = Object.fromEntries(CARD_FIELDS[about].map(field => [field, ` ${field} 1 `]))
      const card = cardOf(about, values, labels)
      t.ok(Card.safeParse(card).success, about)
      if (card?.kind !== 'text') throw new Error('no text card')
      t.notOk(card.rows.some(row => /^\s|\s$/.test(row.value)))
    }
  }
  t.match(cardOf('wifi', { network: 'Home', password: 'a b' }, PUSH_EN.fields), {
    rows: [
      { label: PUSH_EN.fields.network, value: 'Home', copy: true },
      { label: PUSH_EN.fields.password, value: 'a b', copy: true },
    ],
  })
})

t.test('[PUSH1] empty fields leave no row; without the field that matters there is no card', async t => {
  t.match(cardOf('order', { order: '42', tracking: '  ' }, PUSH_ZH.fields), { rows: { length: 1 } })
  for (const about of CARD_ABOUTS) t.equal(cardOf(about, { title: 'x' }, PUSH_ZH.fields), undefined, about)
})
