import { randomBytes } from 'node:crypto'
import t from 'tap'
import { quietLog, temporaryFolder } from '../../recordings/fixture.ts'
import { Muxer } from '../../recordings/mux/muxer.ts'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { KeyRing } from '../../recordings/vault/key-ring.ts'
import { LocalKey } from '../../recordings/vault/local-key.ts'
import { Vault } from '../../recordings/vault/vault.ts'
import { WorkFolder } from '../../recordings/vault/work-folder.ts'
import { Events } from '../events.ts'
import { Archives } from '../review/archives.ts'
import { openRecord } from '../review/open-record.ts'
import { JobStore } from '../store/job-store.ts'
import { DailyRun } from './daily-run.ts'
import { Deliverables } from './deliverables.ts'
import { RecordRestricted } from './record-restricted.ts'
import { standingOf } from './record-standing.ts'
import { openHouse, sealCall, TEST_POLICY } from './retention-fixture.ts'
import { overviewOf } from './retention-overview.ts'
import { VaultKeeper } from './vault-keeper.ts'

t.setTimeout(60_000)
const NUMBER = '13912345678'

async function house(t: { teardown(fn: () => unknown): void }, more: Partial<Parameters<typeof openHouse>[0]> = {}) {
  const opened = await openHouse({ dataDir: await temporaryFolder(t), ...more })
  t.teardown(() => opened.close())
  return opened
}
/** Encrypts nothing: these records stay as they were made. */
async function plainKeeper(of: Awaited<ReturnType<typeof house>>) {
  const keys = new KeyRing(LocalKey.fromText(randomBytes(32).toString('base64')))
  const vault = new Vault({ keys, sealKey: of.sealKey })
  const recordingsDir = `${of.dataDir}/recordings`
  return VaultKeeper.open({ vault, keys, recordingsDir, events: new Events(quietLog), encrypting: false })
}
const reasonsOf = async (of: Awaited<ReturnType<typeof house>>, callId: string) => {
  const decision = (await of.retention.plan()).find(one => one.call.callId === callId)?.decision
  return decision?.kind === 'kept' ? decision.reasons.map(reason => reason.kind) : decision?.kind
}

t.test(
  '[RT10] erasure under a hold restricts: not found, not opened, not muxed, not read; lifted, it goes with the next run',
  async t => {
    const h = await house(t)
    const { callId } = await sealCall(h, { from: NUMBER })
    const other = await sealCall(h, { from: '13700000000', retentionClass: 'archive' })
    const work = await WorkFolder.open(await temporaryFolder(t))
    const muxer = Muxer.create({ ffmpegBin: 'ffmpeg', logger: quietLog, work, concurrency: 1 })
    const deliverables: Deliverables = new Deliverables({
      ...{ muxer, store: new JobStore(h.db), events: new Events(quietLog), onReplay: async () => undefined },
      ref: callId => archives.ref(callId),
    })
    const archives: Archives = new Archives({
      recordingsDir: `${h.dataDir}/recordings`,
      index: h.index,
      deliverables,
      keeper: await plainKeeper(h),
      trustedKeys: [h.sealKey.publicKeyPem],
      tiers: {
        folderOf: async (_, path) => new LocalFolder(path),
        fetchBack: async () => {},
        isCold: async () => false,
      },
      assertProcessing: one => h.retention.assertProcessing(one),
    })
    t.teardown(async () => {
      await deliverables.close()
      await work.close()
    })
    const { holdId } = await h.retention.setHold(
      { match: { callId }, caseReference: 'case 9', reason: 'lawsuit' },
      h.reviewer,
    )
    t.equal((await archives.verify(callId)).intact, true, 'held alone is an ordinary record')
    const asked = await h.retention.askErasure(
      { subject: { number: NUMBER }, requester: 'letter 3', receivedAt: '2026-01-31' },
      h.reviewer,
    )
    t.match(asked, {
      state: 'open',
      dueAt: '2026-02-28T16:00:00.000Z',
      outcomes: [{ callId, outcome: 'restricted', reasons: [{ kind: 'held', holds: [holdId] }] }],
    })
    t.match(await h.retention.processing(callId), { kind: 'restricted', requestId: asked.requestId })
    const uses: (() => Promise<unknown>)[] = [
      () => openRecord(archives, callId),
      () => archives.files(callId),
      () => archives.ref(callId),
      () => archives.verify(callId),
    ]
    for (const use of uses) await t.rejects(use(), new RecordRestricted('restricted'))
    t.same(
      (await h.index.search({})).calls.map(one => one.callId),
      [other.callId],
      'not found',
    )
    t.equal((await archives.verify(other.callId)).intact, true)

    await h.retention.run('manual', h.reviewer)
    await h.retention.idle()
    t.ok(await h.index.get(callId), 'a hold is stronger than a request')
    await h.retention.releaseHold({ holdId, reason: 'settled' }, h.reviewer)
    t.match((await h.erasures()).at(0)?.outcomes, [{ outcome: 'due' }])
    await h.retention.run('daily', 'system')
    await h.retention.idle()
    t.notOk(await h.index.get(callId))
    t.match(await h.erasures(), [{ state: 'done', subject: null, outcomes: [{ callId, outcome: 'purged' }] }])
    await t.rejects(openRecord(archives, callId), { code: 'not-found' })
    t.match((await h.certificates.last(callId))?.certificate, { by: 'timer', erasures: [asked.requestId] })
  },
)

