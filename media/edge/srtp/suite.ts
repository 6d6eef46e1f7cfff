/** Crypto suites of RFC 4568 section 6.2 and RFC 7714 that we speak. */
export type SuiteName = 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32' | 'AEAD_AES_128_GCM'

export type Suite = {
  readonly aead: boolean
  readonly saltBytes: number
  readonly rtpTagBytes: number
  readonly rtcpTagBytes: number
}
export const KEY_BYTES = 16

export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  AES_CM_128_HMAC_SHA1_80: { aead: false, saltBytes: 14, rtpTagBytes: 10, rtcpTagBytes: 10 },
  // Short tags are for voice only: reports keep the long one (RFC 3711 section 5.2, RFC 4568 section 6.2.2).
  AES_CM_128_HMAC_SHA1_32: { aead: false, saltBytes: 14, rtpTagBytes: 4, rtcpTagBytes: 10 },
  AEAD_AES_128_GCM: { aead: true, saltBytes: 12, rtpTagBytes: 16, rtcpTagBytes: 16 },
}
/** In our offers. The first is what every device has. */
export const OFFERED_SUITES: readonly SuiteName[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_32',
]
export const isSuite = (name: string): name is SuiteName => Object.hasOwn(SUITES, name)
