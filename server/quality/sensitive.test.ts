import t from 'tap'
import { idCheckCharacter } from '../../media/picture/documents/check-digits.ts'
import { findSensitive, maskSensitive } from './sensitive.ts'

const ID = `11010519491231002${idCheckCharacter('11010519491231002')}`
const kinds = (text: string) => findSensitive(text).map(one => one.kind)

t.test('[QC6] numbers are found however they are grouped or said, by check digit where there is one', async t => {
  t.same(kinds(`身份证 ${ID}`), ['identity-number'])
  t.same(kinds(`card 4111 1111 1111 1111 thanks`), ['bank-card'])
  t.same(kinds('卡号：6222-0212-3456-7890'), [], 'the check digit is wrong')
  t.same(kinds('打 138 0013 8000 给我'), ['phone-number'])
  t.same(kinds('mail a.b@example.com.cn 谢谢'), ['email'])
  t.same(kinds('一三八零零一三八零零零'), ['phone-number'], 'said in Chinese')
  t.same(kinds('幺三八 零零幺三 八零零零'), ['phone-number'])
  t.same(
    kinds('four one double one, one one one one one one one one one one one one'),
    ['bank-card'],
    'said in English',
  )
  t.same(kinds('the order 20240131 has 12 items for 3400'), [])
  t.same(kinds('一个人两点三十分来的'), [])
  for (const { spoken } of findSensitive('一三八零零一三八零零零')) t.equal(spoken, true)
})

t.test('[QC6] places are those in the text as given, and masking keeps its length', async t => {
  const text = `my card, 4111 1111 1111 1111, or a@example.com`
  const [card, mail] = findSensitive(text)
  t.equal(text.slice(card?.from, card?.to), '4111 1111 1111 1111')
  t.equal(text.slice(mail?.from, mail?.to), 'a@example.com')
  const masked = maskSensitive(text)
  t.equal(masked.length, text.length)
  t.notMatch(masked, /4111|example/)
})
