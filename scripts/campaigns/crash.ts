/**
 * Crashes: real calls are recorded while every request to the disk is noted; each call is then crashed after every single
 * request (process killed; power cut; power cut with torn sectors, several times), and its files are cut off at every byte.
 * The next start must keep everything that was told or confirmed, and what it seals must verify.
 *
 *   node scripts/campaigns/crash.ts [calls=5] [tornRounds=4]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crashAt, cutEverywhere, traceCall } from '../../recordings/crash/crash-campaign.ts'
import { seededRandom } from '../../test/harness/seeded-random.ts'
import { printTable, type Row, surroundings, writeReport } from '../bench/report.ts'
import { endAfter } from '../bench/time-limit.ts'

const calls = Number(process.argv[2] ?? 5)
const tornRounds = Number(process.argv[3] ?? 4)
const finished = endAfter(calls * 400_000)
const before = surroundings()
const rows: Row[] = []
const findings: unknown[] = []

for (let number = 1; number <= calls; number++) {
  const root = await mkdtemp(join(tmpdir(), 'tongping-crash-'))
  try {
    const call = await traceCall(root)
    const points = call.ops.map((_, index) => index + 1)
    const random = seededRandom(number)
    const row = { call: number, requests: points.length, kill: 0, power: 0, torn: 0, 'cut off at a byte': 0, lost: 0 }
    const count = async (kind: 'kill' | 'power' | 'torn') => {
      const found = await crashAt({ call, root, points, kind, random })
      row[kind] += points.length
      row.lost += found.length
      findings.push(...found)
    }
    await count('kill')
    await count('power')
    for (let round = 0; round < tornRounds; round++) await count('torn')
    // One call is enough: every call's files have the same shape.
    if (number === 1) {
      const { cuts, findings: found } = await cutEverywhere({ call, root })
      row['cut off at a byte'] = cuts
      row.lost += found.length
      findings.push(...found)
    }
    rows.push(row)
    console.log(`call ${number}: ${row.lost} losses`)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}
finished()
printTable('Crashes after every request to the disk', rows)
for (const finding of findings.slice(0, 20)) console.log(JSON.stringify(finding))
await writeReport('crash', { surroundings: before, rows, findings })
if (findings.length > 0) process.exitCode = 1
