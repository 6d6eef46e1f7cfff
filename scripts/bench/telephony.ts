/**
 * Recorded voice calls at the same time on the whole real server: telephones (SIP and RTP of our own simulated phone) and as many
 * SIMULATED agents (real WebSocket and DTLS-SRTP, no browser), no pictures.
 *
 *   node scripts/bench/telephony.ts [calls=50] [seconds=30]
 *
 * Prints CPU and memory per call, what we add from INVITE to ringing and from the agent's first word to the 200, how much later
 * a voice leaves the server than it came in (both ways, beside a bare socket), the event loop’s delay (as Node tells it: a timer
 * of 10 ms, so 10 is an idle loop), and how many of the
 * packets that the telephones sent are in the sealed records. Every packet carries the time of its sending; both ends are
 * this one process, so the times hold its own work too (`floor` shows how much).
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { readManifest } from '../../test/harness/archive-reader.ts'
import { until } from '../../test/harness/until.ts'
import { decodeG711 } from '../simulated-caller/g711.ts'
import { readRtp } from '../simulated-caller/rtp-packet.ts'
import { wallClockMs } from '../simulated-caller/voice-stream.ts'
import { BenchServer } from './bench-server.ts'
import { usageOf } from './process-usage.ts'
import { delayRows, printTable, round, spreadCells, surroundings, writeReport } from './report.ts'
import { Pacer } from './simulated/pacer.ts'
import { stamped, stampOf } from './simulated/time-stamp.ts'
import { startVoiceSession, type VoiceSession } from './simulated/voice-session.ts'
import { endAfter } from './time-limit.ts'

const calls = Number(process.argv[2] ?? 50)
const seconds = Number(process.argv[3] ?? 30)
const SETTLE_MS = 3000
/** Calls whose packets are timed; the others only make load, so that this process is not what is measured. */
const TIMED = 4

const finished = endAfter((seconds + calls * 3 + 180) * 1000)
const before = surroundings()
const server = await BenchServer.start({ agents: calls })
const pacer = new Pacer()
const sessions: VoiceSession[] = []
const times = { toAgent: [] as number[], toCaller: [] as number[], floor: [] as number[] }
let counting = false
const note = (list: number[], sentMs: number | undefined) => {
  if (counting && sentMs !== undefined) list.push((wallClockMs() - sentMs) * 1000)
}
const echo = createSocket('udp4').bind(0, '127.0.0.1')
const pinger = createSocket('udp4').bind(0, '127.0.0.1')

/** Of the server's main process, since this was asked last. */
async function lagMs(): Promise<{ p50: number; p99: number; max: number }> {
  const text = await (await server.server.plain('/metrics')).text()
  const value = (name: string) =>
    1000 * Number(new RegExp(`^nodejs_eventloop_lag_${name}_seconds ([\\d.e+-]+)`, 'm').exec(text)?.[1] ?? Number.NaN)
  return { p50: value('p50'), p99: value('p99'), max: value('max') }
}

