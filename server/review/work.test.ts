import t from 'tap'
import type { RecordWork } from '../../signaling/protocol/review.ts'
import type {
  Assignment,
  Calibration,
  CalibrationResult,
  Comment,
  DrawnSample,
  SampleCheck,
  Score,
  Tag,
  WorkItem,
} from '../../signaling/protocol/review-work.ts'
import type { ScoreSheet } from '../../signaling/protocol/score-sheet.ts'
import { reviewServer } from './harness/review-server.ts'

t.setTimeout(90_000)
const server = await reviewServer()
t.teardown(() => server.close())
const ann = await server.reviewer('ann')
const bob = await server.reviewer('bob')
const cleo = await server.reviewer('cleo')
const lead = await server.reviewer('lead', ['lead'])
const call = await server.record({ from: '13800138000' })
const at = `/calls/${call.callId}`
const words = (text: string) => ({ 'zh-CN': text, en: text })
const question = { weight: 1, fatal: false, mayNotApply: false }
const draft = {
  sheetId: 'service',
  title: words('Service'),
  passAt: 60,
  sections: [
    {
      id: 'talk',
      title: words('Talk'),
      questions: [
        { ...question, id: 'greeted', kind: 'yes-no', good: 'yes', text: words('Greeted?') },
        { ...question, id: 'clear', kind: 'scale', weight: 3, mayNotApply: true, text: words('Clear?') },
        { ...question, id: 'promised', kind: 'yes-no', good: 'no', fatal: true, text: words('Promised a result?') },
      ],
    },
  ],
}
const answers = { greeted: 'yes', clear: '3', promised: 'no' }
const open = (...people: (typeof ann)[]) =>
  Promise.all(people.map(one => one.post(`${at}/open`, { reason: 'quality check' })))

t.test('[RW40] comments stand at a moment, are answered, resolved and taken up again; who did it stays', async t => {
  await t.rejects(ann.post(`${at}/comments`, { atMs: 1, text: 'x' }), { code: 'forbidden' }, 'not without a reason')
  await open(ann, bob)
  const first = await ann.post<Comment>(`${at}/comments`, { atMs: 1234.4, text: '客户说了什么？' })
  t.match(first, { atMs: 1234, text: '客户说了什么？', author: { name: 'ann' }, resolved: null })
  await bob.post(`${at}/comments`, { atMs: null, text: 'heard it', replyTo: first.commentId })
  t.match(await bob.post(`/comments/${first.commentId}/resolve`, { resolved: true }), {
    resolved: { by: { name: 'bob' } },
  })
  t.match(await ann.post(`/comments/${first.commentId}/resolve`, { resolved: false }), { resolved: null })
  const { comments } = await ann.get<RecordWork>(`${at}/work`)
  t.match(comments, [{ replyTo: first.commentId }, { commentId: first.commentId }])
  await t.rejects(ann.post(`${at}/comments`, { atMs: 0, text: 'x', replyTo: 'note_x' }), { code: 'not-found' })
  await t.rejects(cleo.post(`/comments/${first.commentId}/resolve`, { resolved: true }), { code: 'forbidden' })
})

t.test(
  '[RW41] tags and the customer’s reference are found by, taken back, and logged without the customer',
  async t => {
    await ann.post(`${at}/tags`, { tag: '投诉' })
    t.match(await bob.post<{ tags: Tag[] }>(`${at}/tags`, { tag: '投诉' }), {
      tags: [{ tag: '投诉', by: { name: 'ann' } }],
    })
    await ann.post(`${at}/reference`, { reference: 'K-4711' })
    const find = async (query: string) => (await ann.get<{ calls: unknown[] }>(`/calls?${query}`)).calls.length
    t.equal(await find(`tags=${encodeURIComponent('投诉')}`), 1)
    t.equal(await find('customer=k-4711'), 1)
    await ann.post(`${at}/reference`, { reference: '' })
    t.equal(await find('customer=k-4711'), 0)
    await bob.post(`${at}/tags/remove`, { tag: '投诉' })
    t.equal(await find(`tags=${encodeURIComponent('投诉')}`), 0)
    t.notMatch(JSON.stringify(await server.accessLog.search({ limit: 100 })), 'K-4711')
  },
)

