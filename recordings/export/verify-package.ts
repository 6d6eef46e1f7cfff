import { join } from 'node:path'
import type { ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import { readDigest, type SignedDigest } from '../anchor/daily-digest.ts'
import { TimestampError } from '../anchor/timestamp-error.ts'
import { type Timestamp, verifyTimestamp } from '../anchor/verify-timestamp.ts'
import { MANIFEST_FILE } from '../archive/durable-file.ts'
import { canonicalJson } from '../seal/canonical-json.ts'
import { checkSignature, isTrustedKey } from '../seal/check-signature.ts'
import { hashSource } from '../seal/hash-source.ts'
import { LocalFolder } from '../store/local-folder.ts'
import { readAll } from '../vault/read-source.ts'
import { verifyRecord } from '../vault/verify-record.ts'
import { PACKAGE_MANIFEST, PackageManifest } from './package-manifest.ts'
import type { PackageProblem } from './package-problem.ts'

/** Where the sealed files lie in a package of originals. */
export const ORIGINALS = 'originals'
const SEAL_STAMP = /^(?:stamps|originals\/derived\/stamp)\/manifest-\d+\.tsr$/
const DIGEST = /^stamps\/digest-(\d{4}-\d{2}-\d{2})\.json$/
const DIGEST_STAMP = /^(stamps\/digest-\d{4}-\d{2}-\d{2})\.tsr$/
/** What file managers leave in every folder they show. */
const LITTER: ReadonlySet<string> = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini'])

export type PackageVerdict = {
  readonly intact: boolean
  /** Undefined when it cannot be read. */
  readonly manifest: PackageManifest | undefined
  readonly problems: readonly PackageProblem[]
  /** Of the sealed files inside; undefined when the package has none. */
  readonly record: ArchiveVerdict | undefined
  readonly stamps: readonly { readonly file: string; readonly of: 'manifest' | 'digest'; readonly stamp: Timestamp }[]
  /** The digest of a day that names exactly this record. */
  readonly digest: { readonly file: string; readonly day: string; readonly keyId: string } | undefined
  readonly filesChecked: number
  readonly bytesChecked: number
}

export type PackageTrust = {
  /** Public keys (PEM) that may have sealed and signed; without them only agreement is proved. */
  readonly trustedKeys?: readonly string[]
  /** PEM of time stamp authorities. */
  readonly authorities?: readonly string[]
}

/**
 * Checks an unpacked evidence package: its signed list, every file in it, the sealed record, each time stamp against what it
 * ought to stamp, the digest against the record. Never throws on bad content: whatever is wrong becomes a problem.
 */
export async function verifyPackage(folder: string, trust: PackageTrust = {}): Promise<PackageVerdict> {
  const check = new PackageCheck(folder, trust)
  return check.run()
}

class PackageCheck {
  readonly #folder: string
  readonly #stored: LocalFolder
  readonly #trust: PackageTrust
  readonly #problems: PackageProblem[] = []
  #bytes = 0

  constructor(folder: string, trust: PackageTrust) {
    this.#folder = folder
    this.#stored = new LocalFolder(folder)
    this.#trust = trust
  }

  async run(): Promise<PackageVerdict> {
    const manifest = await this.#manifest()
    const nothing = { record: undefined, stamps: [], digest: undefined, filesChecked: 0, bytesChecked: 0 }
    // A list that was altered accuses nobody.
    if (!manifest || this.#problems.some(({ kind }) => kind === 'package-signature-wrong'))
      return { intact: false, manifest, problems: this.#problems, ...nothing }
    await this.#files(manifest)
    const record = manifest.originals ? await this.#record(manifest) : undefined
    const sealed = await this.#sha256(`${ORIGINALS}/${MANIFEST_FILE}`)
    if (manifest.originals && sealed !== undefined && sealed !== manifest.sealedManifestSha256)
      this.#problems.push({ kind: 'package-other-record' })
    const stamps: PackageVerdict['stamps'][number][] = []
    let digest: PackageVerdict['digest']
    for (const { path } of manifest.files) {
      if (SEAL_STAMP.test(path)) stamps.push(...(await this.#stamp(path, 'manifest', manifest.sealedManifestSha256)))
      const digestFile = DIGEST_STAMP.exec(path)?.[1]
      if (digestFile !== undefined)
        stamps.push(...(await this.#stamp(path, 'digest', await this.#sha256(`${digestFile}.json`))))
      const day = DIGEST.exec(path)?.[1]
      if (day !== undefined) digest = (await this.#digest(path, day, manifest)) ?? digest
    }
    return {
      intact: this.#problems.length === 0 && record?.intact !== false,
      ...{ manifest, problems: this.#problems, record, stamps, digest },
      ...{ filesChecked: manifest.files.length, bytesChecked: this.#bytes },
    }
  }

  async #manifest(): Promise<PackageManifest | undefined> {
    try {
      const text = (await readAll(await this.#stored.open(PACKAGE_MANIFEST))).toString('utf8')
      const manifest = PackageManifest.parse(JSON.parse(text))
      if (canonicalJson(manifest) !== text) throw new Error('spelled differently')
      const { signature: _, ...seal } = manifest.seal
      const found = checkSignature(manifest.seal, canonicalJson({ ...manifest, seal }), this.#trust.trustedKeys)
      for (const { kind } of found) this.#problems.push({ kind: `package-${kind}` })
      return manifest
    } catch {
      this.#problems.push({ kind: 'package-unreadable' })
      return undefined
    }
  }

  async #files(manifest: PackageManifest): Promise<void> {
    const present = new Set((await this.#stored.list()).map(({ name }) => name))
    present.delete(PACKAGE_MANIFEST)
    // A path that is not in the listing (missing, or pointing out of the folder) is never opened.
    for (const { path, sha256 } of manifest.files)
      if (!present.delete(path)) this.#problems.push({ kind: 'file-missing', file: path })
      else if ((await this.#sha256(path, true)) !== sha256) this.#problems.push({ kind: 'file-changed', file: path })
    for (const file of present)
      if (!LITTER.has(file.split('/').at(-1) ?? '')) this.#problems.push({ kind: 'file-added', file })
  }

  async #record(manifest: PackageManifest): Promise<ArchiveVerdict> {
    const { trustedKeys } = this.#trust
    return verifyRecord(new LocalFolder(join(this.#folder, ORIGINALS)), {
      ...(trustedKeys && { trustedKeys }),
      callId: manifest.callId,
    })
  }

  /** Against the hash of what it ought to stamp; nothing when it is missing, which was told already. */
  async #stamp(file: string, of: 'manifest' | 'digest', sha256: string | undefined) {
    const response = await this.#read(file)
    if (!response) return []
    try {
      if (sha256 === undefined) throw new TimestampError('imprint-wrong', 'what it stamps is not here')
      return [
        { file, of, stamp: await verifyTimestamp({ response, sha256, authorities: this.#trust.authorities ?? [] }) },
      ]
    } catch (error) {
      if (!(error instanceof TimestampError)) throw error
      this.#problems.push({ kind: 'stamp-wrong', file, of, fault: error.fault })
      return []
    }
  }

  async #digest(file: string, day: string, manifest: PackageManifest): Promise<PackageVerdict['digest']> {
    const bytes = await this.#read(file)
    if (!bytes) return undefined
    const digest = readDigest(bytes)
    const fault = digest ? this.#digestFault(digest, day, manifest) : 'digest-unreadable'
    if (fault) this.#problems.push({ kind: fault, file })
    return fault || !digest ? undefined : { file, day, keyId: digest.seal.keyId }
  }

  #digestFault(digest: SignedDigest, day: string, { callId, sealedManifestSha256 }: PackageManifest) {
    if (!isTrustedKey(digest.seal.publicKey, this.#trust.trustedKeys)) return 'digest-unknown-key' as const
    const named = digest.calls.some(call => call.callId === callId && call.manifestSha256 === sealedManifestSha256)
    return named && digest.day === day ? undefined : ('digest-of-others' as const)
  }

  async #sha256(path: string, counted = false): Promise<string | undefined> {
    try {
      const source = await this.#stored.open(path)
      try {
        if (counted) this.#bytes += source.bytes
        return await hashSource(source)
      } finally {
        await source.close()
      }
    } catch {
      return undefined
    }
  }

  async #read(path: string): Promise<Buffer | undefined> {
    try {
      return await readAll(await this.#stored.open(path))
    } catch {
      return undefined
    }
  }
}
