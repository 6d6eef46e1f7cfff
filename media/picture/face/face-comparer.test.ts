import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import type { Logger } from '../../logger.ts'
import { FACE_THRESHOLD, FaceComparer, faceScore } from './face-comparer.ts'

// The process compares at the lowest priority: on a busy machine that takes its time.
t.setTimeout(150_000)

const logger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
/** Photos of groups that the library's package brings along: the only faces there are without a download. */
const DEMO = join(dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')), 'demo')
const group = (name: string) => readFileSync(join(DEMO, name))
/** One person each of sample6.jpg (1920 wide), by hand: left, top, side. */
const FIRST = [60, 330, 560] as const
const SECOND = [590, 200, 520] as const

const crop = (name: string, [left, top, side]: readonly [number, number, number]) =>
  sharp(group(name)).extract({ left, top, width: side, height: side })

t.test('comparing faces', { timeout: 120_000 }, async t => {
  const comparer = await FaceComparer.create({ logger })
  t.teardown(() => comparer.close())
  t.equal(comparer.stats().started, 0, 'nothing is started before it is needed')

  const portrait = await crop('sample6.jpg', FIRST).jpeg({ quality: 85 }).toBuffer()
  await t.test('[DOC40] the same face, darker, smaller and compressed again, scores above the threshold', async t => {
    const spoiled = await crop('sample6.jpg', FIRST).resize(330).linear(0.6, 0).jpeg({ quality: 45 }).toBuffer()
    const same = await comparer.compare(portrait, spoiled)
    t.equal(same.outcome, 'compared')
    t.ok((same.score ?? 0) > FACE_THRESHOLD, `score ${same.score}`)
  })
  await t.test('[DOC41] another person scores lower than the same', async t => {
    const other = await crop('sample6.jpg', SECOND).jpeg().toBuffer()
    const same = await comparer.compare(portrait, portrait)
    const different = await comparer.compare(portrait, other)
    t.equal(different.outcome, 'compared')
    t.ok((different.score ?? 1) < FACE_THRESHOLD, `score ${different.score}`)
    t.ok((same.score ?? 0) > 0.95)
  })
  await t.test('[DOC42] no face, and several faces, are told apart and not guessed at', async t => {
    const empty = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#8a8f94' } })
      .jpeg()
      .toBuffer()
    t.match(await comparer.compare(empty, portrait), { outcome: 'no-face-on-document', score: undefined })
    t.match(await comparer.compare(portrait, empty), { outcome: 'no-live-face' })
    t.match(await comparer.compare(portrait, group('sample6.jpg')), { outcome: 'several-faces' })
  })
  await t.test('[DOC43] bytes that are no picture are refused, and the process goes on', async t => {
    await t.rejects(comparer.compare(portrait, Buffer.from('no picture')), { message: 'a picture cannot be decoded' })
    t.match(await comparer.compare(portrait, portrait), { outcome: 'compared' })
    t.equal(comparer.stats().started, 1)
  })
})

t.test('[DOC44] an idle face process is ended, and close leaves none', { timeout: 60_000 }, async t => {
  const comparer = await FaceComparer.create({ logger, idleMs: 50 })
  const picture = await crop('sample6.jpg', FIRST).resize(300).jpeg().toBuffer()
  await comparer.compare(picture, picture)
  while (comparer.stats().pids.length > 0) await new Promise(resolve => setTimeout(resolve, 20))
  t.match(await comparer.compare(picture, picture), { outcome: 'compared' }, 'it is started again when needed')
  t.equal(comparer.stats().started, 2)
  await comparer.close()
  t.same(comparer.stats().pids, [])
  await t.rejects(comparer.compare(picture, picture), { name: 'FaceCompareError' })
})

t.test('[DOC45] the score is 1 at distance 0, half at the authors’ border, and never leaves 0..1', async t => {
  t.equal(faceScore(0), 1)
  t.equal(faceScore(0.6), 0.5)
  t.ok(faceScore(0.6) < FACE_THRESHOLD, 'the threshold is stricter than the border')
  t.equal(faceScore(3), 0)
})
