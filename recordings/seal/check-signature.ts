import type { KeyObject } from 'node:crypto'
import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import { isSignedBy, keyIdOf, pemOf, publicKeyFromPem } from './seal-key.ts'

/**
 * Whether `text` carries the seal's signature by the key it brings along, and (with `trusted`) whether that key is known.
 */
export function checkSignature(
  seal: Omit<SealedManifest['seal'], 'sealedAt'>,
  text: string,
  trusted: readonly string[] | undefined,
): { readonly kind: 'signature-wrong' | 'unknown-key' }[] {
  let key: KeyObject
  try {
    key = publicKeyFromPem(seal.publicKey)
  } catch {
    return [{ kind: 'signature-wrong' }]
  }
  const { keyId, publicKey, signature } = seal
  const honest = keyIdOf(key) === keyId && pemOf(key) === publicKey && isSignedBy(key, text, signature)
  const known = isTrustedKey(publicKey, trusted)
  return [
    ...(honest ? [] : [{ kind: 'signature-wrong' as const }]),
    ...(known ? [] : [{ kind: 'unknown-key' as const }]),
  ]
}

/** Whether a public key (PEM) is one of those that are trusted; without a list every key is. */
export function isTrustedKey(publicKey: string, trusted: readonly string[] | undefined): boolean {
  return trusted === undefined || trusted.some(pem => isSameKey(pem, publicKey))
}

function isSameKey(a: string, b: string): boolean {
  try {
    return pemOf(publicKeyFromPem(a)) === pemOf(publicKeyFromPem(b))
  } catch {
    return false
  }
}
