import { createHash } from 'node:crypto'
import * as z from 'zod'
import { canonicalJson } from '../seal/canonical-json.ts'
import { isSignedBy, keyIdOf, publicKeyFromPem, type SealKey } from '../seal/seal-key.ts'

export const CERTIFICATE_FORMAT = 'tongping-destruction/1'

const Hash = z.string().regex(/^[0-9a-f]{64}$/)

/** What was destroyed, or could not be: never what stood in it. */
const Destroyed = z.strictObject({
  what: z.enum(['data-key', 'hot-folder', 'cold-copies', 'database-rows', 'other']),
  /** Which store or area, in words without personal data. */
  where: z.string().max(200),
  count: z.number().int().nonnegative(),
  at: z.iso.datetime(),
})
const Remaining = z.strictObject({
  where: z.string().max(200),
  reason: z.string().max(300),
  /** When it may be tried again, where the store says so. */
  until: z.string().max(40).optional(),
})
export type Remaining = z.infer<typeof Remaining>

/** A certificate of destruction: ids, hashes, times and rules. No number, name, text or picture. */
export const Certificate = z.strictObject({
  format: z.literal(CERTIFICATE_FORMAT),
  callId: z.string(),
  /** 1 for the first; later ones say what was destroyed afterwards. */
  part: z.number().int().positive(),
  /** SHA-256 of the file of the part before. */
  follows: Hash.optional(),
  runId: z.string(),
  startedAt: z.iso.datetime(),
  issuedAt: z.iso.datetime(),
  /** Id of the person, or `timer`. */
  by: z.string(),
  decision: z.strictObject({
    because: z.enum(['period-over', 'erasure']),
    since: z.iso.datetime(),
    classId: z.string().optional(),
    rule: z.string().optional(),
    policyVersion: z.string().optional(),
  }),
  holds: z.array(z.strictObject({ holdId: z.string(), since: z.string(), releasedAt: z.string().nullable() })),
  erasures: z.array(z.string()),
  was: z.strictObject({
    manifestSha256: Hash.optional(),
    /** In certificates of before: with a masked copy the digits of a number could be tried out with it. */
    journalHead: Hash.optional(),
    sealKeyId: z.string().optional(),
    sealedAt: z.string().optional(),
    /** Evidence, by content only; without the journal, for the same reason. `manifestSha256` covers it. */
    files: z.array(z.strictObject({ sha256: Hash, bytes: z.number().int() })),
    /** Replays, thumbnails, transcripts, redactions: made from the evidence, destroyed with it. */
    derivatives: z.number().int(),
  }),
  destroyed: z.array(Destroyed),
  remaining: z.array(Remaining),
})
export type Certificate = z.infer<typeof Certificate>
export type Destroyed = z.infer<typeof Destroyed>

const Signed = Certificate.extend({
  seal: z.strictObject({
    algorithm: z.literal('Ed25519'),
    keyId: z.string(),
    publicKey: z.string(),
    signature: z.string(),
  }),
})
export type SignedCertificate = z.infer<typeof Signed>

/** Canonical JSON, signed like a manifest: over everything but the signature. */
export function signCertificate(certificate: Certificate, key: SealKey): { text: string; sha256: string } {
  const seal = { algorithm: 'Ed25519' as const, keyId: key.keyId, publicKey: key.publicKeyPem }
  const signature = key.sign(canonicalJson({ ...Certificate.parse(certificate), seal }))
  const text = canonicalJson({ ...certificate, seal: { ...seal, signature } })
  return { text, sha256: hashText(text) }
}

/** The certificate, when it is spelled and signed as it must be; undefined for everything else. */
export function readCertificate(text: string, trustedKeys?: readonly string[]): SignedCertificate | undefined {
  try {
    const signed = Signed.parse(JSON.parse(text))
    if (canonicalJson(signed) !== text) return undefined
    const { signature, ...seal } = signed.seal
    if (trustedKeys && !trustedKeys.includes(seal.publicKey)) return undefined
    const key = publicKeyFromPem(seal.publicKey)
    if (keyIdOf(key) !== seal.keyId) return undefined
    return isSignedBy(key, canonicalJson({ ...signed, seal }), signature) ? signed : undefined
  } catch {
    return undefined
  }
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
