/**
 * How much later a packet leaves the server than it came in, through the real server: voice telephone → agent (media edge,
 * DirectTransport, mediasoup, SRTP), voice agent → telephone, and picture phone → agent (mediasoup alone, SRTP both ways).
 *
 *   node scripts/bench/forwarding.ts [seconds=20] [calls=1] [recording=on|off]
 *
 * Every packet carries the time of its sending; both ends are this one process. So the times hold, besides the server, this
 * process's encryption, two sends through the kernel and the waiting for two event loops: `floor` is the same without a
 * server (a bare socket that sends back). Other calls than the first only make load.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeG711 } from '../simulated-caller/g711.ts'
import { readRtp } from '../simulated-caller/rtp-packet.ts'
import type { SampleSource } from '../simulated-caller/sample-source.ts'
import { wallClockMs } from '../simulated-caller/voice-stream.ts'
import { BenchServer } from './bench-server.ts'
import { delayRows, printTable, round, surroundings, writeReport } from './report.ts'
import { Pacer } from './simulated/pacer.ts'
import { type SimulatedSession, startSession } from './simulated/session.ts'
import { STAMP_BYTES, stamped, stampOf } from './simulated/time-stamp.ts'
import { FILM, packetsPerSecond, vp8Film } from './simulated/vp8-film.ts'
import { endAfter } from './time-limit.ts'

const seconds = Number(process.argv[2] ?? 20)
const calls = Number(process.argv[3] ?? 1)
const recording = process.argv[4] === 'off' ? 'off' : 'on'
const WARM_UP_MS = 4000
const finished = endAfter((seconds + calls * 4 + 90) * 1000)
const before = surroundings()
const film = await vp8Film(1400)
const scenario = join(tmpdir(), `tongping-bench-unrecorded-${process.pid}.json`)
if (recording === 'off') {
  const title = { 'zh-CN': '不录', en: 'Unrecorded' }
  const rule = { id: 'unrecorded', title, tools: [], consents: { recording: 'optional' }, documentFields: 'none' }
  const off = { ...rule, retentionClass: 'bench', recording: { voice: 'off', picture: 'off' } }
  await writeFile(scenario, JSON.stringify([off]))
}
const server = await BenchServer.start({
  agents: calls,
  ...(recording === 'off' && { env: { TONGPING_SCENARIOS_FILE: scenario } }),
})
const pacer = new Pacer()
const sessions: SimulatedSession[] = []
const times = { toAgent: [] as number[], toCaller: [] as number[], picture: [] as number[], floor: [] as number[] }
let counting = false
const note = (list: number[], sentMs: number | undefined) => {
  if (counting && sentMs !== undefined) list.push((wallClockMs() - sentMs) * 1000)
}

const echo = createSocket('udp4').bind(0, '127.0.0.1')
const pinger = createSocket('udp4').bind(0, '127.0.0.1')
try {
  await Promise.all([once(echo, 'listening'), once(pinger, 'listening')])
  // The sockets' work is part of the floor, once there and once back, like into and out of the server.
  echo.on('message', (packet, from) => echo.send(packet, from.port, from.address))
  pinger.on('message', packet => note(times.floor, stampOf(packet)))
  const says: SampleSource = (_from, count) => decodeG711('PCMU', stamped(count))
  for (let index = 0; index < calls; index += 1) {
    const session = await startSession(server, index, film, says)
    sessions.push(session)
    const { agent, camera } = session
    const phase = (index * 0.618) % 1
    const stampPacket = (payload: Buffer) =>
      payload.length < 64 ? payload : Buffer.concat([payload.subarray(0, -STAMP_BYTES), stamped(STAMP_BYTES)])
    pacer.every(20, phase, () => agent.speak(stamped(160)))
    if (index > 0) pacer.every(1000 / FILM.fps, phase, () => camera.sendFrame())
    // One packet at a time: in a burst of a whole frame the last ones would wait for this process, not for the server.
    else pacer.every(1000 / packetsPerSecond(film), phase, () => camera.sendPacket(stampPacket))
    pacer.every(1000, phase, () => camera.sendReport())
    if (index > 0) continue
    pacer.every(20, 0.4, () => pinger.send(stamped(160), echo.address().port, '127.0.0.1'))
    agent.opensAll = true
    agent.onRtp = (kind, rtp) => {
      // mediasoup adds a header extension (MID), so the payload is looked for.
      if (kind === 'audio') note(times.toAgent, stampOf(readRtp(rtp)?.payload ?? rtp))
      else note(times.picture, stampOf(rtp.subarray(-STAMP_BYTES)))
    }
  }
  const [first] = sessions
  if (!first) throw new Error('at least one call')
  await sleep(WARM_UP_MS)
  const heardBefore = first.call.voice.heard.length
  counting = true
  await sleep(seconds * 1000)
  counting = false
  for (const packet of first.call.voice.heard.slice(heardBefore)) {
    const sentMs = stampOf(packet.payload)
    if (sentMs !== undefined) times.toCaller.push((packet.atMs - sentMs) * 1000)
  }
  const rows = delayRows([
    ['floor: bare socket and back', times.floor],
    ['voice, telephone → agent', times.toAgent],
    ['voice, agent → telephone', times.toCaller],
    ['picture, phone → agent (mediasoup)', times.picture],
  ])
  printTable(
    `One-way times in µs, ${calls} call(s), recording ${recording}, ${round(packetsPerSecond(film), 0)} picture packets/s each`,
    rows,
  )
  await writeReport(recording === 'on' ? 'forwarding' : 'forwarding-unrecorded', {
    ...{ surroundings: before, seconds, calls, recording, unit: 'µs', rows },
  })
  await Promise.all(sessions.map(one => one.agent.hangUp()))
} catch (error) {
  console.error(error, server.server.output.join('').slice(-3000))
  process.exitCode = 1
} finally {
  pacer.close()
  echo.close()
  pinger.close()
  for (const session of sessions) session.close()
  await server.close()
  await rm(scenario, { force: true })
  finished()
}
