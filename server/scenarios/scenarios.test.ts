import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Scenarios } from './scenarios.ts'

const folder = await mkdtemp(join(tmpdir(), 'tongping-scenarios-'))
t.teardown(() => rm(folder, { recursive: true }))
const file = async (text: string) => {
  const path = join(folder, 'scenarios.json')
  await writeFile(path, text)
  return path
}

t.test('[PPL1] the four that come with the house are as they should be', async t => {
  const { all } = await Scenarios.load()
  t.same(
    all.map(one => one.id),
    ['repair', 'claim', 'identity', 'dual-recording'],
  )
})

t.test('[PPL2] the number called chooses, else the first', async t => {
  const { all } = await Scenarios.load()
  const changed = all.map(one => (one.id === 'claim' ? { ...one, calledNumbers: ['4008009999'] } : one))
  const scenarios = await Scenarios.load(await file(JSON.stringify(changed)))
  t.equal(scenarios.forCalled('4008009999').id, 'claim')
  t.equal(scenarios.forCalled('4008001234').id, 'repair')
})

t.test('[PPL1] a file that is not as expected stops the start with one line that names the place', async t => {
  const { all } = await Scenarios.load()
  const [first, ...rest] = all
  const broken = JSON.stringify([{ ...first, tools: ['teleport'] }, ...rest])
  await t.rejects(Scenarios.load(await file(broken)), /not as expected at 0\.tools\.0/)
  await t.rejects(Scenarios.load(await file('[]')), /not as expected/)
  await t.rejects(Scenarios.load(await file('{"a":')), Error)
  const twice = JSON.stringify([...all, ...all])
  await t.rejects(Scenarios.load(await file(twice)), /twice/)
})
