import t from 'tap'
import { DocumentKind } from '../../../signaling/protocol/reading.ts'
import { spoil } from '../../../test/harness/picture-conditions.ts'
import { drawSpecimen } from '../../../test/harness/specimen-documents.ts'
import type { Logger } from '../../logger.ts'
import { TextReader } from '../text-reader.ts'

// The process reads at the lowest priority: on a busy machine that takes its time.
t.setTimeout(110_000)

const logger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

t.test('reading specimens through the process', { timeout: 120_000 }, async t => {
  const reader = await TextReader.create({ logger, timeoutMs: 60_000 })
  t.teardown(() => reader.close())

  for (const kind of DocumentKind.options) {
    await t.test(`[DOC30] ${kind}: checks hold, and nothing wrong is told as checked`, async t => {
      for (const held of kind === 'cn-id-front' ? (['clean', 'skewed 8°'] as const) : (['clean'] as const)) {
        const specimen = await drawSpecimen(kind, 1)
        const read = await reader.readDocument(await spoil(specimen.png, held), kind)
        const names = Object.keys(specimen.truth)
        const right = read.fields.filter(field => specimen.truth[field.name] === field.value).length
        t.ok(right >= names.length * 0.7, `${held}: ${right} of ${names.length} fields`)
        const wrong = read.fields.filter(
          field => field.check === 'passed' && (specimen.truth[field.name] ?? field.value) !== field.value,
        )
        t.same(wrong, [], held)
        // The zone of a passport depends on a font that is not on every machine.
        if (kind !== 'mrz') t.ok(read.checksPassed, `${held}: every check holds`)
      }
    })
  }

  await t.test('[DOC20] a card number does not leave the process whole', async t => {
    const specimen = await drawSpecimen('bank-card', 2)
    const read = await reader.readDocument(await spoil(specimen.png, 'clean'), 'bank-card')
    const number = read.fields.find(field => field.name === 'number')
    t.match(number, { value: specimen.truth.number, check: 'passed' })
    t.match(number?.value, /^\d{6}\*{6,9}\d{4}$/)
    t.ok(read.masked)
    t.notMatch(JSON.stringify(read), /\d{7,}/)
  })

  await t.test('[DOC30] what is no such document gives no fields that hold', async t => {
    const card = await drawSpecimen('bank-card', 3)
    const read = await reader.readDocument(await spoil(card.png, 'clean'), 'mrz')
    t.match(read, { kind: 'mrz', fields: [], checksPassed: false })
  })
})
