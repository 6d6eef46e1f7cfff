import { createHash } from 'node:crypto'
import * as z from 'zod'
import { SealedManifest } from '../../signaling/protocol/archive.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import { canonicalJson } from '../seal/canonical-json.ts'
import { CHUNK_BYTES, VAULT_FORMAT } from './vault-format.ts'

/** Bytes of a mark: enough to find an altered chunk; that anything was altered, the whole SHA-256 says. */
export const MARK_BYTES = 8

export const VaultFileRecord = z.object({
  /** The name of the plain file; it is stored as `<path>.tpv`. */
  path: z.string(),
  bytes: z.number().int(),
  storedBytes: z.number().int(),
  storedSha256: z.string(),
  /** Base64 of the first 8 bytes of the SHA-256 of the head and of every chunk, one after the other. */
  marks: z.string(),
})
export type VaultFileRecord = z.infer<typeof VaultFileRecord>

/** vault.json: the signed list of a call's encrypted files, as canonical JSON. Everything can be checked without a key. */
export const VaultList = z.object({
  format: z.literal(VAULT_FORMAT),
  callId: CallId,
  algorithm: z.literal('AES-256-GCM/STREAM'),
  chunkBytes: z.literal(CHUNK_BYTES),
  keyCheck: z.string(),
  /** Of the plain manifest.json, so that both forms are bound to each other. */
  manifest: z.object({ sha256: z.string(), sealedAt: z.iso.datetime(), signature: z.string() }),
  /** All evidence and manifest.json; derivatives prove themselves and are not listed. */
  files: z.array(VaultFileRecord),
  seal: SealedManifest.shape.seal,
})
export type VaultList = z.infer<typeof VaultList>

/** The text that the signature covers. */
export function signedVaultText(list: VaultList): string {
  const { signature: _, ...seal } = list.seal
  return canonicalJson({ ...list, seal })
}

/** Undefined when the text is not the canonical spelling of a list. */
export function parseVaultList(text: string): VaultList | undefined {
  try {
    const list = VaultList.parse(JSON.parse(text))
    return canonicalJson(list) === text ? list : undefined
  } catch {
    return undefined
  }
}

export function markOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, MARK_BYTES)
}
