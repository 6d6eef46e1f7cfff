import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import t from 'tap'
import type { Logger } from '../logger.ts'
import { tidyLine } from './text-lines.ts'
import { TextReader } from './text-reader.ts'

const logger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

type Style = { widthPx: number; heightPx: number; sizePx: number; ground: string; ink: string; format: 'jpeg' | 'webp' }
const LABEL: Style = { widthPx: 1280, heightPx: 720, sizePx: 28, ground: '#dddddd', ink: '#111111', format: 'webp' }

/** A picture of printed lines, compressed as a video key frame would be. */
function rendered(lines: readonly string[], change: Partial<Style> = {}): Promise<Buffer> {
  const style = { ...LABEL, ...change }
  const texts = lines.map((line, i) => {
    const y = 60 + i * style.sizePx * 1.8
    return `<text x="40" y="${y}" font-family="DejaVu Sans, Noto Sans CJK SC" font-size="${style.sizePx}" fill="${style.ink}">${line}</text>`
  })
  const size = `width="${style.widthPx}" height="${style.heightPx}"`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect ${size} fill="${style.ground}"/>${texts.join('')}</svg>`
  return sharp(Buffer.from(svg))[style.format]({ quality: 70 }).toBuffer()
}

const alive = (pid: number | undefined): boolean => {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}

t.test('reading', { timeout: 90_000 }, async t => {
  const reader = await TextReader.create({ logger })
  t.teardown(() => reader.close())
  t.equal(reader.stats().started, 0, 'nothing is started before it is needed')
  await reader.warm()

  await t.test('[PI10] reads Latin serial numbers and where they stand', async t => {
    const read = await reader.read(await rendered(['MODEL: TP-4410X', 'S/N: 8KX4-20931-QZ7', 'INPUT 220-240V']))
    t.same(
      read.lines.map(line => line.text),
      ['MODEL: TP-4410X', 'S/N: 8KX4-20931-QZ7', 'INPUT 220-240V'],
    )
    t.ok(read.confidence > 80)
    const box = read.lines[1]?.box
    // Second baseline: y = 60 + 28 * 1.8 = 110 of 720; the text begins at x = 40 of 1280.
    t.ok(box !== undefined && Math.abs(box.x - 40 / 1280) < 0.01 && Math.abs(box.y + box.height - 112 / 720) < 0.02)
  })

  await t.test('[PI11] reads Chinese, without the spaces the engine puts between words', async t => {
    const read = await reader.read(await rendered(['出厂编号：SN20260815-0042', '请在断电后再打开机盖']))
    t.match(read.text, /SN20260815-0042/)
    t.match(read.text, /请在断电后再打开机盖/)
  })

  await t.test('[PI12] reads light print on dark, and small pictures', async t => {
    const dark = await reader.read(await rendered(['SERIAL 7H2K-99310'], { ground: '#112233', ink: '#eeeeee' }))
    t.equal(dark.text, 'SERIAL 7H2K-99310')
    const small = { widthPx: 480, heightPx: 270, sizePx: 20, format: 'jpeg' as const }
    t.equal((await reader.read(await rendered(['S/N 7H2K-99310'], small))).text, 'S/N 7H2K-99310')
  })

  await t.test('[PI13] a region is read alone; boxes still refer to the whole picture', async t => {
    const image = await rendered(['UPPER LINE 111', 'LOWER LINE 222'], { sizePx: 60 })
    const region = { x: 0, y: 0.15, width: 1, height: 0.2 }
    const read = await reader.read(image, region)
    t.equal(read.text, 'LOWER LINE 222')
    t.same(read.region, region)
    const box = read.lines[0]?.box
    t.ok(box !== undefined && box.y > 0.15 && box.y + box.height < 0.35)
  })

  await t.test('[PI14] an empty picture gives no text rather than noise', async t => {
    const read = await reader.read(await rendered([]))
    t.match(read, { text: '', confidence: 0, lines: [] })
  })

  await t.test('[PI15] bytes that are no picture are refused, and the reader goes on', async t => {
    await t.rejects(reader.read(Buffer.from('not a picture')), { name: 'TextReadError', trouble: 'bad-picture' })
    t.match(await reader.read(await rendered(['STILL HERE 1'])), { text: 'STILL HERE 1' })
    t.equal(reader.stats().started, 1)
  })

  await t.test('[PI16] the text process and its threads run at the lowest priority', async t => {
    const { pid } = reader.stats()
    // proc(5): the 19th field of stat is the nice value; the fields before it hold no spaces after ")".
    const nice = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[16]
    t.equal(nice, '19')
  })

  await t.test('[PI17] a killed text process costs its own picture only', async t => {
    const image = await rendered(['AFTER THE CRASH 5'])
    const lost = reader.read(image)
    const queued = reader.read(image)
    process.kill(reader.stats().pid ?? 0, 'SIGKILL')
    await t.rejects(lost, { name: 'TextReadError', trouble: 'crashed' })
    t.match(await queued, { text: 'AFTER THE CRASH 5' })
    t.equal(reader.stats().started, 2)
  })

  await t.test('[PI18] after close the process is gone and waiting readers are told', async t => {
    const { pid } = reader.stats()
    const waiting = reader.read(await rendered(['NEVER']))
    const told = t.rejects(waiting, { name: 'TextReadError', trouble: 'closed' })
    await reader.close()
    await told
    t.notOk(alive(pid))
    await t.rejects(reader.read(Buffer.alloc(0)), { name: 'TextReadError', trouble: 'closed' })
  })
})

t.test('[PI19] the queue is bounded, and a picture that takes too long is given up', { timeout: 30_000 }, async t => {
  const reader = await TextReader.create({ logger, maxWaiting: 1, timeoutMs: 60 })
  t.teardown(() => reader.close())
  const image = await rendered(['SLOW'])
  const first = t.rejects(reader.read(image), { name: 'TextReadError', trouble: 'timeout' })
  const second = t.rejects(reader.read(image), { name: 'TextReadError', trouble: 'timeout' })
  await t.rejects(reader.read(image), { name: 'TextReadError', trouble: 'busy', code: 'too-many' })
  await Promise.all([first, second])
  await delay(50)
  t.match(reader.stats(), { waiting: 0, running: 0, pid: undefined, failed: 2, refused: 1 })
})

t.test('[PI11] tidying joins Chinese only', async t => {
  t.equal(tidyLine(' 产品 名称 ： 智能  路由器 A 9 \n'), '产品名称：智能路由器 A 9')
})
