/**
 * Whether memory grows with calls: short recorded calls on the whole real server, one batch after the other. Telephones are our
 * simulated ones, agents SIMULATED (real WebSocket and DTLS-SRTP, no browser) and used again for the next call.
 *
 *   node scripts/bench/telephony-slope.ts [calls=10000] [perSecond=8] [limitMinutes=40]
 *
 * After each 5 % of the calls the server's heap is read after a full collection, with PSS of the main process and of the media
 * worker; the slope is that of a straight line through all samples after the first quarter (caches, compiled code). Jobs that
 * wait (derivatives are made at the lowest priority) take memory too, so they are counted, and at the end the server is read once
 * more when none waits. Ends by itself when the calls are made or the time is up, and says how many there were.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { until, within } from '../../test/harness/until.ts'
import { silence } from '../simulated-caller/sample-source.ts'
import { SipPhone } from '../simulated-caller/sip-phone.ts'
import { BenchServer } from './bench-server.ts'
import { printTable, round, spreadCells, surroundings, writeReport } from './report.ts'
import { SimulatedAgent } from './simulated/simulated-agent.ts'
import { endAfter } from './time-limit.ts'

const calls = Number(process.argv[2] ?? 10_000)
const perSecond = Number(process.argv[3] ?? 8)
const limitMs = Number(process.argv[4] ?? 40) * 60_000
/** From the answer to the hang-up. */
const TALK_MS = 400
const AGENTS = Math.ceil(perSecond * 2) + 4
const SAMPLES = 20
const RENEW_MS = 5 * 60_000
/** How long the jobs after the calls may take. */
const DRAIN_MS = 20 * 60_000
/** In the server: on SIGUSR2 a full collection, then the heap as one line on stderr. */
const HEAP_ON_SIGNAL = `
import v8 from 'node:v8'
import vm from 'node:vm'
v8.setFlagsFromString('--expose-gc')
const gc = vm.runInNewContext('gc')
process.on('SIGUSR2', () => { gc(); gc(); const m = process.memoryUsage(); process.stderr.write('HEAP ' + m.heapUsed + ' ' + m.external + '\\n') })
`

type Sample = {
  calls: number
  jobsWaiting: number
  heapMb: number
  externalMb: number
  mainPssMb: number
  workerPssMb: number
}

