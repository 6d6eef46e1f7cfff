/**
 * Calls set up a second: sipp calls with RTP (G.711 A-law from the answer to the BYE), at growing rates, into the embedded SIP
 * server with door, media edge and a sealed record for each call. Every call is answered at once by a SIMULATED agent
 * (telephony-node.ts): the media server and the agent's browser are not part of this; see telephony.ts for the whole.
 *
 *   node scripts/bench/telephony-setup.ts [rates=10,20,40,80] [seconds=10] [talkMs=3000]
 *
 * sipp takes its share of the same machine. Stops at the first rate at which calls fail.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { usageOf } from './process-usage.ts'
import { printTable, type Row, round, surroundings, writeReport } from './report.ts'
import { endAfter } from './time-limit.ts'

const rates = (process.argv[2] ?? '10,20,40,80').split(',').map(Number)
const seconds = Number(process.argv[3] ?? 10)
const talkMs = Number(process.argv[4] ?? 3000)
const SCENARIO = resolve(import.meta.dirname, 'sipp/voice-call.xml')

type Seen = Record<'calls' | 'live' | 'mostLive' | 'sealed' | 'failed' | 'received' | 'journalled' | 'lagP99Ms', number>

const finished = endAfter(rates.length * (seconds + talkMs / 1000 + 60) * 1000 + 30_000)
const before = surroundings()
const root = await mkdtemp(join(tmpdir(), 'tongping-bench-setup-'))
// Half a second of a quiet tone would do as well: what is said does not matter here.
await writeFile(join(root, 'voice.raw'), Buffer.alloc(8000, 0x55))
const rows: Row[] = []
let running: ChildProcess | undefined

/** One run of sipp; what its statistics say at the end. */
async function call(sipPort: number, rate: number): Promise<{ ok: number; failed: number; setUpMs: number }> {
  const cwd = await mkdtemp(join(root, 'sipp-'))
  await writeFile(join(cwd, 'voice.raw'), await readFile(join(root, 'voice.raw')))
  const child = spawn(
    'sipp',
    [
      ...['-sf', SCENARIO, '-s', '4008001234', '-nostdin', '-i', '127.0.0.1', '-mi', '127.0.0.1'],
      ...['-r', `${rate}`, '-m', `${rate * seconds}`, '-d', `${talkMs}`, '-l', '100000'],
      ...['-mp', '50000'],
      ...['-trace_stat', '-stf', join(cwd, 'stat.csv'), '-fd', '1'],
      ...['-timeout', `${seconds + talkMs / 1000 + 40}s`, `127.0.0.1:${sipPort}`],
    ],
    { cwd, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let complaint = ''
  child.stderr.on('data', (bytes: Buffer) => {
    complaint = (complaint + bytes.toString()).slice(-500)
  })
  await once(child, 'exit')
  const lines = (await readFile(join(cwd, 'stat.csv'), 'utf8').catch(() => '')).trim().split('\n')
  const [names, last] = [lines[0]?.split(';') ?? [], lines.at(-1)?.split(';') ?? []]
  const value = (name: string) => last[names.indexOf(name)] ?? ''
  if (lines.length < 2) throw new Error(`sipp (package sip-tester): ${complaint || (await readdir(cwd)).join(' ')}`)
  const [hours, minutes, secs, micros] = value('ResponseTime1(C)').split(':').map(Number)
  const setUpMs = ((hours ?? 0) * 60 + (minutes ?? 0)) * 60_000 + (secs ?? 0) * 1000 + (micros ?? 0) / 1000
  return { ok: Number(value('SuccessfulCall(C)')), failed: Number(value('FailedCall(C)')), setUpMs }
}

try {
  for (const rate of rates) {
    // A fresh process each time: nothing of the rate before is left in it.
    const node = fork(resolve(import.meta.dirname, 'telephony-node.ts'), [root], { stdio: 'inherit' })
    running = node
    const next = async <T>() => ((await once(node, 'message')) as [T])[0]
    const { sipPort } = await next<{ sipPort: number }>()
    const ask = async () => {
      const answer = next<Seen>()
      node.send('seen')
      return answer
    }
    await ask()
    const from = await usageOf(node.pid ?? 0)
    const startMs = performance.now()
    const result = await call(sipPort, rate)
    const ms = performance.now() - startMs
    const to = await usageOf(node.pid ?? 0)
    let seen = await ask()
    for (let tries = 0; seen.sealed + seen.failed < seen.calls && tries < 40; tries++) {
      await sleep(500)
      seen = { ...(await ask()), lagP99Ms: seen.lagP99Ms }
    }
    rows.push({
      'calls/s': rate,
      calls: rate * seconds,
      answered: result.ok,
      failed: result.failed,
      'INVITE to 200, mean ms': round(result.setUpMs, 1),
      'most at once': seen.mostLive,
      'CPU %': from && to ? round(((to.cpuMs - from.cpuMs) / ms) * 100) : undefined,
      'loop delay p99 ms': round(seen.lagP99Ms, 1),
      sealed: seen.sealed,
      'journalled / received': round(seen.journalled / seen.received, 5),
      'packets/call': round(seen.received / Math.max(1, seen.sealed)),
    })
    node.disconnect()
    await once(node, 'exit')
    running = undefined
    if (result.failed > 0) break
  }
  printTable(`Recorded calls set up a second, ${talkMs / 1000} s each, ${seconds} s at each rate`, rows)
  await writeReport('telephony-setup', { surroundings: before, seconds, talkMs, rows })
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  running?.kill('SIGKILL')
  await rm(root, { recursive: true, force: true })
  finished()
}
