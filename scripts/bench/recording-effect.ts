/**
 * What recording does to the voice: one-way times through the real server with everything recorded and with nothing recorded,
 * in turns, so that both meet the same machine.
 *
 *   node scripts/bench/recording-effect.ts [rounds=3] [seconds=15] [calls=10]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { printTable, type Row, round, surroundings, writeReport } from './report.ts'

const rounds = Number(process.argv[2] ?? 3)
const seconds = process.argv[3] ?? '15'
const calls = process.argv[4] ?? '10'
const FOLDER = join(import.meta.dirname, '../../test-results/bench')

const before = surroundings()
type Line = { path: string; p50: number; p99: number }
const seen = new Map<string, { on: Line[]; off: Line[] }>()
for (let number = 0; number < rounds; number++)
  for (const recording of number % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const)) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'forwarding.ts'), seconds, calls, recording], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`the measurement with recording ${recording} ended with ${code}`)
    const name = recording === 'on' ? 'forwarding' : 'forwarding-unrecorded'
    const { rows } = JSON.parse(await readFile(join(FOLDER, `${name}.json`), 'utf8')) as { rows: Line[] }
    for (const row of rows) {
      const both = seen.get(row.path) ?? { on: [], off: [] }
      both[recording].push(row)
      seen.set(row.path, both)
    }
  }
const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const rows: Row[] = [...seen].map(([path, { on, off }]) => {
  const [p50On, p50Off] = [middle(on.map(one => one.p50)), middle(off.map(one => one.p50))]
  const [p99On, p99Off] = [middle(on.map(one => one.p99)), middle(off.map(one => one.p99))]
  return {
    path,
    ...{ 'p50 recorded': p50On, 'p50 not': p50Off, 'p99 recorded': p99On, 'p99 not': p99Off },
    ...{ 'p50 ratio': round(p50On / p50Off, 2), 'p99 ratio': round(p99On / p99Off, 2) },
  }
})
printTable(`One-way times in µs, ${calls} calls; medians of ${rounds} runs each`, rows)
await writeReport('recording-effect', { surroundings: before, rounds, seconds, calls, unit: 'µs', rows })
