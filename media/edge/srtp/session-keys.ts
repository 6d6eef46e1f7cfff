import { createCipheriv } from 'node:crypto'
import type { MasterKey } from './master-key.ts'
import { KEY_BYTES, SUITES } from './suite.ts'

const AUTH_KEY_BYTES = 20
/** RFC 3711 section 4.3.1 and 4.3.2. */
const LABEL = { rtp: { cipher: 0, auth: 1, salt: 2 }, rtcp: { cipher: 3, auth: 4, salt: 5 } } as const

export type SessionKeys = { readonly cipher: Buffer; readonly auth: Buffer; readonly salt: Buffer }

/** Keys of one direction for RTP or RTCP (RFC 3711 section 4.3, key derivation rate 0). */
export function deriveKeys(master: MasterKey, kind: 'rtp' | 'rtcp'): SessionKeys {
  const { saltBytes } = SUITES[master.suite]
  const label = LABEL[kind]
  return {
    cipher: derive(master.key, master.salt, label.cipher, KEY_BYTES),
    auth: derive(master.key, master.salt, label.auth, AUTH_KEY_BYTES),
    salt: derive(master.key, master.salt, label.salt, saltBytes),
  }
}

/** AES-CM as a pseudo-random function. A 96-bit salt (RFC 7714 section 11) fills the left of the 112 bits. */
export function derive(key: Buffer, salt: Buffer, label: number, bytes: number): Buffer {
  const iv = Buffer.alloc(16)
  salt.copy(iv)
  iv[7]! ^= label
  return createCipheriv('aes-128-ctr', key, iv).update(Buffer.alloc(bytes))
}
