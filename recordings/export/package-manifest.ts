import * as z from 'zod'
import { canonicalJson } from '../seal/canonical-json.ts'
import { isSignedBy, keyIdOf, pemOf, publicKeyFromPem } from '../seal/seal-key.ts'

export const PACKAGE_FORMAT = 'tongping-package/1'
export const PACKAGE_MANIFEST = 'package-manifest.json'

const Person = z.object({ id: z.string(), name: z.string() })
const PackageContent = z.object({
  format: z.literal(PACKAGE_FORMAT),
  exportId: z.string(),
  kind: z.enum(['viewing', 'evidence']),
  callId: z.string(),
  language: z.enum(['zh-CN', 'en']),
  exportedAt: z.iso.datetime(),
  exportedBy: Person,
  reason: z.string(),
  /** Whether the sealed originals are inside. */
  originals: z.boolean(),
  /** Only what this redaction left is inside. */
  redactionId: z.string().optional(),
  release: z
    .object({
      releaseId: z.string(),
      askedBy: z.string(),
      askedAt: z.string(),
      reason: z.string(),
      agreedBy: z.string(),
      agreedAt: z.string(),
      answer: z.string(),
    })
    .optional(),
  /** Of the sealed manifest inside. Without originals neither is told: numbers are masked, and a hash would give them away. */
  sealedManifestSha256: z.string().optional(),
  sealSignature: z.string().optional(),
  /** Of the record, at the time of the export. */
  intact: z.boolean(),
  /** Every file of the package but this one. */
  files: z.array(z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() })),
})
export type PackageContent = z.infer<typeof PackageContent>
const Seal = z.object({
  algorithm: z.literal('Ed25519'),
  keyId: z.string(),
  publicKey: z.string(),
  signature: z.string(),
})
/** Canonical JSON; `seal.signature` signs the canonical JSON of everything but itself, as in a sealed call. */
export const PackageManifest = PackageContent.extend({ seal: Seal })
export type PackageManifest = z.infer<typeof PackageManifest>

/** The bytes of `package-manifest.json`. `sign`: base64 of an Ed25519 signature over the UTF-8 bytes of a text. */
export async function signPackage(
  content: PackageContent,
  key: { readonly keyId: string; readonly publicKeyPem: string; sign(text: string): Promise<string> | string },
): Promise<Buffer> {
  const seal = { algorithm: 'Ed25519' as const, keyId: key.keyId, publicKey: key.publicKeyPem }
  const signature = await key.sign(canonicalJson({ ...content, seal }))
  return Buffer.from(canonicalJson({ ...content, seal: { ...seal, signature } }))
}

/** Undefined when it is none, is spelled differently, or its signature does not fit. */
export function readPackageManifest(bytes: Uint8Array): PackageManifest | undefined {
  try {
    const text = Buffer.from(bytes).toString('utf8')
    const manifest = PackageManifest.parse(JSON.parse(text))
    if (canonicalJson(manifest) !== text) return undefined
    const { signature, ...seal } = manifest.seal
    const key = publicKeyFromPem(seal.publicKey)
    const honest = keyIdOf(key) === seal.keyId && pemOf(key) === seal.publicKey
    return honest && isSignedBy(key, canonicalJson({ ...manifest, seal }), signature) ? manifest : undefined
  } catch {
    return undefined
  }
}
