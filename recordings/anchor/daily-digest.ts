import { createHash } from 'node:crypto'
import * as z from 'zod'
import { CallId } from '../../signaling/protocol/ids.ts'
import { canonicalJson } from '../seal/canonical-json.ts'
import { isSignedBy, keyIdOf, pemOf, publicKeyFromPem, type SealKey } from '../seal/seal-key.ts'

/**
 * `/1` named the head of every journal as well. A head is a hash over texts with numbers in them: beside a copy in which they are
 * masked, it tells the missing digits. The manifest's hash covers the head, and the manifest has a signature nobody can guess.
 */
export const DIGEST_FORMAT = 'tongping-digest/2'
const DIGEST_FORMATS = ['tongping-digest/1', DIGEST_FORMAT] as const
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Day = z.iso.date()

export const DailyDigest = z.object({
  format: z.enum(DIGEST_FORMATS),
  /** The day (UTC) that is over; one digest for each. */
  day: Day,
  /** From 0, without a gap. */
  number: z.number().int().min(0),
  /** SHA-256 of the bytes of the digest before; null for the first. */
  previous: z.object({ day: Day, sha256: Sha256 }).nullable(),
  madeAt: z.iso.datetime(),
  /** Not made in the night after its day: the server was away. */
  late: z.boolean(),
  /** Every call sealed since the digest before, by call id. */
  calls: z.array(
    z.object({
      callId: CallId,
      sealedAt: z.iso.datetime(),
      manifestSha256: Sha256,
      /** In digests of the format before. */
      journalHead: Sha256.optional(),
    }),
  ),
  /** Every certificate of destruction since the digest before. */
  erasures: z.array(z.object({ callId: CallId, certificateSha256: Sha256, issuedAt: z.string() })),
  /** The access log as it stood when this was made. */
  accessLog: z.object({ entries: z.number().int().min(0), head: Sha256 }),
  /** Alarms that were open. */
  alarms: z.array(z.string()),
})
export type DailyDigest = z.infer<typeof DailyDigest>

export const SignedDigest = DailyDigest.extend({
  seal: z.object({ algorithm: z.literal('Ed25519'), keyId: z.string(), publicKey: z.string(), signature: z.string() }),
})
export type SignedDigest = z.infer<typeof SignedDigest>

/** The bytes of `<day>.json`: canonical JSON, signed like a manifest. */
export function signDigest(digest: DailyDigest, key: SealKey): Buffer {
  const signed: SignedDigest = {
    ...digest,
    seal: { algorithm: 'Ed25519', keyId: key.keyId, publicKey: key.publicKeyPem, signature: '' },
  }
  signed.seal.signature = key.sign(signedText(signed))
  return Buffer.from(canonicalJson(signed))
}

/** A digest as people may read it who may not see whole numbers. Its bytes, hash and signature are those of the whole. */
export function withoutHeads(digest: SignedDigest): SignedDigest {
  return { ...digest, calls: digest.calls.map(({ journalHead: _, ...call }) => call) }
}

/** Undefined unless the bytes are spelled exactly as `signDigest` writes and the signature fits its own key. */
export function readDigest(bytes: Uint8Array): SignedDigest | undefined {
  try {
    const text = Buffer.from(bytes).toString('utf8')
    const digest = SignedDigest.parse(JSON.parse(text))
    if (canonicalJson(digest) !== text) return undefined
    const { keyId, publicKey, signature } = digest.seal
    const key = publicKeyFromPem(publicKey)
    const honest = keyIdOf(key) === keyId && pemOf(key) === publicKey && isSignedBy(key, signedText(digest), signature)
    return honest ? digest : undefined
  } catch {
    return undefined
  }
}

export function digestHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function signedText(digest: SignedDigest): string {
  const { signature: _, ...seal } = digest.seal
  return canonicalJson({ ...digest, seal })
}

/** The day after, as `yyyy-mm-dd`. */
export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00.000Z`) + 86_400_000).toISOString().slice(0, 10)
}
