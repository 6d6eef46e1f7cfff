import { createHash } from 'node:crypto'
import type { CallFiles } from '../vault/call-files.ts'
import { DERIVED_MANIFEST, type DerivedManifest, readDerivedManifest } from './derived-manifest.ts'
import { type MakeOptions, MUXER_VERSION, makeReplay } from './make-replay.ts'

export type RemuxFinding = { readonly path: string; readonly kind: 'same' | 'different' | 'missing' | 'added' }
export type RemuxVerdict = {
  readonly same: boolean
  readonly findings: readonly RemuxFinding[]
  /** The tools that made what is kept, and those of now: other tools may give other bytes. */
  readonly tools: { readonly before: DerivedManifest['tools']; readonly now: DerivedManifest['tools'] }
}

/**
 * Makes the derivatives once more without keeping them, and compares with the hashes in `derived/manifest.json`.
 * Undefined: nothing was made of this call yet.
 * @throws FfmpegError
 */
export async function checkRemux(files: CallFiles, o: MakeOptions): Promise<RemuxVerdict | undefined> {
  const kept = await readDerivedManifest(files)
  if (kept === undefined) return undefined
  const { made, manifest } = await remade(files, o)
  const findings: RemuxFinding[] = kept.files.map(({ path, sha256 }) => {
    const now = made.get(path)
    return { path, kind: now === undefined ? 'missing' : now === sha256 ? 'same' : 'different' }
  })
  const known = new Set(kept.files.map(file => file.path))
  for (const path of made.keys()) if (!known.has(path)) findings.push({ path, kind: 'added' })
  return {
    same: findings.every(finding => finding.kind === 'same'),
    findings,
    tools: { before: kept.tools, now: manifest?.tools ?? { muxer: MUXER_VERSION, ffmpeg: 'unknown' } },
  }
}

/** Hashes of what would be written, by path; the record itself is only read. */
async function remade(files: CallFiles, o: MakeOptions) {
  const made = new Map<string, string>()
  let manifest: DerivedManifest | undefined
  const hashing: CallFiles = {
    list: () => files.list(),
    strangers: () => files.strangers(),
    has: path => files.has(path),
    open: path => files.open(path),
    read: path => files.read(path),
    stream: (path, range) => files.stream(path, range),
    openSync: path => files.openSync(path),
    remove: async () => undefined,
    put: async (path, pieces) => {
      const parts: Uint8Array[] = []
      const hash = createHash('sha256')
      let bytes = 0
      for await (const piece of pieces) {
        hash.update(piece)
        bytes += piece.length
        if (path === DERIVED_MANIFEST) parts.push(piece)
      }
      const sha256 = hash.digest('hex')
      if (path === DERIVED_MANIFEST) manifest = JSON.parse(Buffer.concat(parts).toString('utf8')) as DerivedManifest
      else made.set(path, sha256)
      return { sha256, bytes }
    },
  }
  await makeReplay(hashing, o)
  return { made, manifest }
}
