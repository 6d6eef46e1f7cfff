import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ConfigError } from '../env.ts'
import { Recognisers } from './recognisers.ts'

const errors: object[] = []
const logger = { debug() {}, info() {}, warn() {}, error: (fields: object) => void errors.push(fields) }
const title = { 'zh-CN': '测试', en: 'Test' }
const box = { x: 0.1, y: 0.2, width: 0.3, height: 0.1 }

async function fileWith(t: { testdir(): string }, content: unknown): Promise<string> {
  const file = join(t.testdir(), 'recognisers.json')
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

t.test(
  '[PIC50] the shipped patterns find serial numbers, models, error codes and readings as labels print them',
  async t => {
    const recognisers = await Recognisers.load(undefined, logger)
    t.teardown(() => recognisers.close())
    const findings = await recognisers.find([
      { text: '型号: KFR-35GW/BP3' },
      { text: 'S/N: ABC-12345-X9', box },
      { text: '出厂编号：20231105A77' },
      { text: '故障代码 E17' },
      { text: 'F3' },
      { text: '012345.67 kWh' },
      { text: 'MAC 00:1A:2b:3C:4D:5E  IMEI: 123456789012345' },
      { text: '额定电压 220V~ 50Hz 生产日期 2023-11-05 上海某某电器有限公司' },
    ])
    t.same(
      findings.map(({ recogniser, value }) => [recogniser, value]),
      [
        ['serial-number', 'ABC-12345-X9'],
        ['serial-number', '20231105A77'],
        ['model', 'KFR-35GW/BP3'],
        ['error-code', 'E17'],
        ['error-code', 'F3'],
        ['meter-reading', '012345.67'],
        ['mac-address', '00:1A:2b:3C:4D:5E'],
        ['imei', '123456789012345'],
      ],
    )
    t.same(findings[0]?.box, box, 'where it stands')
    t.same(findings[0]?.title, { 'zh-CN': '序列号', en: 'Serial number' })
  },
)

t.test('[PIC51] the operator’s own patterns replace the shipped ones; a value is told once', async t => {
  const file = await fileWith(t, [{ name: 'ticket', title, pattern: 'TK-(?<id>\\d{4})', group: 'id' }])
  const recognisers = await Recognisers.load(file, logger)
  t.teardown(() => recognisers.close())
  t.same(recognisers.names, ['ticket'])
  const findings = await recognisers.find([{ text: 'tk-0001 TK-0001' }, { text: 'SN: ABC12345' }, { text: 'TK-0002' }])
  t.same(
    findings.map(one => one.value),
    ['0001', '0002'],
  )
  t.same(await recognisers.find([]), [])
})

t.test('[PIC52] a file that is wrong stops the start with one line that names what is wrong', async t => {
  const one = { name: 'x', title, pattern: 'a' }
  const cases: [unknown, RegExp][] = [
    ['{', /is no JSON/],
    [{}, /not as expected at the top/],
    [[{ ...one, title: { en: 'x' } }], /not as expected at 0\.title\.zh-CN/],
    [[{ ...one, extra: 1 }], /not as expected at 0/],
    [[one, one], /"x" stands there twice/],
    [[{ ...one, pattern: '(' }], /"x": the pattern is no regular expression/],
    [[{ ...one, group: 1 }], /"x": the pattern has no group 1/],
    [[{ ...one, group: 'value' }], /"x": the pattern has no group value/],
    [[{ ...one, pattern: 'a'.repeat(301) }], /not as expected at 0\.pattern/],
  ]
  for (const [content, message] of cases) {
    const file = await fileWith(t, content)
    const error = await Recognisers.load(file, logger).catch((reason: unknown) => reason)
    t.ok(error instanceof ConfigError)
    t.match(String(error), message)
    t.notMatch(String(error), /\n/)
  }
  await t.rejects(Recognisers.load(join(t.testdir(), 'none.json'), logger), /cannot be read/)
})

t.test('[PIC53] a pattern that backtracks without end is refused at the start', async t => {
  for (const pattern of ['(a+)+$', '(\\w+\\s?)*:', '^(([a-z0-9])+.)+[A-Z]$']) {
    const file = await fileWith(t, [
      { name: 'good', title, pattern: 'b' },
      { name: 'endless', title, pattern },
    ])
    await t.rejects(
      Recognisers.load(file, logger, { textMs: 1_000, trialMs: 1_500 }),
      /"endless" takes too long/,
      pattern,
    )
  }
})

t.test('[PIC54] one that shows itself later is put out of use, and the others go on', async t => {
  // Harmless for every text that is tried at the start; endless for this one.
  const file = await fileWith(t, [
    { name: 'sly', title, pattern: 'TK-9(?:q|qq|qqq)+z' },
    { name: 'good', title, pattern: 'SN\\d+' },
  ])
  const recognisers = await Recognisers.load(file, logger)
  t.teardown(() => recognisers.close())
  const findings = await recognisers.find([{ text: `TK-9${'q'.repeat(300)}!` }, { text: 'SN42' }])
  t.same(
    findings.map(one => one.value),
    ['SN42'],
  )
  t.same(recognisers.names, ['good'])
  t.same(errors.at(-1), { recogniser: 'sly' })
  t.same((await recognisers.find([{ text: 'SN43' }])).length, 1)
})

t.test('[PIC55] after close there is no thread, and asking finds nothing', async t => {
  const recognisers = await Recognisers.load(undefined, logger)
  await recognisers.close()
  await recognisers.close()
  t.same(await recognisers.find([{ text: 'SN: ABC12345' }]), [])
})
