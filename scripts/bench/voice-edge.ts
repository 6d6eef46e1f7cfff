import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { PortPool } from '../../media/edge/port-pool.ts'
import { VoiceEdge } from '../../media/edge/voice-edge.ts'
import { printTable, type Row, round, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

/**
 * What the media edge adds to the voice: two legs per call, the voice of each handed to the other, on loopback.
 * `node scripts/bench/voice-edge.ts [calls…]` prints two lines per number of calls, first the floor: a bare UDP forwarder
 * in the same Node doing nothing else.
 */
const SECONDS = 10
const callCounts = process.argv.slice(2).map(Number)
const rows: Row[] = []
const before = surroundings()
const quiet = { debug() {}, warn() {}, info() {}, error() {} }

const offer = (port: number) =>
  `v=0\r\no=bench 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`

async function run(name: string, calls: number, ports: readonly number[]): Promise<void> {
  const before = process.cpuUsage()
  const startedMs = performance.now()
  const load = spawn(
    process.execPath,
    [join(import.meta.dirname, 'voice-load.ts'), `${SECONDS}`, ...ports.map(String)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const result = JSON.parse(await text(load.stdout))
  const cpu = process.cpuUsage(before)
  const cpuPercent = (cpu.user + cpu.system) / 1000 / (performance.now() - startedMs) / 0.01
  rows.push({
    path: name,
    calls,
    'p50 µs': round(result.p50Us, 0),
    'p99 µs': round(result.p99Us, 0),
    'max µs': round(result.maxUs, 0),
    sent: result.sent,
    lost: result.sent - result.received,
    '% of a core': round(cpuPercent),
    '% a call': round(cpuPercent / calls, 3),
  })
}

/** A pair of sockets that only hand packets over. */
async function forwarder(): Promise<{ ports: number[]; close(): void }> {
  const sockets = [createSocket('udp4'), createSocket('udp4')] as const
  for (const socket of sockets) {
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  }
  const peers: number[] = []
  sockets.forEach((socket, index) => {
    socket.on('message', (packet, from) => {
      peers[index] = from.port
      const to = peers[1 - index]
      if (to !== undefined) sockets[index === 0 ? 1 : 0].send(packet, to, '127.0.0.1')
    })
  })
  return { ports: sockets.map(socket => socket.address().port), close: () => sockets.map(socket => socket.close()) }
}

async function edgePair(pool: PortPool): Promise<{ ports: number[]; close(): Promise<unknown> }> {
  const make = () =>
    VoiceEdge.create({
      ports: pool,
      listenAddress: '127.0.0.1',
      announcedAddress: '127.0.0.1',
      sipSourceAddress: '127.0.0.1',
      logger: quiet,
      inactivityMs: 60_000,
      nowMs: () => performance.now(),
    })
  const edges = await Promise.all([make(), make()])
  const [one, two] = edges
  one.onVoice(rtp => two.sendVoice(rtp))
  two.onVoice(rtp => one.sendVoice(rtp))
  for (const edge of edges) {
    edge.answer(offer(9))
    edge.startSilence()
  }
  return { ports: edges.map(edge => edge.rtpPort), close: () => Promise.all(edges.map(edge => edge.close())) }
}

const counts = callCounts.length > 0 ? callCounts : [1, 10, 50, 100]
const finished = endAfter((counts.length * 2 * (SECONDS + 5) + 30) * 1000)
for (const calls of counts) {
  const floors = await Promise.all(Array.from({ length: calls }, forwarder))
  await run(
    'bare UDP',
    calls,
    floors.flatMap(one => one.ports),
  )
  for (const one of floors) one.close()
  const pool = new PortPool({ minPort: 36_000, maxPort: 39_999 })
  const pairs = await Promise.all(Array.from({ length: calls }, () => edgePair(pool)))
  await run(
    'media edge',
    calls,
    pairs.flatMap(one => one.ports),
  )
  await Promise.all(pairs.map(pair => pair.close()))
}
printTable('Voice from leg to leg, one way', rows)
await writeReport('voice-edge', { surroundings: before, seconds: SECONDS, rows })
finished()
