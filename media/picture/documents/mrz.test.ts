import t from 'tap'
import { numberAtEnd } from './id-number.ts'
import { asDigits, resolved } from './look-alikes.ts'
import { mrzOf } from './mrz.ts'

/** Specimens printed in ICAO Doc 9303 parts 4, 6 and 5. */
const TD3 = ['P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', 'L898902C36UTO7408122F1204159ZE184226B<<<<<10']
const TD2 = ['I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<', 'D231458907UTO7408122F1204159<<<<<<<6']
const TD1 = ['I<UTOD231458907<<<<<<<<<<<<<<<', '7408122F1204159UTO<<<<<<<<<<<6', 'ERIKSSON<<ANNA<MARIA<<<<<<<<<<']
const TODAY = new Date('2026-11-21T00:00:00Z')

const read = (lines: readonly string[]) => {
  const mrz = mrzOf(lines, TODAY)
  const of = (name: string) => mrz?.fields.find(field => field.name === name)
  return { format: mrz?.format, of, failed: mrz?.fields.filter(field => field.check === 'failed').map(one => one.name) }
}

t.test('[DOC15] the three forms are read', async t => {
  for (const [format, lines, number] of [
    ['TD3', TD3, 'L898902C3'],
    ['TD2', TD2, 'D23145890'],
    ['TD1', TD1, 'D23145890'],
  ] as const) {
    const { of, failed, ...rest } = read(lines)
    t.equal(rest.format, format)
    t.same(failed, [], `${format}: every check holds`)
    t.match(of('number'), { value: number, check: 'passed' })
    t.match(of('birth-date'), { value: '1974-08-12', check: 'passed' })
    t.match(of('valid-until'), { value: '2012-04-15', check: 'passed' })
    t.match([of('surname'), of('given-names')], [{ value: 'ERIKSSON' }, { value: 'ANNA MARIA' }])
    t.match([of('sex'), of('nationality')], [{ value: 'F' }, { value: 'UTO' }])
  }
})

t.test('[DOC15] lines above the zone, lost and added fillers, and fillers read as letters do no harm', async t => {
  const [top = '', bottom = ''] = TD3
  const { of, failed } = read(['PASSPORT', `${top.slice(0, 40)}KK`, bottom.replace('<<<<<', '<<<<')])
  t.same(failed, [])
  t.match([of('surname'), of('given-names')], [{ value: 'ERIKSSON' }, { value: 'ANNA MARIA' }])
  t.equal(mrzOf(['NOTHING', 'OF THE KIND']), undefined)
})

t.test('[DOC14] look-alikes are resolved by the check digit, or told as failed', async t => {
  const [top = '', bottom = ''] = TD3
  const confused = bottom.replace('L898902C3', 'L8989O2C3').replace('740812', '74O8I2')
  const { of, failed } = read([top, confused])
  t.same(failed, [])
  t.match(of('number'), { value: 'L898902C3', check: 'passed' })
  // 9 read as 4 is no look-alike: nothing is exchanged.
  const wrong = read([top, bottom.replace('L898902C3', 'L848902C3')])
  t.match(wrong.of('number'), { value: 'L848902C3', check: 'failed' })
  t.equal(
    resolved('O0', text => text === '00' || text === 'OO'),
    undefined,
    'two equally near readings: none is taken',
  )
  t.equal(asDigits('l1O7O9'), '110709')
})

t.test('[DOC14] an identity number is taken from the end of its line; a digit is never exchanged', async t => {
  t.equal(numberAtEnd('公民身份号码 11O105 19491231 002x'), '11010519491231002X')
  t.equal(numberAtEnd('0411010519491231002X'), '11010519491231002X')
  t.equal(numberAtEnd('1101051949'), undefined)
})