t.test(
  '[RT17] a request waits for a period prescribed by law, ends one that is not, says when nothing is found, can be withdrawn',
  async t => {
    const h = await house(t)
    const bound = await sealCall(h, { from: NUMBER, retentionClass: 'dual-recording' })
    const own = await sealCall(h, { from: NUMBER, retentionClass: 'own' })
    const asked = await h.retention.askErasure(
      { subject: { number: `+${NUMBER}` }, requester: 'mail', receivedAt: '2026-05-05' },
      h.reviewer,
    )
    const outcomes = new Map(asked.outcomes.map(one => [one.callId, one]))
    t.match(outcomes.get(bound.callId), {
      outcome: 'restricted',
      reasons: [{ kind: 'event-unknown', event: 'contract-end' }],
    })
    t.match(outcomes.get(own.callId), { outcome: 'due' })
    await h.retention.run('manual', h.reviewer)
    await h.retention.idle()
    t.match((await h.certificates.last(own.callId))?.certificate.decision, { because: 'erasure', classId: 'own' })
    t.ok(await h.index.get(bound.callId))
    t.match((await h.erasures())[0]?.state, 'open')
    const nothing = await h.retention.askErasure(
      { subject: { number: '13000000000' }, requester: 'mail', receivedAt: '2026-05-05' },
      h.reviewer,
    )
    t.match(nothing, { state: 'not-found', subject: null, outcomes: [] })
    await h.retention.withdrawErasure(asked.requestId, 'changed their mind', h.reviewer)
    t.match(await h.retention.processing(bound.callId), { kind: 'allowed' })
    await t.rejects(h.retention.withdrawErasure(asked.requestId, 'again', h.reviewer), { code: 'not-found' })
  },
)

t.test(
  '[RT11] a hold matches by number, agent and time, new calls at once; several hold together; one comes between plan and purge',
  async t => {
    const h = await house(t)
    const first = await sealCall(h, { from: NUMBER, agentName: 'Ann', answeredAt: '2021-06-01T00:00:00.000Z' })
    const hold = (match: Parameters<typeof h.retention.setHold>[0]['match']) =>
      h.retention.setHold({ match, caseReference: 'c', reason: 'why' }, h.reviewer)
    const byNumber = await hold({ number: `+${NUMBER}`, from: '2021-01-01T00:00:00Z' })
    t.equal(byNumber.calls, 1)
    const byAgent = await hold({ agent: 'Ann', to: '2021-12-31T00:00:00Z' })
    t.equal((await hold({ agent: 'Bo' })).calls, 0)
    t.equal((await hold({ number: NUMBER, to: '2020-12-31T00:00:00Z' })).calls, 0)
    const later = await sealCall(h, { from: NUMBER, agentName: 'Bo', answeredAt: '2022-06-01T00:00:00.000Z' })
    t.same(await reasonsOf(h, later.callId), ['held'])
    t.match((await h.retention.ofRecord(first.callId)).holds.length, 2)
    await h.retention.releaseHold({ holdId: byNumber.holdId, reason: 'over' }, h.reviewer)
    t.same(await reasonsOf(h, first.callId), ['held'], 'the other one still holds')
    await h.retention.releaseHold({ holdId: byAgent.holdId, reason: 'over' }, h.reviewer)
    t.same(await reasonsOf(h, first.callId), 'due')
    await t.rejects(h.retention.releaseHold({ holdId: byAgent.holdId, reason: 'again' }, h.reviewer), {
      code: 'not-found',
    })

    const running = h.retention.run('manual', h.reviewer)
    const late = hold({ callId: first.callId })
    await Promise.all([running, late])
    await h.retention.idle()
    const gone = (await h.index.get(first.callId)) === undefined
    const certified = (await h.certificates.last(first.callId)) !== undefined
    t.equal(gone, certified, 'either held whole or gone whole')
    t.match((await h.retention.holds()).length, 5)
  },
)

t.test(
  '[RT18] events of calls, numbers and references start clocks; the class is the scenario chosen last',
  async t => {
    const h = await house(t)
    const { callId } = await sealCall(h, { from: NUMBER, retentionClass: 'dual-recording' })
    t.same(await reasonsOf(h, callId), ['event-unknown'])
    await h.retention.link({ callId, reference: 'L-1' }, 'operator')
    const subject = { kind: 'reference', reference: 'L-1' } as const
    await h.retention.addEvent({ subject, event: 'contract-end', at: '2021-03-31', reference: 'L-1' }, 'operator')
    t.same(await reasonsOf(h, callId), 'due')
    await h.retention.addEvent(
      { subject: { kind: 'number', number: NUMBER }, event: 'dispute-begin', at: '2022-01-01', reference: 'D' },
      h.reviewer,
    )
    t.same(await reasonsOf(h, callId), ['not-ended', 'not-ended'])
    const ended = await h.retention.addEvent(
      { subject: { kind: 'call', callId }, event: 'dispute-end', at: '2022-02-01', reference: 'D' },
      h.reviewer,
    )
    t.same(await reasonsOf(h, callId), 'due')
    await h.retention.withdrawEvent(ended, 'a typing error', h.reviewer)
    t.same(await reasonsOf(h, callId), ['not-ended', 'not-ended'])
    const unlisted = await sealCall(h, { retentionClass: 'nobody-knows' })
    const none = await sealCall(h, { retentionClass: undefined })
    t.same(await reasonsOf(h, unlisted.callId), ['class-unlisted'])
    t.same(await reasonsOf(h, none.callId), ['class-unlisted'])
  },
)

