/**
 * What the access log and time stamps cost.
 *
 *   node scripts/bench/anchors.ts [entries=20000] [stamps=20]
 *
 * Real files in the temporary folder, the real chain with its database index, real RFC 3161 responses by `openssl ts` on this
 * machine. What an authority on the Internet takes is its own business; checking a response is ours.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TsaClient } from '../../recordings/anchor/tsa-client.ts'
import { verifyTimestamp } from '../../recordings/anchor/verify-timestamp.ts'
import { ChainLog } from '../../recordings/chain/chain-log.ts'
import { AccessLog } from '../../server/store/access-log.ts'
import { openDatabase } from '../../server/store/database.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { OpensslTsa } from '../../test/harness/openssl-tsa.ts'
import { printTable, round, spreadCells, surroundings, writeReport } from './report.ts'

const entries = Number(process.argv[2] ?? 20_000)
const stamps = Number(process.argv[3] ?? 20)
const before = surroundings()
const root = await mkdtemp(join(tmpdir(), 'bench-anchors-'))
const entry = { userName: 'Lin', action: 'seek', detail: '12000-34000', callId: newId('call') }

async function timed<T>(into: number[], work: () => T | Promise<T>): Promise<T> {
  const startedMs = performance.now()
  const result = await work()
  into.push(performance.now() - startedMs)
  return result
}

const [append, add, verify, ask, check]: number[][] = [[], [], [], [], []]
const chain = await ChainLog.open<typeof entry>({
  folder: join(root, 'chain'),
  tornTail: () => entry,
  onTrouble: reason => console.error(reason),
})
for (let i = 0; i < entries; i++) await timed(append ?? [], () => chain.append(entry))
const verdict = await timed(verify ?? [], () => chain.verify())
await chain.close()
const db = await openDatabase(join(root, 'index.sqlite'))
const log = await AccessLog.open({ db, folder: join(root, 'audit'), onTrouble: reason => console.error(reason) })
const user = { id: newId('user'), name: 'Lin' }
for (let i = 0; i < entries / 10; i++)
  await timed(add ?? [], () => log.add({ user, callId: entry.callId, action: 'seek', detail: entry.detail }))
await log.close()
await db.close()
const tsa = await OpensslTsa.start()
const client = new TsaClient({ urls: [tsa.url], authorities: [tsa.caPem] })
for (let i = 0; i < stamps; i++) {
  const data = Buffer.alloc(20_000, i)
  const { response } = await timed(ask ?? [], () => client.stamp(data))
  await timed(check ?? [], () => verifyTimestamp({ response, data, authorities: [tsa.caPem] }))
}
await tsa.close()
await rm(root, { recursive: true, force: true })

const rows = [
  { what: 'chain append, ms', ...spreadCells(append ?? [], 3) },
  { what: 'access log entry with index, ms', ...spreadCells(add ?? [], 3) },
  { what: 'stamp of the local openssl, ms', ...spreadCells(ask ?? [], 1) },
  { what: 'checking a stamp, ms', ...spreadCells(check ?? [], 2) },
]
printTable('Anchors', rows)
const verifyMs = verify?.[0] ?? Number.NaN
const rate = {
  mbPerS: round(verdict.bytesChecked / 1e3 / verifyMs),
  entriesPerS: round(verdict.entries / (verifyMs / 1000), 0),
}
console.log(`\nchain verified: ${verdict.entries} entries, ${rate.mbPerS} MB/s, ${rate.entriesPerS} entries/s`)
await writeReport('anchors', { before, rows, rate })
