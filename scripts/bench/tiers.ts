import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { Mover } from '../../recordings/store/mover.ts'
import { Pace } from '../../recordings/store/pace.ts'
import { S3Store } from '../../recordings/store/s3-store.ts'
import type { StoredFolder } from '../../recordings/store/stored-folder.ts'
import { UploadMemory } from '../../recordings/store/upload-memory.ts'
import { CephStore } from '../../test/harness/ceph-store.ts'
import { printTable, type Row, round, spreadCells, surroundings, writeReport } from './report.ts'

/** Seeks of 64 KiB in a hot and a cold file, and moves both ways, against Ceph's gateway in memory on this machine. */
const SEEKS = 300
const FILE_BYTES = 64 * 1024 * 1024
const RANGE_BYTES = 64 * 1024

async function seeks(folder: StoredFolder): Promise<number[]> {
  const tookMs: number[] = []
  for (let index = 0; index < SEEKS; index++) {
    const from = Math.floor(Math.random() * (FILE_BYTES - RANGE_BYTES))
    const startMs = performance.now()
    // A player's seek opens the file, reads one range and is gone.
    const source = await folder.open('tracks/camera.tpv')
    const got = await source.read(from, RANGE_BYTES)
    await source.close()
    if (got.length !== RANGE_BYTES) throw new Error('a short read')
    tookMs.push(performance.now() - startMs)
  }
  return tookMs
}

const around = surroundings()
const root = await mkdtemp(join(tmpdir(), 'tongping-tiers-'))
const ceph = await CephStore.start()
try {
  const s3 = new S3Store(await ceph.bucket('bench'), new UploadMemory(join(root, 'uploads')))
  const hot = new LocalFolder(join(root, 'call'))
  const cold = s3.folder('2026-01-01/call')
  await hot.put('vault.json', [Buffer.from('{}')])
  await hot.put('tracks/camera.tpv', [randomBytes(FILE_BYTES)])
  const mover = new Mover({ verify: async () => true, plainAllowed: true, pace: new Pace(1e12) })
  const { signal } = new AbortController()
  const moves: Row[] = []
  const timed = async <T>(what: string, run: () => Promise<T>) => {
    const startMs = performance.now()
    const result = await run()
    const tookMs = performance.now() - startMs
    moves.push({ what, 'MB/s': round(FILE_BYTES / 1e3 / tookMs), ms: round(tookMs, 0) })
    return result
  }
  const copied = await timed('out: hash, send, read back, hash', () =>
    mover.copyOut({ hot, cold, lock: undefined, signal }),
  )
  await timed('out again, nothing changed: hash both', () => mover.copyOut({ hot, cold, lock: undefined, signal }))
  const table = [
    { where: 'hot', ...spreadCells(await seeks(hot), 2) },
    { where: 'cold', ...spreadCells(await seeks(cold), 2) },
  ]
  await hot.remove('tracks/camera.tpv')
  const record = {
    ...{ format: 'tongping-tier/1' as const, callId: 'call_bench' as never, store: 'bench', storeKey: 'call' },
    movedAt: new Date().toISOString(),
    ...copied,
  }
  await timed('back: fetch, hash', () => mover.copyBack({ hot, cold, record, signal }))
  printTable('Seek: open and read 64 KiB anywhere in 64 MiB, ms', table)
  printTable('Moves of 64 MiB, without a limit of bandwidth', moves)
  await writeReport('tiers', { ...around, seeks: table, moves })
  s3.close()
} finally {
  await ceph.close()
  await rm(root, { recursive: true, force: true })
}
