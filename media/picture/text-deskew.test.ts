import t from 'tap'
import { characterAccuracy } from '../../test/harness/character-accuracy.ts'
import { drawLabel } from '../../test/harness/label-pictures.ts'
import { type PictureCondition, spoil } from '../../test/harness/picture-conditions.ts'
import type { Logger } from '../logger.ts'
import { TextReader } from './text-reader.ts'

// The process reads at the lowest priority: on a busy machine that takes its time.
t.setTimeout(110_000)

const logger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

t.test('reading spoiled pictures through the process', { timeout: 120_000 }, async t => {
  const reader = await TextReader.create({ logger, processes: 2, timeoutMs: 60_000 })
  t.teardown(() => reader.close())
  const label = await drawLabel('rating plate', 2)
  const truth = label.lines.join('\n')
  const read = async (condition: PictureCondition) => reader.read(await spoil(label.png, condition))

  await t.test('[DOC1][DOC2] skewed, sideways and upside down', async t => {
    for (const [condition, least] of [
      ['skewed 8°', 0.85],
      ['skewed 15°', 0.85],
      ['turned 90°', 0.85],
      ['upside down', 0.85],
    ] as const) {
      const found = await read(condition)
      const accuracy = characterAccuracy(truth, found.text)
      t.ok(accuracy >= least, `${condition}: ${accuracy.toFixed(2)}`)
      t.ok(found.deskewedDeg !== undefined && Math.abs(found.deskewedDeg) > 5, 'the angle is told')
    }
  })
  await t.test('[DOC4] dark and unevenly lit', async t => {
    for (const condition of ['dark', 'uneven light'] as const) {
      t.ok(characterAccuracy(truth, (await read(condition)).text) >= 0.8, condition)
    }
  })
  await t.test('[DOC3] boxes stand where the print is in the picture handed in', async t => {
    const upright = await read('clean')
    const turned = await read('upside down')
    const first = upright.lines[0]?.box
    const same = turned.lines[0]?.box
    t.ok(first && same)
    if (first === undefined || same === undefined) return
    // Upside down: the first line stands as far from the bottom right as it stood from the top left.
    t.ok(Math.abs(1 - (same.x + same.width) - first.x) < 0.02, 'x')
    t.ok(Math.abs(1 - (same.y + same.height) - first.y) < 0.03, 'y')
  })
  await t.test('[DOC6] two processes read two pictures at once', async t => {
    const picture = await spoil(label.png, 'clean')
    const both = Promise.all([reader.read(picture), reader.read(picture)])
    t.equal(reader.stats().running, 2)
    const [a, b] = await both
    t.equal(a.text, b.text)
    t.equal(reader.stats().started, 2)
  })
})
