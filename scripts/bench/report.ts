import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, getPriority, loadavg, release } from 'node:os'
import { join, resolve } from 'node:path'
import { quantile } from '../../test/harness/statistics.ts'

const FOLDER = resolve(import.meta.dirname, '../../test-results/bench')

export type Spread = {
  readonly n: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}
export type Cell = string | number | undefined
export type Row = Readonly<Record<string, Cell>>

/** p50, p95, p99 and the largest of the values, in the unit they came in. NaN for none. */
export function spreadOf(values: readonly number[]): Spread {
  return {
    n: values.length,
    p50: quantile(values, 0.5),
    p95: quantile(values, 0.95),
    p99: quantile(values, 0.99),
    max: quantile(values, 1),
  }
}

/** The spread as cells of a table, with so many decimals. */
export function spreadCells(values: readonly number[], decimals = 1): Row {
  const { n, ...rest } = spreadOf(values)
  return { n, ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, round(value, decimals)])) }
}

/** One-way times in µs, by path; the first path is the floor, and each of the others says what it adds to it. */
export function delayRows(paths: readonly (readonly [path: string, timesUs: readonly number[]])[]): Row[] {
  const floor = spreadOf(paths[0]?.[1] ?? [])
  return paths.map(([path, timesUs], index) => {
    const { p50, p99 } = spreadOf(timesUs)
    const added = { 'p50 over floor': round(p50 - floor.p50, 0), 'p99 over floor': round(p99 - floor.p99, 0) }
    return { path, ...spreadCells(timesUs, 0), ...(index > 0 && added) }
  })
}

export function round(value: number, decimals = 1): number {
  return Number(value.toFixed(decimals))
}

/** A Markdown table, so that it can be put into docs/BENCHMARKS.md as it is. */
export function printTable(title: string, rows: readonly Row[]): void {
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))]
  const cells = [names, ...rows.map(row => names.map(name => String(row[name] ?? '–')))]
  const widths = names.map((_, column) => Math.max(...cells.map(line => line[column]?.length ?? 0)))
  const lines = cells.map(line => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  lines.splice(1, 0, `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`)
  console.log(`\n${title}\n\n${lines.join('\n')}`)
}

/** What a figure depends on besides the code. The load is the one before the measurement: anything above 0.3 disturbs it. */
export function surroundings() {
  const [cpu] = cpus()
  return {
    at: new Date().toISOString(),
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    linux: release(),
    node: process.version,
    /** Below 0: ahead of other programs of the machine. */
    niceness: getPriority(),
    loadBefore: loadavg().map(value => round(value, 2)),
  }
}

/** Writes test-results/bench/<name>.json; resolves with its path. */
export async function writeReport(name: string, report: object): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  const file = join(FOLDER, `${name}.json`)
  await writeFile(file, `${JSON.stringify(report, undefined, 2)}\n`)
  console.log(`\nwritten: ${file}`)
}
