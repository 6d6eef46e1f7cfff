import { fork } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { answeredCall, quietLog, talk, temporaryFolder } from '../fixture.ts'
import { readCallJournal } from '../journal/read-call-journal.ts'
import { SealKey } from '../seal/seal-key.ts'
import { verifyArchive } from '../seal/verify-archive.ts'
import { PlainCallFiles } from '../vault/plain-call-files.ts'
import { recoverOrphans } from './recover-orphans.ts'

/** The lock of a process that cannot exist any more: it started at another boot. */
const DEAD_OWNER = JSON.stringify({ pid: process.pid, startTime: '1', bootId: 'another boot' })

/** The folder of an open call as the disk holds it after 200 packets, to be copied and damaged. */
async function openFolder(t: Parameters<typeof answeredCall>[0]) {
  const call = await answeredCall(t)
  call.answer()
  const { caller, agent } = talk(call, 200)
  // Until the flusher has handed everything over; the journals stay open.
  for (const { file, stats } of [caller, agent])
    while (statSync(join(call.archive.folder, file)).size < stats.fileBytes) await setTimeout(10)
  const copy = join(call.root, 'copy')
  cpSync(call.archive.folder, copy, { recursive: true })
  writeFileSync(join(copy, 'call.lock'), DEAD_OWNER)
  t.teardown(() => call.archive.discard())
  return { ...call, copy }
}

function orphan(root: string, copy: string): string {
  const folder = join(root, '2026-01-02', newId('call'))
  mkdirSync(join(root, '2026-01-02'), { recursive: true })
  cpSync(copy, folder, { recursive: true })
  return folder
}

t.test('[RE20] a call cut off at any byte of a track is sealed with everything before the cut', async t => {
  const { copy, key, root } = await openFolder(t)
  const bytes = statSync(join(copy, 'tracks/caller-voice-1.rtpj')).size
  const work = join(root, 'work')
  const cuts = new Map<string, number>()
  // Around the header, at every byte of some records, and spread over the rest.
  const at = [0, 1, 7, 8, 11, 12, 40, ...Array.from({ length: 60 }, (_, i) => bytes - 3 * i), ...spread(bytes, 40)]
  for (const cut of at) {
    const folder = orphan(work, copy)
    truncateSync(join(folder, 'tracks/caller-voice-1.rtpj'), cut)
    cuts.set(folder, cut)
  }
  const calls = await recoverOrphans(work, key, quietLog)
  t.equal(calls.length, at.length)
  let whole = 0
  for (const call of calls) {
    const cut = cuts.get(call.folder) ?? -1
    if (call.outcome !== 'sealed') throw new Error(`cut at ${cut}: ${call.outcome}`)
    const { manifest } = call
    t.strictSame(manifest.end, { cause: 'server-crashed' }, `cut at ${cut}`)
    const verdict = await verifyArchive(new PlainCallFiles(call.folder), { trustedKeys: [key.publicKeyPem] })
    if (!verdict.intact) t.fail(`cut at ${cut}: ${JSON.stringify(verdict.problems)}`)
    const track = manifest.tracks.find(track => track.track === 'caller-voice')
    if (track === undefined) t.ok(cut < 300, 'only a torn header loses a track')
    // 182 bytes a record, at most one of them torn.
    else if (track.packets < Math.floor((cut - 800) / 182) - 4) t.fail(`cut at ${cut}: only ${track.packets} packets`)
    else whole += 1
    t.equal(manifest.tracks.find(track => track.track === 'agent-voice')?.packets, 200)
    t.notOk(existsSync(join(call.folder, 'call.lock')))
  }
  t.ok(whole > 90)
})

