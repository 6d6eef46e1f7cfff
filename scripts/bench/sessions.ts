/**
 * CPU and memory of the server per recorded session, at several numbers of sessions in one running server.
 *
 *   node scripts/bench/sessions.ts [sessions=1,10,25,50] [seconds=20] [kbps=1400]
 *
 * Each session: one telephone (real SIP; G.711 both ways, 50 packets/s), one simulated agent and one simulated phone page
 * (real WebSocket, ICE, DTLS and SRTP with AES-128-GCM; a real VP8 film). The server runs as its own processes, which are the
 * only ones counted. At the end all calls are hung up, sealed, and their manifests read for completeness.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { readManifest } from '../../test/harness/archive-reader.ts'
import { until } from '../../test/harness/until.ts'
import { BenchServer } from './bench-server.ts'
import type { Usage } from './process-usage.ts'
import { usageOf } from './process-usage.ts'
import { printTable, type Row, round, surroundings, writeReport } from './report.ts'
import { Pacer } from './simulated/pacer.ts'
import { type SimulatedSession, startSession } from './simulated/session.ts'
import { FILM, kilobitsPerSecond, packetsPerSecond, vp8Film } from './simulated/vp8-film.ts'
import { endAfter } from './time-limit.ts'

const SETTLE_MS = 3000
const counts = (process.argv[2] ?? '1,10,25,50').split(',').map(Number)
const seconds = Number(process.argv[3] ?? 20)
const kbps = Number(process.argv[4] ?? 1400)
const most = Math.max(...counts)
const finished = endAfter((counts.length * (seconds + 30) + most * 4 + 120) * 1000)

const before = surroundings()
const film = await vp8Film(kbps)
const server = await BenchServer.start({ agents: most })
const pacer = new Pacer()
const sessions: SimulatedSession[] = []
const rows: Row[] = []
const setUpMs: number[] = []
let failed = false

/** CPU in % of one core over the span between two readings. */
const percent = (from: Usage, to: Usage, ms: number) => ((to.cpuMs - from.cpuMs) / ms) * 100
const traffic = () => ({
  camera: sessions.reduce((sum, one) => sum + one.camera.packetsSent, 0),
  caller: sessions.reduce((sum, one) => sum + one.call.voice.packetsSent, 0),
  agent: sessions.reduce((sum, one) => sum + one.agent.voicePacketsSent, 0),
  toAgent: sessions.reduce((sum, one) => sum + one.agent.received.rtp, 0),
  toCaller: sessions.reduce((sum, one) => sum + one.call.voice.heard.length, 0),
  notAuthentic: sessions.reduce((sum, one) => sum + one.agent.received.notAuthentic, 0),
})

async function measure(idle: Awaited<ReturnType<BenchServer['usage']>>): Promise<void> {
  await sleep(SETTLE_MS)
  const [from, sent, own, lost] = [await server.usage(), traffic(), await usageOf(process.pid), await server.drops()]
  const skipped = pacer.skipped
  const startMs = performance.now()
  await sleep(seconds * 1000)
  const [to, arrived, ownTo] = [await server.usage(), traffic(), await usageOf(process.pid)]
  const dropped = await server.drops()
  const ms = performance.now() - startMs
  const n = sessions.length
  const perSecond = (name: keyof typeof sent) => round(((arrived[name] - sent[name]) / ms / n) * 1000, 0)
  const main = percent(from.main, to.main, ms)
  const worker = percent(from.worker, to.worker, ms)
  const megabytes = (bytes: number) => round(bytes / 1024 / 1024, 1)
  rows.push({
    sessions: n,
    'main %': round(main),
    'worker %': round(worker),
    'main %/session': round(main / n, 3),
    'worker %/session': round(worker / n, 3),
    'main PSS MB': megabytes(to.main.pssBytes),
    'worker PSS MB': megabytes(to.worker.pssBytes),
    'added MB/session': megabytes(
      (to.main.pssBytes - idle.main.pssBytes + to.worker.pssBytes - idle.worker.pssBytes) / n,
    ),
    'camera in/s': perSecond('camera'),
    'voice in/s': perSecond('caller') + perSecond('agent'),
    'to agent/s': perSecond('toAgent'),
    'to caller/s': perSecond('toCaller'),
    'generator %': own && ownTo ? round(percent(own, ownTo, ms)) : undefined,
    'dropped by kernel': dropped.webrtc - lost.webrtc + dropped.telephones - lost.telephones,
    'frames skipped': pacer.skipped - skipped,
  })
}