try {
  await Promise.all([once(echo, 'listening'), once(pinger, 'listening')])
  echo.on('message', (packet, from) => echo.send(packet, from.port, from.address))
  pinger.on('message', packet => note(times.floor, stampOf(packet)))
  await sleep(SETTLE_MS)
  const idle = await server.usage()
  for (let index = 0; index < calls; index += 1) {
    const says = (_from: number, count: number) => decodeG711('PCMU', stamped(count))
    const session = await startVoiceSession(server, index, says)
    sessions.push(session)
    pacer.every(20, (index * 0.618) % 1, () => session.agent.speak(stamped(160)))
    if (index >= TIMED) continue
    session.agent.opensAll = true
    session.agent.onRtp = (kind, rtp) => {
      if (kind === 'audio') note(times.toAgent, stampOf(readRtp(rtp)?.payload ?? rtp))
    }
  }
  pacer.every(20, 0.4, () => pinger.send(stamped(160), echo.address().port, '127.0.0.1'))
  await sleep(SETTLE_MS)
  const heardFrom = sessions.map(one => one.call.voice.heard.length)
  await lagMs()
  const [from, ownFrom, fromMs] = [await server.usage(), await usageOf(process.pid), performance.now()]
  counting = true
  await sleep(seconds * 1000)
  counting = false
  const [to, ownTo, ms] = [await server.usage(), await usageOf(process.pid), performance.now() - fromMs]
  const lag = await lagMs()
  for (const [index, session] of sessions.slice(0, TIMED).entries())
    for (const packet of session.call.voice.heard.slice(heardFrom[index])) {
      const sentMs = stampOf(packet.payload)
      if (sentMs !== undefined) times.toCaller.push((packet.atMs - sentMs) * 1000)
    }

  const percent = (a: { cpuMs: number }, b: { cpuMs: number }) => ((b.cpuMs - a.cpuMs) / ms) * 100
  const [main, worker] = [percent(from.main, to.main), percent(from.worker, to.worker)]
  const grown = to.main.pssBytes - idle.main.pssBytes + to.worker.pssBytes - idle.worker.pssBytes
  const load = {
    calls,
    'main %': round(main),
    'worker %': round(worker),
    'CPU %/call': round((main + worker) / calls, 3),
    'main MB': round(to.main.pssBytes / 2 ** 20),
    'worker MB': round(to.worker.pssBytes / 2 ** 20),
    'MB/call': round(grown / 2 ** 20 / calls, 2),
    'loop delay p50 ms': round(lag.p50, 2),
    'loop delay p99 ms': round(lag.p99, 2),
    'loop delay max ms': round(lag.max, 1),
    'generator %': ownFrom && ownTo ? round(percent(ownFrom, ownTo)) : undefined,
    'frames skipped': pacer.skipped,
  }
  printTable(`${calls} recorded voice calls at once for ${seconds} s (% of one core)`, [load])
  const setUp = [
    { 'ms from': 'INVITE to 180 (post-dial delay we add)', ...spreadCells(sessions.map(one => one.ringMs)) },
    { 'ms from': 'agent’s first packet to 200', ...spreadCells(sessions.map(one => one.answerMs)) },
  ]
  printTable('Setting up, one call after the other', setUp)
  const delays = delayRows([
    ['floor: bare socket and back', times.floor],
    ['telephone → agent', times.toAgent],
    ['agent → telephone', times.toCaller],
  ])
  printTable('Delay we add, one way, in µs', delays)

  pacer.close()
  const drops = await server.drops()
  // The telephones stop first, so that what they sent has arrived when the tracks close.
  for (const one of sessions) one.call.voice.muted = true
  await sleep(500)
  const sent = sessions.reduce((sum, one) => sum + one.call.voice.packetsSent, 0)
  await Promise.all(sessions.map(one => one.agent.hangUp()))
  const folders = await until(
    'all records to be sealed',
    async () => {
      const found: string[] = []
      for (const folder of await server.server.archives())
        if (await readManifest(folder).catch(() => undefined)) found.push(folder)
      return found.length === sessions.length && found
    },
    { timeoutMs: 120_000, everyMs: 500 },
  )
  const manifests = await Promise.all(folders.map(folder => readManifest(folder)))
  const sums = (name: string) => {
    const tracks = manifests.flatMap(manifest => manifest.tracks.filter(track => track.track === name))
    const sum = (of: 'packets' | 'packetsReceived') => tracks.reduce((total, track) => total + track[of], 0)
    return { received: sum('packetsReceived'), journalled: sum('packets') }
  }
  const caller = sums('caller-voice')
  const agent = sums('agent-voice')
  const completeness = [
    {
      track: 'caller-voice',
      sent,
      'dropped by kernel': drops.telephones,
      ...caller,
      'journalled / sent': round(caller.journalled / sent, 5),
    },
    { track: 'agent-voice', ...agent, 'journalled / received': round(agent.journalled / agent.received, 5) },
  ]
  printTable('Completeness of the sealed records (sums over all calls)', completeness)
  const findings = manifests.flatMap(manifest => manifest.findings ?? [])
  console.log(`\nfindings of the reconciliation: ${findings.length}`)
  await writeReport('telephony', {
    ...{ surroundings: before, calls, seconds, load, setUp, delays, completeness },
    findings: findings.length,
  })
} catch (error) {
  console.error(error, server.server.output.join('').slice(-3000))
  process.exitCode = 1
} finally {
  pacer.close()
  echo.close()
  pinger.close()
  for (const session of sessions) session.close()
  await server.close()
  finished()
}
