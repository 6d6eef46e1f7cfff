import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../store/database.ts'
import { Diagrams } from '../store/diagrams.ts'
import { diagramIdOf, Library } from './library.ts'

async function open(t: { testdir(): string; teardown(end: () => Promise<void>): void }) {
  const folder = t.testdir()
  const db = await openDatabase(':memory:')
  t.teardown(() => db.close())
  const library = new Library({
    folder,
    diagrams: new Diagrams(db),
    take: async bytes => ({ bytes, type: 'image/png', widthPx: 4, heightPx: 3 }),
  })
  const add = (bytes: string, product: string, fault: string, title: string) =>
    library.add(Buffer.from(bytes), { product, fault, title })
  return { folder, library, add }
}

t.test('[PUSH13] the same product and fault again is a new version; the older one stays as it was', async t => {
  const { library, folder, add } = await open(t)
  const first = await add('one', 'Router  A', '无法上网', 'Hold')
  const second = await add('two', ' router a ', '无法上网', 'Hold longer')
  t.equal(first.diagramId, second.diagramId)
  t.same([first.version, second.version], [1, 2])
  t.match(await library.open(first.diagramId), { diagram: { version: 2, title: 'Hold longer' } })
  t.equal((await library.open(first.diagramId, 1))?.bytes.toString(), 'one')
  t.equal((await readFile(join(folder, first.diagramId, '2.png'))).toString(), 'two')
  t.same(
    (await library.search('')).map(one => one.version),
    [2],
    'agents see the newest only',
  )
})

t.test(
  '[PUSH13] a removed diagram is not offered; its versions can still be opened, and its numbers are not used again',
  async t => {
    const { library, add } = await open(t)
    const { diagramId } = await add('one', 'Boiler', 'E7', 'Valve')
    t.ok(await library.remove(diagramId))
    t.notOk(await library.remove(diagramId), 'once')
    t.same(await library.search(''), [])
    t.equal(await library.open(diagramId), undefined)
    t.equal((await library.open(diagramId, 1))?.bytes.toString(), 'one')
    t.equal((await add('again', 'Boiler', 'E7', 'Valve')).version, 2)
    t.same((await library.search('boiler')).length, 1)
  },
)

t.test('[PUSH14] every word must stand in product, fault or title; signs of SQL are only signs', async t => {
  const { library, add } = await open(t)
  await add('1', '洗衣机 Washer', '不排水', '清洗过滤器')
  await add('2', 'Washer 100%', 'E_7', "It's loose")
  const titles = async (words: string) => (await library.search(words)).map(one => one.title)
  t.same(await titles('washer 过滤'), ['清洗过滤器'])
  t.same(await titles('WASHER'), ["It's loose", '清洗过滤器'].sort())
  t.same(await titles('washer、E_7'), ["It's loose"])
  t.same(await titles('EX7'), [], '_ stands for itself')
  t.same(await titles('100%'), ["It's loose"])
  t.same(await titles("' or 1=1 --"), [])
  t.same(await titles('dryer'), [])
})

t.test('[PUSH13] product and fault are told apart however they are joined', async t => {
  t.not(diagramIdOf('a b', 'c'), diagramIdOf('a', 'b c'))
  t.equal(diagramIdOf('Ａ', 'x'), diagramIdOf('a', 'X'), 'full width is the same letter')
})
