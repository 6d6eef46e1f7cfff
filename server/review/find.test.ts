import t from 'tap'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { CallPage, Facets, SavedSearch } from '../../signaling/protocol/review.ts'
import { Erasures } from '../store/erasures.ts'
import { reviewServer } from './harness/review-server.ts'

t.setTimeout(60_000)
const server = await reviewServer()
t.teardown(() => server.close())
const ann = await server.reviewer('ann')
const bob = await server.reviewer('bob')

const by = newId('part')
const held: JournalEvent[] = [
  { type: 'voice.held', by: 'caller' },
  { type: 'voice.retrieved', by: 'caller' },
  { type: 'capture.paused', trigger: 'agent', limitMs: 60_000 },
  { type: 'capture.resumed', because: 'agent' },
]
const refused: JournalEvent = {
  type: 'consent.given',
  consent: { kind: 'recording', textVersion: '1', language: 'zh-CN', given: false },
}
const card: JournalEvent = {
  type: 'page.added',
  page: {
    id: newId('page'),
    by,
    kind: 'card',
    card: {
      kind: 'text',
      about: 'invoice',
      title: '开票信息',
      rows: [{ label: '税号', value: '91310000MA1K', copy: true }],
    },
  },
}
const lin = { id: newId('user'), name: '林小雨' }
const meter = await server.record({
  from: '13800138000',
  agent: lin,
  answeredAt: '2026-11-01T08:00:00.000Z',
  scenario: 'repair',
  pictures: ['型 号 ： KFR-35GW\n身份证 110101 19900307 7758 故障 E7', 'second page'],
  cameraSeconds: 1,
  events: held,
})
const invoice = await server.record({
  from: '13900139000',
  answeredAt: '2026-11-02T08:00:00.000Z',
  seconds: 4,
  events: [refused, card],
})
const crashed = await server.record({
  from: '021',
  answeredAt: '2026-11-03T08:00:00.000Z',
  end: { cause: 'server-crashed' },
})
const find = async (query: string) => (await ann.get<CallPage>(`/calls?${query}`)).calls.map(call => call.callId)

t.test('[RW10] lists and searches never show a whole number; a whole number is found', async t => {
  const { calls, total } = await ann.get<CallPage>('/calls?count=1')
  t.equal(total, 3)
  t.same(
    calls.map(call => call.from),
    ['•••', '•••••••9000', '•••••••8000'],
  )
  t.same(await find('number=13800138000'), [meter.callId])
  t.same(await find('customer=139001'), [invoice.callId])
  t.notMatch(JSON.stringify(await ann.get('/calls?number=13800138000&text=110101199003077758')), /13800138000|110101/)
})

t.test('[RW11] texts are found by any part, in Chinese too, whatever spaces the reading machine put in', async t => {
  for (const text of ['型号', '型号：KFR', 'kfr-35', '身份', '份证', '110101199003077758', 'E7', '故障 35gw'])
    t.same(await find(`text=${encodeURIComponent(text)}`), [meter.callId], text)
  t.same(await find(`text=${encodeURIComponent('开票信息')}`), [invoice.callId])
  t.same(await find('text=91310000ma'), [invoice.callId])
  t.same(await find('text=%22%20OR%20%22'), [], 'operators of the search language are letters')
  t.same(await find('text=%25%25%25'), [])
  t.same(await find('text=91310000&textKinds=ocr'), [])
  t.same(await find('text=91310000&textKinds=card,ocr'), [invoice.callId])
})

t.test('[RW12] a hit shows a piece of the text with long numbers masked', async t => {
  const { calls } = await ann.get<CallPage>(`/calls?text=${encodeURIComponent('身份证')}`)
  const [hit] = calls[0]?.hits ?? []
  t.match(hit, { kind: 'ocr', excerpt: /身份证•+7758/ })
})