t.test('[RW42] score sheets are the operator’s: versions, retirement, with the right to lead', async t => {
  await t.rejects(ann.post('/sheets', draft), { code: 'forbidden' })
  t.match(await lead.post<ScoreSheet>('/sheets', draft), { sheetId: 'service', version: 1 })
  const twice = { ...draft, sections: [...draft.sections, ...draft.sections] }
  await t.rejects(lead.post('/sheets', twice), { code: 'bad-request' }, 'ids stand once')
  const made = await lead.post<ScoreSheet>('/sheets', { ...draft, sheetId: undefined })
  t.match(made.sheetId, /^sheet-/)
  await lead.post(`/sheets/${made.sheetId}/retire`)
  await t.rejects(
    ann.post(`${at}/scores`, { state: 'draft', sheetId: made.sheetId, sheetVersion: 1, answers: {}, comment: '' }),
    { code: 'conflict' },
  )
})

t.test(
  '[RW43] a score is saved by revisions; final ones change with a reason only, and nothing is overwritten',
  async t => {
    const score = { sheetId: 'service', sheetVersion: 1, comment: '' }
    const one = await ann.post<Score>(`${at}/scores`, { ...score, state: 'draft', answers: { greeted: 'yes' } })
    t.match(one, { revision: 1, result: { total: 100, unanswered: ['clear', 'promised'] } })
    t.same((await bob.get<RecordWork>(`${at}/work`)).scores, [], 'a draft is its author’s')
    await t.rejects(ann.post(`${at}/scores`, { ...score, state: 'final', answers: { greeted: 'yes' } }), {
      code: 'bad-request',
    })
    await t.rejects(ann.post(`${at}/scores`, { ...score, state: 'draft', answers: { clear: '7' } }), {
      code: 'bad-request',
    })
    await t.rejects(ann.post(`${at}/scores`, { ...score, state: 'draft', answers: { greeted: 'n/a' } }), {
      code: 'bad-request',
    })
    const final = await ann.post<Score>(`${at}/scores`, { ...score, state: 'final', answers })
    t.match(final, { scoreId: one.scoreId, revision: 2, result: { total: 70, passed: true, fatal: [] } })
    const fatal = { ...score, state: 'final', answers: { ...answers, promised: 'yes' } }
    await t.rejects(ann.post(`${at}/scores`, fatal), { code: 'conflict' })
    const changed = await ann.post<Score>(`${at}/scores`, { ...fatal, reason: 'heard again' })
    t.match(changed, { revision: 3, result: { total: 0, passed: false, fatal: ['promised'] } })
    t.match(
      (await bob.get<{ revisions: Score[] }>(`/scores/${one.scoreId}`)).revisions.map(({ revision }) => revision),
      [2, 3],
    )
    t.match((await ann.get<{ revisions: Score[] }>(`/scores/${one.scoreId}`)).revisions, [
      {},
      {},
      { reason: 'heard again' },
    ])
  },
)

t.test('[RW44] a second opinion is given before the first one is seen', async t => {
  await ann.post<Assignment>(`${at}/second-opinion`, { reviewerId: bob.id, note: 'please' })
  await t.rejects(ann.post(`${at}/second-opinion`, { reviewerId: ann.id, note: '' }), { code: 'bad-request' })
  t.match((await bob.get<{ assignments: WorkItem[] }>('/my-work')).assignments, [{ kind: 'second', state: 'open' }])
  await open(bob)
  const mine = (await bob.get<{ assignments: WorkItem[] }>('/my-work')).assignments
  t.match(mine, [{ kind: 'second', state: 'in-work', overdue: false, call: { from: '•••••••8000' } }])
  t.same((await bob.get<RecordWork>(`${at}/work`)).scores, [])
  const score = { state: 'final', sheetId: 'service', sheetVersion: 1, answers, comment: '' }
  t.match(await bob.post<Score>(`${at}/scores`, score), { kind: 'second' })
  t.same((await bob.get<{ assignments: WorkItem[] }>('/my-work')).assignments, [], 'done with the final score')
  t.equal((await bob.get<RecordWork>(`${at}/work`)).scores.length, 2)
})

