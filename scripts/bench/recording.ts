/**
 * What recording costs: simulated sessions (1.5 Mbit/s camera, two G.711 voices) written to real files at real pace.
 *
 *   node scripts/bench/recording.ts [sessions=50] [seconds=20] [folder=/tmp]
 *
 * Prints CPU of the journals in % of one core per session (all threads, hashing and fdatasync included; the packet
 * generator's own share is measured first and taken off), how long the disk takes to confirm (fdatasync), memory per session,
 * and completeness. The packets are made up; nothing
 * else is: the writer is the one that calls use. It removes its files afterwards.
 */
import fs from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import { SealKey } from '../../recordings/seal/seal-key.ts'
import { verifyArchive } from '../../recordings/seal/verify-archive.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { printTable, round, spreadCells, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

const sessions = Number(process.argv[2] ?? 50)
const seconds = Number(process.argv[3] ?? 20)
const parent = process.argv[4] ?? tmpdir()
const finished = endAfter((seconds + 90) * 1000)
const before = surroundings()

/** How long the disk took to confirm, in ms: the recorder's own calls, seen from outside. */
const syncMs: number[] = []
const { fdatasync } = fs
Object.assign(fs, {
  fdatasync: (fd: number, done: (error: NodeJS.ErrnoException | null) => void) => {
    const from = performance.now()
    fdatasync(fd, error => {
      syncMs.push(performance.now() - from)
      done(error)
    })
  },
})
syncBuiltinESMExports()

const log = { debug() {}, info() {}, warn: console.error, error: console.error }
const startedMs = performance.now()
const nowMs = () => performance.now() - startedMs
const voice = Buffer.alloc(172, 0x55)
const picture = Buffer.alloc(1200, 0xaa)

type Sink = { rtp(packet: Buffer): void }
type Session = { caller: Sink; agent: Sink; camera: Sink }

/** Every 20 ms: one packet of each voice and about three of the camera for each session. */
async function pour(
  targets: readonly Session[],
  ms: number,
): Promise<{ cpuMs: number; wallMs: number; packets: number }> {
  const before = process.cpuUsage()
  const from = performance.now()
  let packets = 0
  for (let tick = 0; performance.now() - from < ms; tick++) {
    for (const { caller, agent, camera } of targets) {
      caller.rtp(voice)
      agent.rtp(voice)
      const count = tick % 8 === 0 ? 4 : 3
      for (let i = 0; i < count; i++) camera.rtp(picture)
      packets += 2 + count
    }
    await setTimeout(Math.max(0, from + (tick + 1) * 20 - performance.now()))
  }
  const used = process.cpuUsage(before)
  return { cpuMs: (used.user + used.system) / 1000, wallMs: performance.now() - from, packets }
}

const root = await mkdtemp(join(parent, 'bench-recording-'))
try {
  let sum = 0
  const nowhere: Sink = {
    rtp: packet => {
      sum += packet.length + nowMs()
    },
  }
  const idle = Array.from({ length: sessions }, () => ({ caller: nowhere, agent: nowhere, camera: nowhere }))
  await pour(idle, 2000)
  const base = await pour(idle, 5000)

  const archives: CallArchive[] = []
  const degraded: string[] = []
  globalThis.gc?.()
  const rssBefore = process.memoryUsage().rss
  const targets: Session[] = []
  const key = await SealKey.loadOrCreate(join(root, 'keys'))
  const agent = { id: newId('user'), name: 'bench' }
  const wallClock = new Date().toISOString()
  for (let i = 0; i < sessions; i++) {
    const callId = newId('call')
    const archive = await CallArchive.open({ root, callId, nowMs, logger: log, onDegraded: r => degraded.push(r) })
    archive.journal.append({ type: 'call.answered', callId, wallClock, from: '1', to: '2', agent, voiceCodec: 'PCMA' })
    const g711 = { codec: 'PCMA', payloadType: 8, clockRate: 8000 }
    archives.push(archive)
    targets.push({
      caller: archive.openTrack({ track: 'caller-voice', ...g711 }),
      agent: archive.openTrack({ track: 'agent-voice', ...g711 }),
      camera: archive.openTrack({ track: 'caller-camera', codec: 'VP8', payloadType: 96, clockRate: 90_000 }),
    })
  }
  await pour(targets, 2000)
  syncMs.length = 0
  const run = await pour(targets, seconds * 1000)
  const confirmed = [...syncMs]
  const rss = process.memoryUsage().rss - rssBefore
  const cpu = run.cpuMs / run.wallMs - base.cpuMs / base.wallMs
  const facts = { from: '1', to: '2', agent, answeredAt: wallClock, participants: [] }
  const sealStart = process.cpuUsage()
  const sealed = await Promise.all(
    archives.map(archive => archive.seal({ end: { cause: 'server-stopped' }, facts, key })),
  )
  const sealCpu = process.cpuUsage(sealStart)
  const tracks = sealed.flatMap(manifest => manifest.tracks)
  const kept = tracks.reduce((total, track) => total + track.packets, 0)
  const received = tracks.reduce((total, track) => total + track.packetsReceived, 0)
  const verdict = await verifyArchive(new PlainCallFiles(archives[0]?.folder ?? ''), {
    trustedKeys: [key.publicKeyPem],
  })
  const row = {
    sessions,
    'journals, % of a core/session': round((cpu * 100) / sessions, 4),
    'generator, %/session': round((base.cpuMs / base.wallMs / sessions) * 100, 4),
    'memory KB/session': Math.round(rss / 1024 / sessions),
    'seal, CPU ms/session': round((sealCpu.user + sealCpu.system) / 1000 / sessions),
    packets: received,
    'journalled / received': kept / received,
    'first archive intact': String(verdict.intact),
    'degraded calls': degraded.length,
    // Keeps the idle generator's work from being optimised away.
    checked: sum > 0 ? 'yes' : 'no',
  }
  printTable(`Recording to files, ${sessions} sessions for ${seconds} s`, [row])
  const syncs = [{ 'a second': round(confirmed.length / seconds, 0), ...spreadCells(confirmed, 1) }]
  printTable('fdatasync (ms), two at a time at most', syncs)
  await writeReport('recording', { surroundings: before, seconds, rows: [row], syncs })
} finally {
  finished()
  await rm(root, { recursive: true, force: true })
}