t.test(
  '[RT14] a run takes so many and no more; a large one waits for a person; without a policy there is none',
  async t => {
    const runs = { mostPerRun: 2, confirmAboveShare: 0.5 }
    const h = await house(t, { policy: { ...TEST_POLICY, runs } })
    for (let n = 0; n < 3; n++) await sealCall(h)
    const overview = () => overviewOf(h.retention, { runs: [], nextRunAt: null })
    t.match((await overview()).plan, { records: 3, due: 3, held: 0 })
    const runId = await h.retention.run('daily', 'system')
    await h.retention.idle()
    t.match((await overview()).plan, { records: 3 }, 'two of three is more than half: nothing went')
    await h.retention.confirm({ runId, reason: 'looked at it' }, h.reviewer)
    await h.retention.idle()
    t.match((await overview()).plan, { records: 1, due: 1 })
    await t.rejects(h.retention.confirm({ runId, reason: 'again' }, h.reviewer), { code: 'not-found' })
    const actions = (await h.accessLog.search({ limit: 50 })).entries.map(one => one.action)
    t.match(actions.filter(action => action === 'retention-run').length, 2, 'planned and confirmed')

    const without = await house(t, { policy: undefined })
    await sealCall(without)
    await t.rejects(without.retention.run('manual', without.reviewer), { code: 'conflict' })
    t.match(await overviewOf(without.retention, { runs: [], nextRunAt: null }), {
      policy: null,
      plan: { records: 1, due: 0, keptBecause: { 'no-policy': 1 } },
    })
  },
)

t.test('[RT19] what is worked on waits; the timer stands only with a time of day, and closes', async t => {
  const h = await house(t, { busy: () => true })
  const { callId } = await sealCall(h)
  await h.retention.run('manual', h.reviewer)
  await h.retention.idle()
  t.ok(await h.index.get(callId))
  t.equal(new DailyRun({ retention: h.retention, onFault: () => t.fail('a fault') }).nextAt, undefined)
  const timed = await house(t, { policy: { ...TEST_POLICY, runs: { ...TEST_POLICY.runs, dailyAt: '03:30' } } })
  const daily = new DailyRun({ retention: timed.retention, onFault: () => t.fail('a fault') })
  t.match(daily.nextAt, /T19:30:00\.000Z$/, '03:30 in Shanghai')
  daily.close()
  t.equal(daily.nextAt, undefined)
})

t.test(
  '[RT22] a record that cannot be opened says why and since when; who held it and the certificate only by right',
  async t => {
    const house = await openHouse({ dataDir: await temporaryFolder(t) })
    t.teardown(() => house.close())
    const call = await sealCall(house, { from: '13912345678' })
    const sources = { retention: house.retention, certificates: house.certificates }
    const standing = (whole: boolean) => standingOf(call.callId, sources, { whole })
    t.equal(await standing(true), undefined, 'an ordinary record')
    const match = { callId: call.callId }
    const hold = await house.retention.setHold({ match, caseReference: 'case 7', reason: 'court' }, house.reviewer)
    const asked = await house.retention.askErasure(
      { subject: match, requester: 'letter 9', receivedAt: '2026-01-02' },
      house.reviewer,
    )
    t.match(await standing(true), {
      ...{ kind: 'restricted', requestId: asked.requestId, since: /^20/ },
      holds: [{ holdId: hold.holdId, caseReference: 'case 7' }],
    })
    t.strictSame(
      Object.keys((await standing(false)) ?? {}).sort(),
      ['kind', 'since'],
      'without the right: only since when',
    )
    await house.retention.releaseHold({ holdId: hold.holdId, reason: 'settled' }, house.reviewer)
    await house.retention.run('manual', house.reviewer)
    await house.retention.idle()
    const gone = await standing(true)
    t.match(gone, {
      kind: 'destroyed',
      pending: 0,
      certificate: { file: `${call.callId}.json`, sha256: /^[0-9a-f]{64}$/ },
    })
    t.strictSame(
      Object.keys((await standing(false)) ?? {}).sort(),
      ['at', 'because', 'kind', 'pending'],
      'no certificate without the right',
    )
    const route = house.routes.find(one => one.path === '/api/review/calls/:callId/standing')
    t.equal(route?.by, 'reviewer')
  },
)
