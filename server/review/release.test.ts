import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { OriginalFile, PersonAudit, Release, Watched } from '../../signaling/protocol/review-access.ts'
import { reviewServer } from './harness/review-server.ts'

t.setTimeout(60_000)
const server = await reviewServer()
t.teardown(() => server.close())
const ann = await server.reviewer('ann')
const bob = await server.reviewer('bob')
const officer = await server.reviewer('officer', ['release', 'audit'])
const call = await server.record({ from: '13800138000' })
const other = await server.record({})
const at = `/calls/${call.callId}`
const TRACK = 'tracks/caller-voice-1.rtpj'
const yes = { reason: 'court order seen', validMinutes: 60 }

t.test('[RW50] an original leaves by two persons only, to the one who asked, for the files agreed to', async t => {
  await t.rejects(ann.post(`${at}/releases`, { reason: 'court', files: [TRACK] }), { code: 'forbidden' })
  await ann.post(`${at}/open`, { reason: 'court' })
  const asked = await ann.post<Release>(`${at}/releases`, { reason: 'court', files: [TRACK] })
  t.equal((await ann.fetch(`${at}/originals/${TRACK}`)).status, 403, 'asked is not agreed')
  await t.rejects(ann.post(`/releases/${asked.releaseId}/agree`, yes), { code: 'forbidden' })
  await t.rejects(bob.post(`/releases/${asked.releaseId}/agree`, yes), { code: 'forbidden' })
  t.match((await officer.get<{ releases: Release[] }>('/releases?state=asked')).releases, [{ mayAnswer: true }])
  t.same((await bob.get<{ releases: Release[] }>('/releases')).releases, [], 'requests of others are not shown')
  await officer.post(`/releases/${asked.releaseId}/agree`, yes)
  await t.rejects(officer.post(`/releases/${asked.releaseId}/refuse`, { reason: 'late' }), { code: 'conflict' })
  const answer = await ann.fetch(`${at}/originals/${TRACK}`)
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-disposition'), /attachment/)
  t.ok(Buffer.from(await answer.arrayBuffer()).equals(await readFile(join(call.folder, TRACK))))
  t.equal((await ann.fetch(`${at}/originals/journal.jsonl`)).status, 403)
  t.equal((await ann.fetch(`/calls/${other.callId}/originals/${TRACK}`)).status, 403)
  t.equal((await officer.fetch(`${at}/originals/${TRACK}`)).status, 403, 'who agrees has not asked')
  const { files } = await ann.get<{ files: OriginalFile[] }>(`${at}/originals`)
  t.same(
    files.filter(file => file.released).map(file => file.path),
    [TRACK],
  )
  const { entries } = await server.accessLog.search({ callId: call.callId, limit: 20 })
  const told = entries.map(one => one.action)
  for (const action of ['downloaded', 'release-granted', 'release-asked'] as const) t.ok(told.includes(action), action)
})

t.test('[RW51] nobody agrees to an own request, whatever the rights', async t => {
  await officer.post(`${at}/open`, { reason: 'court' })
  const own = await officer.post<Release>(`${at}/releases`, { reason: 'court', files: 'package' })
  t.equal(own.mayAnswer, false)
  await t.rejects(officer.post(`/releases/${own.releaseId}/agree`, yes), { code: 'forbidden' })
})

t.test('[RW52] a release ends with its time, and at once when it is withdrawn', async t => {
  const asked = await ann.post<Release>(`${at}/releases`, { reason: 'court', files: 'package' })
  await officer.post(`/releases/${asked.releaseId}/agree`, yes)
  t.equal((await ann.fetch(`${at}/originals/journal.jsonl`)).status, 200, 'a package holds every file')
  await server.db.kysely
    .updateTable('releases')
    .set({ expires_at: '2026-01-01T00:00:00.000Z' })
    .where('release_id', '=', asked.releaseId)
    .execute()
  t.equal((await ann.fetch(`${at}/originals/journal.jsonl`)).status, 403)
  t.match((await ann.get<{ releases: Release[] }>('/releases')).releases[0], { state: 'expired' })
  const again = await ann.post<Release>(`${at}/releases`, { reason: 'court', files: 'package' })
  await officer.post(`/releases/${again.releaseId}/agree`, yes)
  await officer.post(`/releases/${again.releaseId}/withdraw`)
  t.equal((await ann.fetch(`${at}/originals/journal.jsonl`)).status, 403)
  await t.rejects(ann.post(`/releases/${again.releaseId}/withdraw`), { code: 'conflict' })
})

t.test(
  '[RW53] reviewers of reviewers see who watched what, how long, and what was done without being asked',
  async t => {
    await ann.post(`${at}/seeks`, { spans: [{ fromMs: 0, toMs: 1000 }] })
    await ann.post(`${at}/seeks`, { spans: [{ fromMs: 500, toMs: 2000 }] })
    await t.rejects(ann.get('/audit/people?from=2026-01-01T00:00:00Z&to=2099-01-01T00:00:00Z'), { code: 'forbidden' })
    const { people } = await officer.get<{ people: PersonAudit[] }>(
      '/audit/people?from=2026-01-01T00:00:00Z&to=2099-01-01T00:00:00Z',
    )
    const her = people.find(one => one.user.id === ann.id)
    t.match(her, { opened: 1, records: 1, playedMs: 2000, downloads: 2 })
    t.match(her?.patterns, [{ kind: 'opened-unassigned', count: 1, callIds: [call.callId] }])
    const { watched } = await officer.get<{ watched: Watched[] }>(`/audit/calls/${call.callId}`)
    t.match(
      watched.find(one => one.user.id === ann.id),
      { playedMs: 2000, spans: [[0, 2000]], reasons: ['court'], assigned: false },
    )
    const { entries } = await server.accessLog.search({ action: 'audit-read', limit: 5 })
    t.equal(entries.length, 2, 'reading the log stands in the log')
  },
)
