import t from 'tap'
import { newId } from '../../../signaling/protocol/new-id.ts'
import type { DocumentReading } from '../../../signaling/protocol/reading.ts'
import { maskedPan, networkOf } from './bank-card.ts'
import { keptOf, maskedValue } from './masking.ts'

const reading: DocumentReading = {
  pageId: newId('page'),
  kind: 'cn-id-front',
  fields: [
    { name: 'name', value: '王小明', confidence: 90, check: 'none' },
    { name: 'birth-date', value: '1949-12-31', confidence: 90, check: 'passed' },
    { name: 'address', value: '北京市东城区和平路10号', confidence: 90, check: 'none' },
    { name: 'number', value: '11010519491231002X', confidence: 90, check: 'passed' },
  ],
  checksPassed: true,
  masked: false,
}

t.test('[DOC20] a card number keeps its first six and last four digits', async t => {
  t.equal(maskedPan('6222021234567890123'), '622202*********0123')
  t.equal(maskedPan('4111111111111111'), '411111******1111')
  t.equal(maskedPan('123456'), '******', 'what is no card number is hidden whole')
  t.equal(maskedValue({ name: 'number', value: '411111******1111' }), '411111******1111')
  t.match([networkOf('6222021234567890123'), networkOf('4111111111111111')], ['UnionPay', 'Visa'])
  t.equal(networkOf('9111111111111111'), undefined)
})

t.test('[DOC21] what is kept is the scenario’s policy', async t => {
  t.same(keptOf(reading, 'full'), reading)
  const masked = keptOf(reading, 'masked')
  t.same(
    masked.fields.map(field => field.value),
    ['王**', '1949-**-**', '北京市东城区******', '110*************2X'],
  )
  t.match(masked, { masked: true, checksPassed: true })
  t.notMatch(JSON.stringify(masked), /小明|1231|和平/)
  t.match(keptOf(reading, 'none'), { fields: [], masked: true, checksPassed: true, kind: 'cn-id-front' })
})
