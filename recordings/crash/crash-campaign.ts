import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deserialize } from 'node:v8'
import { recoverOrphans } from '../archive/recover-orphans.ts'
import { quietLog } from '../fixture.ts'
import { SealKey } from '../seal/seal-key.ts'
import { verifyArchive } from '../seal/verify-archive.ts'
import { MAX_HEADER_BYTES, RECORD_HEAD_BYTES, RECORD_RTP, RTPJ_MAGIC } from '../tracks/rtpj-format.ts'
import { PlainCallFiles } from '../vault/plain-call-files.ts'
import { type CrashKind, confirmedFiles, diskAfterCrash, layOut } from './disk-after-crash.ts'
import type { DiskOp } from './fs-trace.ts'

export type TracedCall = { readonly callId: string; readonly day: string; readonly ops: DiskOp[] }

/** Records a call of a second and a half in a process of its own, with everything it asked of the disk. */
export async function traceCall(root: string): Promise<TracedCall> {
  const notes = join(root, 'notes')
  const program = new URL('./traced-call.ts', import.meta.url).pathname
  await promisify(execFile)(process.execPath, [program, root, notes], { timeout: 30_000 })
  // v8 gives buffers back as Uint8Array.
  const traced = deserialize(readFileSync(notes)) as TracedCall
  return {
    ...traced,
    ops: traced.ops.map(op => (op.kind === 'write' ? { ...op, bytes: Buffer.from(op.bytes) } : op)),
  }
}

const EDGE_BYTES = 800

export type CrashFinding = { readonly after: number; readonly kind: CrashKind; readonly what: string }

/**
 * Crashes the traced call after each of `points` (numbers of ops), lets the next start find what is left, and compares the
 * sealed record with what had to survive: what was told after a kill, what the disk had confirmed after a power cut.
 */
export async function crashAt(o: {
  readonly call: TracedCall
  readonly root: string
  readonly points: readonly number[]
  readonly kind: CrashKind
  readonly random: () => number
}): Promise<CrashFinding[]> {
  const { call, kind } = o
  const key = await SealKey.loadOrCreate(join(o.root, 'keys'))
  const findings: CrashFinding[] = []
  for (const after of o.points) {
    const root = join(o.root, `${kind}-${after}`)
    const state = diskAfterCrash(call.ops, after, kind, o.random)
    layOut(root, state)
    const found = (what: string) => findings.push({ after, kind, what })
    try {
      await check({ call, root, after, kind, key, state, found })
    } catch (error) {
      found(error instanceof Error ? error.message : String(error))
    }
    await rm(root, { recursive: true, force: true })
  }
  return findings
}

/**
 * The files of the same call, as they were before it was sealed, cut off at every single byte: the journal, and one voice near
 * its begin and its end.
 * Everything whole before the cut must be in the sealed record.
 */
export async function cutEverywhere(o: {
  readonly call: TracedCall
  readonly root: string
}): Promise<{ cuts: number; findings: CrashFinding[] }> {
  const { call } = o
  const key = await SealKey.loadOrCreate(join(o.root, 'keys'))
  const base = `${call.day}/${call.callId}`
  const sealing = call.ops.findIndex(op => op.kind === 'create' && /\.tmp-/.test(op.path) && !/pages/.test(op.path))
  const whole = diskAfterCrash(call.ops, sealing, 'kill', () => 0)
  const findings: CrashFinding[] = []
  let cuts = 0
  for (const name of ['journal.jsonl', 'tracks/caller-voice-1.rtpj']) {
    const path = `${base}/${name}`
    const bytes = whole.files.get(path) ?? Buffer.alloc(0)
    for (let at = 0; at < bytes.length; at++) {
      // Between its header and its end a track repeats itself every 182 bytes.
      if (name.endsWith('.rtpj') && at > EDGE_BYTES && at < bytes.length - EDGE_BYTES) continue
      const root = join(o.root, 'cut')
      const files = new Map(whole.files).set(path, bytes.subarray(0, at))
      layOut(root, { files, folders: whole.folders })
      const found = (what: string) => findings.push({ after: at, kind: 'kill', what: `${name} cut at ${at}: ${what}` })
      try {
        const state = { files, folders: whole.folders }
        await check({ call: { ...call, ops: [] }, root, after: 0, kind: 'kill', key, state, found })
      } catch (error) {
        found(error instanceof Error ? error.message : String(error))
      }
      await rm(root, { recursive: true, force: true })
      cuts += 1
    }
  }
  return { cuts, findings }
}