t.test('[RE21] a journal cut off at any byte keeps every whole entry', async t => {
  const { copy, key, root } = await openFolder(t)
  const lines = readFileSync(join(copy, 'journal.jsonl'), 'utf8').split('\n')
  const bytes = statSync(join(copy, 'journal.jsonl')).size
  const firstLine = Buffer.byteLength(`${lines[0]}\n`)
  for (let cut = 0; cut <= bytes; cut += 13) {
    const work = join(root, `work-${cut}`)
    const folder = orphan(work, copy)
    truncateSync(join(folder, 'journal.jsonl'), cut)
    const [call] = await recoverOrphans(work, key, quietLog)
    if (cut === 0) t.match(call, { outcome: 'unreadable', reason: 'there is media but no journal' })
    else if (cut < firstLine) t.match(call, { outcome: 'unreadable' }, 'nothing is thrown away')
    else {
      t.ok((await verifyArchive(new PlainCallFiles(folder))).intact, `cut at ${cut}`)
      const { entries } = await readCallJournal(join(folder, 'journal.jsonl'))
      const kept = readFileSync(join(copy, 'journal.jsonl')).subarray(0, cut).toString().split('\n').length - 1
      t.equal(entries.length, kept + 1, 'all whole lines and the end')
      t.match(entries.at(-1), { type: 'call.ended', end: { cause: 'server-crashed' }, atMs: 4000 })
    }
  }
})

t.test('[RE22] bytes that were never written (a power cut leaves zeros) are cut off', async t => {
  const { copy, key, root } = await openFolder(t)
  const work = join(root, 'work')
  const folder = orphan(work, copy)
  const track = join(folder, 'tracks/agent-voice-1.rtpj')
  writeFileSync(track, Buffer.concat([readFileSync(track), Buffer.alloc(5000)]))
  const [call] = await recoverOrphans(work, key, quietLog)
  if (call?.outcome !== 'sealed') throw new Error('not sealed')
  t.match(call.manifest.remarks.join('\n'), /agent-voice-1\.rtpj: 5000 torn bytes removed/)
  t.ok((await verifyArchive(new PlainCallFiles(folder))).intact)
})

t.test('[RE23] living calls, sealed calls and half-made folders', async t => {
  const call = await answeredCall(t)
  call.answer()
  t.strictSame(await recoverOrphans(call.root, call.key, quietLog), [], 'the folder of a living process is left alone')
  await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  t.strictSame(await recoverOrphans(call.root, call.key, quietLog), [], 'a sealed call is no orphan')
  writeFileSync(join(call.archive.folder, 'call.lock'), DEAD_OWNER)
  t.match(await recoverOrphans(call.root, call.key, quietLog), [{ outcome: 'already-sealed' }])
  t.notOk(existsSync(join(call.archive.folder, 'call.lock')))
  const half = join(call.root, '2026-01-02', `.${newId('call')}`)
  mkdirSync(join(half, 'tracks'), { recursive: true })
  t.match(await recoverOrphans(call.root, call.key, quietLog), [{ folder: half, outcome: 'discarded' }])
  t.notOk(existsSync(half))
})

t.test('[RE24] kill -9 loses at most a second of media and no entry that anyone was told of', async t => {
  const root = await temporaryFolder(t)
  const child = fork(new URL('../doomed-call.ts', import.meta.url), [root], { execArgv: [] })
  let told = -1
  let sentAtMs = 0
  child.on('message', (message: { told?: number; sentAtMs?: number }) => {
    told = message.told ?? told
    sentAtMs = message.sentAtMs ?? sentAtMs
    if (sentAtMs > 2500) child.kill('SIGKILL')
  })
  await once(child, 'exit')
  t.ok(told > 20, `${told} entries were told`)
  const key = await SealKey.loadOrCreate(join(root, 'keys'))
  const [call] = await recoverOrphans(root, key, quietLog)
  if (call?.outcome !== 'sealed') throw new Error('not sealed')
  t.ok((await verifyArchive(new PlainCallFiles(call.folder), { trustedKeys: [key.publicKeyPem] })).intact)
  t.ok(call.manifest.journal.entries > told, 'every told entry is there')
  for (const track of call.manifest.tracks) {
    t.ok(sentAtMs - track.endsAtMs < 1000, `${track.file}: lost ${Math.round(sentAtMs - track.endsAtMs)} ms`)
  }
  t.equal(call.manifest.tracks.length, 3)
  t.equal(readdirSync(join(call.folder, 'pages')).length, 1, 'files that were acknowledged are there')
})

function spread(total: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor((total * (i + 0.5)) / count))
}