const finished = endAfter(limitMs + DRAIN_MS + 120_000)
const before = surroundings()
const server = await BenchServer.start({
  agents: AGENTS,
  env: {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(HEAP_ON_SIGNAL)}`,
    // Ports rest after use: short calls need many.
    TONGPING_RTP_PORT_MAX: '26000',
    TONGPING_WEBRTC_PORT: '26050',
  },
})
const { output } = server.server
const free: { agent: SimulatedAgent; phone: SipPhone }[] = []
const all: { agent: SimulatedAgent; phone: SipPhone }[] = []
const samples: Sample[] = []
const setUpMs: number[] = []
const failures: string[] = []
let done = 0
let begun = 0
let renewing: NodeJS.Timeout | undefined

/** Derivatives that are being made or wait for it. */
async function jobs(): Promise<number> {
  const text = await (await server.server.plain('/metrics')).text()
  const counts = [...text.matchAll(/^tongping_derivatives\{.*\} (\d+)$/gm)].map(line => Number(line[1]))
  if (counts.length === 0) throw new Error('the server does not tell of its jobs')
  return counts.reduce((sum, count) => sum + count, 0)
}

async function sample(): Promise<void> {
  // What just ended is still being sealed.
  await sleep(2000)
  const from = output.length
  process.kill(server.server.pid, 'SIGUSR2')
  const line = await until('the heap', () => /HEAP (\d+) (\d+)/.exec(output.slice(from).join('')) ?? undefined, {
    timeoutMs: 20_000,
  })
  const { main, worker } = await server.usage()
  const mb = (bytes: number) => round(bytes / 2 ** 20, 2)
  samples.push({
    calls: done,
    jobsWaiting: await jobs(),
    heapMb: mb(Number(line[1])),
    externalMb: mb(Number(line[2])),
    mainPssMb: mb(main.pssBytes),
    workerPssMb: mb(worker.pssBytes),
  })
  output.length = 0
}

async function oneCall(pair: (typeof all)[number]): Promise<void> {
  const startMs = performance.now()
  const call = await pair.phone.call('4008001234', { says: silence, codecs: ['PCMU'] })
  let speaking: NodeJS.Timeout | undefined
  try {
    await within('the ringing', 10_000, call.rings)
    await pair.agent.answer(pair.phone.number)
    pair.agent.speak()
    speaking = setInterval(() => pair.agent.speak(), 20)
    await within('the answer', 10_000, call.answered)
    setUpMs.push(performance.now() - startMs)
    await sleep(TALK_MS)
    await within('the BYE', 10_000, call.hangUp())
  } finally {
    clearInterval(speaking)
    pair.agent.leave()
    if (!call.isOver) await call.hangUp().catch(() => undefined)
  }
}

/** Least squares: units of y for one of x. */
function slope(points: readonly (readonly [number, number])[]): number {
  const n = points.length
  const [meanX, meanY] = [0, 1].map(axis => points.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / n) as [
    number,
    number,
  ]
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return over / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}

try {
  for (let index = 0; index < AGENTS; index += 1) {
    const number = `137${String(index).padStart(8, '0')}`
    const agent = await SimulatedAgent.signIn(server.server.url, server.agent(index))
    all.push({ agent, phone: await SipPhone.create({ server: server.server.sip('udp'), number }) })
  }
  free.push(...all)
  renewing = setInterval(() => {
    for (const { agent } of all)
      void agent.renew().catch(error => failures.push(`renewing a session: ${String(error).slice(0, 150)}`))
  }, RENEW_MS)
  await sample()
  const startMs = performance.now()
  const running = new Set<Promise<void>>()
  let nextSample = Math.ceil(calls / SAMPLES)
  let pausedMs = 0
  while (begun < calls && performance.now() - startMs < limitMs) {
    const dueMs = startMs + pausedMs + (begun / perSecond) * 1000
    await sleep(Math.max(1, dueMs - performance.now()))
    const pair = free.shift()
    // Everybody speaks: the machine cannot do more a second.
    if (pair === undefined) continue
    begun += 1
    const call = oneCall(pair)
      .catch(error => void failures.push(String(error).slice(0, 200)))
      .finally(() => {
        done += 1
        free.push(pair)
        running.delete(call)
      })
    running.add(call)
    if (begun < nextSample) continue
    const fromMs = performance.now()
    await Promise.all(running)
    await sample()
    nextSample += Math.ceil(calls / SAMPLES)
    pausedMs += performance.now() - fromMs
  }
  await Promise.all(running)
  const ranMs = performance.now() - startMs - pausedMs
  if (samples.at(-1)?.calls !== done) await sample()
  const settled = samples.filter(one => one.calls >= done / 4)
  await until('the last job', async () => (await jobs()) === 0, { timeoutMs: DRAIN_MS, everyMs: 1000 }).catch(() => {})
  await sample()
  const perCall = (of: Exclude<keyof Sample, 'calls' | 'jobsWaiting'>) =>
    settled.length < 3 ? undefined : round(slope(settled.map(one => [one.calls, one[of] * 1024] as const)), 3)
  const row = {
    calls: done,
    failed: failures.length,
    'calls/s': round(done / (ranMs / 1000)),
    'heap KB/call': perCall('heapMb'),
    'external KB/call': perCall('externalMb'),
    'main PSS KB/call': perCall('mainPssMb'),
    'worker PSS KB/call': perCall('workerPssMb'),
  }
  printTable(
    'Memory while calls come and go (heap after a full collection; last line: when no job waited any more)',
    samples,
  )
  printTable('Slope by regression, first quarter left out', [row])
  printTable('INVITE to 200 with the agent’s part (ms)', [spreadCells(setUpMs)])
  for (const failure of failures.slice(0, 5)) console.log(failure)
  await writeReport('telephony-slope', {
    ...{ surroundings: before, calls, perSecond, talkMs: TALK_MS, row, samples },
    setUp: spreadCells(setUpMs),
    failures: failures.slice(0, 20),
  })
} catch (error) {
  console.error(error, output.join('').slice(-3000))
  process.exitCode = 1
} finally {
  clearInterval(renewing)
  for (const { agent, phone } of all) {
    agent.close()
    phone.close()
  }
  await server.close()
  finished()
}