try {
  await sleep(SETTLE_MS)
  const idleFrom = await server.usage()
  await sleep(5000)
  const idle = await server.usage()
  const idlePercent = round(percent(idleFrom.main, idle.main, 5000) + percent(idleFrom.worker, idle.worker, 5000))
  for (const count of counts) {
    while (sessions.length < count) {
      const index = sessions.length
      const startMs = performance.now()
      const session = await startSession(server, index, film)
      sessions.push(session)
      // Golden ratio: any number of sessions is spread evenly over a frame.
      const phase = (index * 0.618) % 1
      pacer.every(20, phase, () => session.agent.speak())
      pacer.every(1000 / FILM.fps, phase, () => session.camera.sendFrame())
      pacer.every(1000, phase, () => session.camera.sendReport())
      setUpMs.push(performance.now() - startMs)
    }
    console.log(`${count} sessions up; the last one took ${round(setUpMs.at(-1) ?? 0, 0)} ms`)
    await measure(idle)
  }
  printTable(
    `CPU and memory per recorded session (idle server: ${idlePercent} % of a core); film ${round(kilobitsPerSecond(film), 0)} kbit/s, ${round(packetsPerSecond(film), 0)} packets/s`,
    rows,
  )

  const sealStart = await server.usage()
  const skippedFrames = pacer.skipped
  const drops = await server.drops()
  // Cameras stop a moment before the calls, so that what was sent has arrived when the tracks close. Telephones speak on
  // until the BYE: a packet or two of each meets a closed port.
  pacer.close()
  await sleep(500)
  await Promise.all(sessions.map(one => one.agent.hangUp()))
  await Promise.all(sessions.map(one => one.call.ended))
  const total = traffic()
  const folders = await until(
    'all archives to be sealed',
    async () => {
      const found: string[] = []
      for (const folder of await server.server.archives()) {
        if (await readManifest(folder).catch(() => undefined)) found.push(folder)
      }
      return found.length === sessions.length && found
    },
    { timeoutMs: 60_000, everyMs: 250 },
  )
  const sealEnd = await server.usage()
  const manifests = await Promise.all(folders.map(folder => readManifest(folder)))
  const completeness = (['caller-camera', 'caller-voice', 'agent-voice'] as const).map(name => {
    const tracks = manifests.flatMap(manifest => manifest.tracks.filter(track => track.track === name))
    const kept = tracks.reduce((sum, track) => sum + track.packets, 0)
    const received = tracks.reduce((sum, track) => sum + track.packetsReceived, 0)
    const sent = name === 'caller-camera' ? total.camera : name === 'caller-voice' ? total.caller : undefined
    const dropped = name === 'caller-camera' ? drops.webrtc : name === 'caller-voice' ? drops.telephones : undefined
    return {
      track: name,
      sent,
      'dropped by kernel': dropped,
      received,
      journalled: kept,
      'journalled / received': kept / received,
    }
  })
  const remarks = manifests.flatMap(manifest => manifest.remarks)
  printTable('Recording completeness (sums over all calls, from their manifests)', completeness)
  console.log(`\nremarks of the recorder: ${remarks.length === 0 ? 'none' : remarks.join('; ')}`)
  console.log(`SRTP packets at the agents that were not authentic: ${total.notAuthentic} (one in 50 is checked)`)
  const sealMs = (sealEnd.main.cpuMs - sealStart.main.cpuMs) / sessions.length
  console.log(
    `sealing: ${round(sealMs)} ms of CPU a call in the main process, hang-up and replay jobs started included`,
  )
  await writeReport('sessions', {
    surroundings: before,
    film: { kbps: kilobitsPerSecond(film), packetsPerSecond: packetsPerSecond(film) },
    seconds,
    idlePercent,
    rows,
    completeness,
    remarks,
    skippedFrames,
    notAuthentic: total.notAuthentic,
    sealCpuMsPerCall: sealMs,
  })
} catch (error) {
  failed = true
  console.error(error, server.server.output.join('').slice(-3000))
} finally {
  pacer.close()
  for (const session of sessions) session.close()
  await server.close()
  finished()
}
if (failed) process.exitCode = 1