t.test('[RW13] flags, scenario, ends, durations, camera, pictures and their absence', async t => {
  t.same(await find('flags=hold,card-shutter'), [meter.callId])
  t.same(await find('flags=consent-refused'), [invoice.callId])
  t.same(await find('flags=crash-sealed'), [crashed.callId])
  t.same(await find('flags=hold,consent-refused'), [])
  t.same(await find('withoutFlags=hold,crash-sealed'), [invoice.callId])
  t.same(await find('scenario=repair'), [meter.callId])
  t.same(await find('ends=server-crashed'), [crashed.callId])
  t.same(await find('ends=server-crashed,caller-hung-up'), [crashed.callId, invoice.callId, meter.callId])
  t.same(await find('minDurationMs=3000'), [invoice.callId])
  t.same(await find('camera=1'), [meter.callId])
  t.same(await find('pictures=0'), [crashed.callId])
  t.same(await find(`agentId=${lin.id}`), [meter.callId])
  t.same(await find('from=2026-11-02T00:00:00Z&to=2026-11-02T23:59:59%2B08:00'), [invoice.callId])
  await t.rejects(find('flags=nonsense'), { code: 'bad-request' })
  await t.rejects(find('minDurationMs=x'), { code: 'bad-request' })
  const facets = await ann.get<Facets>('/facets')
  t.match(
    facets.flags.find(one => one.flag === 'hold'),
    { calls: 1 },
  )
  t.match(facets.scenarios, [
    { id: 'default', calls: 2 },
    { id: 'repair', calls: 1 },
  ])
  t.same(facets.reviewers.map(one => one.name).sort(), ['ann', 'bob'])
})

t.test(
  '[RW17] a record whose processing is restricted is counted nowhere, under nothing it could be chosen by',
  async t => {
    await ann.post(`/calls/${meter.callId}/open`, { reason: 'a tag of its own' })
    await ann.post(`/calls/${meter.callId}/tags`, { tag: 'meter' })
    const counted = async () => {
      const { agents, scenarios, tags, flags } = await ann.get<Facets>('/facets')
      return {
        lin: agents.find(one => one.id === lin.id)?.calls ?? 0,
        repair: scenarios.find(one => one.id === 'repair')?.calls ?? 0,
        meter: tags.find(one => one.tag === 'meter')?.calls ?? 0,
        hold: flags.find(one => one.flag === 'hold')?.calls ?? 0,
        all: agents.reduce((sum, one) => sum + one.calls, 0),
      }
    }
    t.same(await counted(), { lin: 1, repair: 1, meter: 1, hold: 1, all: 3 })
    const erasures = new Erasures(server.db)
    await erasures.setOutcome('req-1', { callId: meter.callId, outcome: 'restricted', reasons: [] })
    t.same(await counted(), { lin: 0, repair: 0, meter: 0, hold: 0, all: 2 })
    t.same(await find('flags=hold'), [])
    await server.db.kysely.deleteFrom('retention_outcomes').execute()
    t.same(await counted(), { lin: 1, repair: 1, meter: 1, hold: 1, all: 3 })
  },
)

t.test('[RW14] searches are kept for oneself or shared, and taken away by their owner only', async t => {
  const own = await ann.post<SavedSearch>('/searches', { title: 'Holds', rule: { flags: 'hold' }, shared: false })
  const shared = await ann.post<SavedSearch>('/searches', { title: '退货', rule: { text: '退货' }, shared: true })
  const seen = async (who: typeof ann) =>
    (await who.get<{ searches: SavedSearch[] }>('/searches')).searches.map(one => [one.title, one.own])
  t.same(await seen(ann), [
    ['Holds', true],
    ['退货', true],
  ])
  t.same(await seen(bob), [['退货', false]])
  await t.rejects(bob.post(`/searches/${shared.searchId}/remove`), { code: 'not-found' })
  await ann.post(`/searches/${own.searchId}/remove`)
  t.same(await seen(ann), [['退货', true]])
  await t.rejects(ann.post('/searches', { title: 'x', rule: { flags: 'nonsense' }, shared: false }), {
    code: 'bad-request',
  })
})

t.test('[RW15] a search is in the access log, without what would be personal data of a customer', async t => {
  await find('number=13800138000&text=110101199003077758&flags=hold')
  const { entries } = await server.accessLog.search({ action: 'searched', limit: 1 })
  t.match(entries[0], { userName: 'ann', detail: 'number=•••••••8000 text=(18 characters) flags=hold' })
})

t.test(
  '[RW16] what is found is made anew from the records when it is missing, and gone when it is forgotten',
  async t => {
    await server.db.kysely.deleteFrom('call_facts').where('call_id', '=', meter.callId).execute()
    await server.recordIndex.setFlag(meter.callId, 'quality-finding', true)
    await server.indexer.catchUp()
    t.same(await find('text=kfr-35&flags=quality-finding,hold'), [meter.callId])
    t.same(await find(`text=${encodeURIComponent('型号')}`), [meter.callId])
    await server.recordIndex.forget(meter.callId)
    t.same(await find('text=kfr-35'), [])
    t.same(await find(`text=${encodeURIComponent('型号')}`), [])
    t.same(await find('flags=hold'), [])
  },
)
