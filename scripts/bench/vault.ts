/**
 * The vault alone: what encryption, verification, a seek and an unwrapping cost.
 *
 *   node scripts/bench/vault.ts [mebibytes=256] [folder=/tmp]
 *
 * One real sealed call with a large picture in place of an hour's camera, encrypted in this process, so that its CPU time is the cost.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { answeredCall, talk } from '../../recordings/fixture.ts'
import { verifyArchive } from '../../recordings/seal/verify-archive.ts'
import { LocalFolder } from '../../recordings/store/local-folder.ts'
import { encryptFolder } from '../../recordings/vault/encrypt-folder.ts'
import { KeyRing } from '../../recordings/vault/key-ring.ts'
import { LocalKey } from '../../recordings/vault/local-key.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import { Vault } from '../../recordings/vault/vault.ts'
import { verifyVault } from '../../recordings/vault/verify-vault.ts'
import { printTable, round, spreadCells, surroundings, writeReport } from './report.ts'

const MIB = 1024 * 1024
const mebibytes = Number(process.argv[2] ?? 256)
const root = await mkdtemp(join(process.argv[3] ?? '/tmp', 'vault-bench-'))
const at = surroundings()
const endings: (() => unknown)[] = []

async function timed(what: string, bytes: number, run: () => Promise<unknown>) {
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  await run()
  const tookMs = performance.now() - startedMs
  const { user, system } = process.cpuUsage(cpu)
  const cpuMs = (user + system) / 1000
  const megabytes = bytes / 1e6
  return {
    what,
    'MB/s': round(megabytes / (tookMs / 1000), 0),
    'MB per CPU second': round(megabytes / (cpuMs / 1000), 0),
    'share of one core': `${round((100 * cpuMs) / tookMs, 0)} %`,
    'CPU ms per minute of session': round(cpuMs / (megabytes / MB_PER_MINUTE), 1),
  }
}
/** A camera of 1.4 Mbit/s and two voices of 64 kbit/s with their headers. */
const MB_PER_MINUTE = ((1.4e6 + 2 * 80_000) * 60) / 8 / 1e6

try {
  const call = await answeredCall({ teardown: fn => endings.push(fn) })
  call.answer()
  talk(call, 3000)
  await call.archive.addFile('pages/large.bin', randomBytes(mebibytes * MIB))
  const manifest = await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const { folder } = call.archive
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  const keys = new KeyRing(LocalKey.fromText(randomBytes(32).toString('base64')))
  const vault = new Vault({ keys, sealKey: call.key, encrypt: encryptFolder })
  const trustedKeys = [call.key.publicKeyPem]
  const rows = [
    await timed('verify the plain form', bytes, () => verifyArchive(new PlainCallFiles(folder), { trustedKeys })),
    await timed('encrypt (hash, encrypt, hash, sync)', bytes, () => vault.encryptCall(folder)),
    await timed('verify the encrypted form, no key', bytes, () =>
      verifyVault(new LocalFolder(folder), { trustedKeys }),
    ),
  ]
  const files = await vault.filesOf(new LocalFolder(folder))
  rows.push(await timed('verify the plain form through the key', bytes, () => verifyArchive(files, { trustedKeys })))
  const source = await files.open('pages/large.bin')
  const seeks: number[] = []
  for (let i = 0; i < 1000; i++) {
    const from = Math.floor(Math.random() * (source.bytes - 1000))
    const startedMs = performance.now()
    await source.read(from, 1000)
    seeks.push(performance.now() - startedMs)
  }
  await source.close()
  const opens: number[] = []
  for (let i = 0; i < 200; i++) {
    const startedMs = performance.now()
    await new Vault({ keys, sealKey: call.key }).filesOf(new LocalFolder(folder))
    opens.push(performance.now() - startedMs)
  }
  const spreads = [
    { what: 'seek: read 1000 bytes somewhere, ms', ...spreadCells(seeks, 3) },
    { what: 'open: read key.json and unwrap (local key), ms', ...spreadCells(opens, 3) },
  ]
  printTable(`${round(bytes / 1e6, 0)} MB`, rows)
  printTable('One read', spreads)
  await writeReport('vault', { surroundings: at, bytes, rows, spreads })
} finally {
  for (const end of endings) await end()
  await rm(root, { recursive: true, force: true })
}