t.test('[RW45] a calibration is scored blind and compared question by question when it is closed', async t => {
  const wanted = { title: 'Week 48', callId: call.callId, sheetId: 'service', reviewerIds: [ann.id, bob.id, cleo.id] }
  await t.rejects(ann.post('/calibrations', wanted), { code: 'forbidden' })
  const { calibrationId } = await lead.post<Calibration>('/calibrations', wanted)
  await open(ann, bob, cleo, lead)
  const score = { state: 'final', sheetId: 'service', sheetVersion: 1, comment: '' }
  const taskOf = async (who: typeof ann) =>
    (await who.get<{ assignments: WorkItem[] }>('/my-work')).assignments.find(
      one => one.calibrationId === calibrationId,
    )?.assignmentId
  for (const [who, clear] of [
    [ann, '5'],
    [bob, '1'],
  ] as const)
    await who.post(`${at}/scores`, { ...score, answers: { ...answers, clear }, assignmentId: await taskOf(who) })
  const seen = (await cleo.get<RecordWork>(`${at}/work`)).scores.filter(one => one.kind === 'calibration')
  t.same(seen, [])
  t.equal((await lead.get<CalibrationResult>(`/calibrations/${calibrationId}`)).compared, null)
  t.same(
    (await ann.get<CalibrationResult>(`/calibrations/${calibrationId}`)).reviewers.map(one => one.final),
    [true, true, false],
  )
  const late = await taskOf(cleo)
  const closed = await lead.post<CalibrationResult>(`/calibrations/${calibrationId}/close`)
  t.match(closed.compared?.questions[0], { questionId: 'clear', n: 2, mean: 0.5, lowest: 0, highest: 1, agreement: 0 })
  t.match(closed.compared?.totals, { n: 2, lowest: 0.4, highest: 1 })
  await t.rejects(cleo.post(`${at}/scores`, { ...score, answers, assignmentId: late }), { code: 'conflict' })
})

t.test('[RW46] a sample is drawn by lots with a recorded seed, dealt out, and can be drawn again', async t => {
  for (let n = 0; n < 9; n++) await server.record({ seconds: 0.1, answeredAt: `2026-11-0${n + 1}T08:00:00.000Z` })
  const wanted = { title: 'November', rule: { to: '2026-11-09T23:00:00Z' }, method: { kind: 'random', size: 4 } }
  await t.rejects(ann.post('/samples', wanted), { code: 'forbidden' })
  await t.rejects(lead.post('/samples', { ...wanted, rule: { flags: 'nonsense' } }), { code: 'bad-request' })
  const assign = { reviewerIds: [ann.id, bob.id], dueAt: '2026-11-20T00:00:00Z', sheetId: 'service' }
  const drawn = await lead.post<DrawnSample>('/samples', { ...wanted, seed: 'spring', assign })
  t.match(drawn, { population: 9, size: 4, seed: 'spring', by: { name: 'lead' } })
  t.same(
    drawn.calls.map(one => [one.place, one.ofStratum, one.assignments.length]),
    [1, 2, 3, 4].map(place => [place, 9, 1]),
  )
  const again = await lead.post<DrawnSample>('/samples', { ...wanted, seed: 'spring' })
  t.same(
    again.calls.map(one => one.callId),
    drawn.calls.map(one => one.callId),
  )
  t.match(await lead.post<SampleCheck>(`/samples/${drawn.sampleId}/check`), { same: true, gone: [] })
  const rest = await lead.post<DrawnSample>('/samples', { ...wanted, withoutEarlier: true })
  t.equal(rest.population, 5)
  t.notOk(rest.calls.some(one => drawn.calls.some(other => other.callId === one.callId)))
  const work = (await ann.get<{ assignments: WorkItem[] }>('/my-work')).assignments
  t.equal(
    work.filter(one => one.sampleId === drawn.sampleId && one.overdue).length,
    2,
    'dealt out in turn; due in the past',
  )
  const [first] = work
  await t.rejects(bob.post(`/assignments/${first?.assignmentId}/state`, { state: 'done' }), { code: 'not-found' })
  t.match(await lead.post<Assignment>(`/assignments/${first?.assignmentId}/state`, { state: 'withdrawn' }), {
    state: 'withdrawn',
  })
})
