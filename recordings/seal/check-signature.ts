import type { KeyObject } from 'node:crypto'
import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import { isSignedBy, keyIdOf, pemOf, publicKeyFromPem } from './seal-key.ts'

/**
 * Whether `text` carries the seal's signature by the key it brings along, and (with `trusted`) whether that key is known.
 */
export function checkSignature(
  seal: SealedManifest['seal'],
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
  const known = trusted === undefined || trusted.some(pem => isSameKey(pem, key))
  return [
    ...(honest ? [] : [{ kind: 'signature-wrong' as const }]),
    ...(known ? [] : [{ kind: 'unknown-key' as const }]),
  ]
}

function isSameKey(pem: string, key: KeyObject): boolean {
  try {
    return pemOf(publicKeyFromPem(pem)) === pemOf(key)
  } catch {
    return false
  }
}
