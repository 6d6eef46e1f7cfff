import t from 'tap'
import { idCheckCharacter, idNumberTrouble, luhnHolds, mrzCheckDigit } from './check-digits.ts'

const TODAY = new Date('2026-11-21T00:00:00Z')
/** The number printed in GB 11643 as its example. */
const EXAMPLE = '11010519491231002X'

t.test('[DOC10] identity numbers: the standard’s example holds, and one wrong digit is always noticed', async t => {
  t.equal(idCheckCharacter(EXAMPLE.slice(0, 17)), 'X')
  t.equal(idNumberTrouble(EXAMPLE, TODAY), undefined)
  let unnoticed = 0
  for (let at = 0; at < 17; at += 1) {
    for (const digit of '0123456789') {
      if (digit === EXAMPLE[at]) continue
      const changed = EXAMPLE.slice(0, at) + digit + EXAMPLE.slice(at + 1)
      if (idNumberTrouble(changed, TODAY) === undefined) unnoticed += 1
    }
    const [a = '', b = ''] = EXAMPLE.slice(at, at + 2)
    if (at < 16 && a !== b) {
      const swapped = EXAMPLE.slice(0, at) + b + a + EXAMPLE.slice(at + 2)
      if (idNumberTrouble(swapped, TODAY) === undefined) unnoticed += 1
    }
  }
  t.equal(unnoticed, 0)
})

t.test('[DOC11] identity numbers: province, day and form', async t => {
  const numbered = (first17: string) => first17 + idCheckCharacter(first17)
  t.equal(idNumberTrouble(numbered('11010519490230001'), TODAY), 'date', '30 February')
  t.equal(idNumberTrouble(numbered('11010520270101001'), TODAY), 'date', 'a day to come')
  t.equal(idNumberTrouble(numbered('99010519490130001'), TODAY), 'region')
  t.equal(idNumberTrouble(numbered('11000019490130001'), TODAY), 'region')
  t.equal(idNumberTrouble('1101051949123100', TODAY), 'form')
  t.equal(idNumberTrouble('110105194912310021', TODAY), 'check')
})

t.test('[DOC12] machine readable zones: the examples of Doc 9303 hold', async t => {
  t.equal(mrzCheckDigit('L898902C3'), '6')
  t.equal(mrzCheckDigit('740812'), '2')
  t.equal(mrzCheckDigit('120415'), '9')
  t.equal(mrzCheckDigit('ZE184226B<<<<<'), '1')
  t.equal(mrzCheckDigit('L898902C3674081221204159ZE184226B<<<<<1'), '0')
})

t.test('[DOC13] card numbers: test numbers of the networks hold, one wrong digit never does', async t => {
  for (const good of ['4111111111111111', '5555555555554444', '378282246310005', '6200000000000005']) {
    t.ok(luhnHolds(good), good)
    for (let at = 0; at < good.length; at += 1) {
      const wrong = good.slice(0, at) + ((Number(good[at]) + 1 + (at % 9)) % 10) + good.slice(at + 1)
      if (wrong !== good && luhnHolds(wrong)) t.fail(`${wrong} was not noticed`)
    }
  }
  t.notOk(luhnHolds('4111 1111 1111 1111'), 'digits only')
})