async function check(o: {
  call: TracedCall
  root: string
  after: number
  kind: CrashKind
  key: SealKey
  state: ReturnType<typeof diskAfterCrash>
  found: (what: string) => void
}): Promise<void> {
  const { call, root, after, kind, key, state, found } = o
  const base = `${call.day}/${call.callId}`
  const promises = call.ops.slice(0, after).flatMap(op => (op.kind === 'promised' ? [op.what] : []))
  // What the disk had confirmed must be there whatever the kind of crash; sectors that merely got through are a present.
  const sure = kind === 'kill' ? state.files : confirmedFiles(call.ops, after)
  const lines = wholeLines(sure.get(`${base}/journal.jsonl`))
  const [recovered] = await recoverOrphans(root, key, quietLog)
  const folder = join(root, base)
  const survivors = [...sure].filter(([path]) => path.startsWith(`${base}/tracks/`))
  const packetsSure = survivors.reduce((sum, [, bytes]) => sum + wholePackets(bytes), 0)
  if (kind === 'kill') {
    const told = promises.filter(what => what.startsWith('entry ')).length
    if (told > lines) found(`${told} entries told, ${lines} left`)
  }
  if (promises.includes('sealed') && !state.files.has(`${base}/manifest.json`)) found('sealed, and no manifest')
  if (recovered?.outcome === 'unreadable') {
    if (lines > 0) found(`unreadable: ${recovered.reason}`)
    return
  }
  if (recovered?.outcome === 'discarded' || (recovered === undefined && !state.files.has(`${base}/manifest.json`))) {
    if (lines > 0 || packetsSure > 0) found(`discarded with ${lines} entries and ${packetsSure} packets on the disk`)
    return
  }
  const verdict = await verifyArchive(new PlainCallFiles(folder), { trustedKeys: [key.publicKeyPem] })
  if (!verdict.intact) found(`not intact: ${JSON.stringify(verdict.problems[0])}`)
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  if (manifest.journal.entries < lines) found(`${manifest.journal.entries} of ${lines} entries kept`)
  for (const [path, bytes] of survivors) {
    const file = path.slice(base.length + 1)
    const kept = manifest.tracks.find((track: { file: string }) => track.file === file)?.packets ?? 0
    if (kept < wholePackets(bytes)) found(`${file}: ${kept} of ${wholePackets(bytes)} packets kept`)
  }
  for (const what of promises) {
    const [, path, sha256] = /^file (\S+) (\S+)$/.exec(what) ?? []
    if (path === undefined) continue
    if (hashOf(join(folder, path)) !== sha256) found(`${path} was acknowledged and is not there`)
  }
}

function wholeLines(bytes: Buffer | undefined): number {
  return bytes === undefined ? 0 : bytes.toString('latin1').split('\n').length - 1
}

/** RTP records that are whole, counted by the written format alone. */
function wholePackets(bytes: Buffer): number {
  const start = RTPJ_MAGIC.length + 4
  if (bytes.length < start) return 0
  let at = start + bytes.readUInt32BE(RTPJ_MAGIC.length)
  if (at - start > MAX_HEADER_BYTES) return 0
  let packets = 0
  while (at + RECORD_HEAD_BYTES <= bytes.length) {
    const end = at + RECORD_HEAD_BYTES + bytes.readUInt16BE(at + 2)
    if (end > bytes.length) break
    if (bytes[at] === RECORD_RTP) packets += 1
    at = end
  }
  return packets
}

function hashOf(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return undefined
  }
}
