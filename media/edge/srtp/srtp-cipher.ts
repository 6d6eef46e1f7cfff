import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import type { MasterKey } from './master-key.ts'
import { deriveKeys, type SessionKeys } from './session-keys.ts'
import { SUITES, type Suite, type SuiteName } from './suite.ts'

const ENCRYPTED = 0x8000_0000
const ROUND = 0x1_0000
/** Header and sender of an RTCP packet stay in the clear. */
const RTCP_CLEAR_BYTES = 8
const RTCP_INDEX_BYTES = 4

/**
 * The transforms of one direction under one master key: AES counter mode with HMAC-SHA1 (RFC 3711 section 4) and AES-GCM
 * (RFC 7714). It keeps no state but keys; who calls it knows the packet index. Packets given are never written to.
 */
export class SrtpCipher {
  readonly #suite: Suite
  readonly #rtp: SessionKeys
  readonly #rtcp: SessionKeys

  constructor(suite: SuiteName, keys: { readonly rtp: SessionKeys; readonly rtcp: SessionKeys }) {
    this.#suite = SUITES[suite]
    this.#rtp = keys.rtp
    this.#rtcp = keys.rtcp
  }

  static of(master: MasterKey): SrtpCipher {
    return new SrtpCipher(master.suite, { rtp: deriveKeys(master, 'rtp'), rtcp: deriveKeys(master, 'rtcp') })
  }

  /** `start` is where the payload begins: behind CSRCs and header extension. */
  sealRtp(packet: Buffer, start: number, index: number): Buffer {
    const header = packet.subarray(0, start)
    const payload = packet.subarray(start)
    const round = roundOf(index)
    if (this.#suite.aead) return this.#sealAead(this.#rtp, header, payload, this.#rtpNonce(packet, round))
    const body = aesCounter(this.#rtp, packet.readUInt32BE(8), index, payload)
    const tag = hmac(this.#rtp, [header, body, word(round)]).subarray(0, this.#suite.rtpTagBytes)
    return Buffer.concat([header, body, tag])
  }

  /** undefined when the packet is not authentic under this index. */
  openRtp(packet: Buffer, start: number, index: number): Buffer | undefined {
    const end = packet.length - this.#suite.rtpTagBytes
    if (end < start) return undefined
    const header = packet.subarray(0, start)
    const round = roundOf(index)
    if (this.#suite.aead)
      return this.#openAead(this.#rtp, header, packet.subarray(start), this.#rtpNonce(packet, round))
    const signed = packet.subarray(0, end)
    const tag = hmac(this.#rtp, [signed, word(round)]).subarray(0, this.#suite.rtpTagBytes)
    if (!timingSafeEqual(tag, packet.subarray(end))) return undefined
    return Buffer.concat([header, aesCounter(this.#rtp, packet.readUInt32BE(8), index, packet.subarray(start, end))])
  }

  sealRtcp(packet: Buffer, index: number): Buffer {
    const head = packet.subarray(0, RTCP_CLEAR_BYTES)
    const body = packet.subarray(RTCP_CLEAR_BYTES)
    const trailer = word((ENCRYPTED | index) >>> 0)
    const ssrc = packet.readUInt32BE(4)
    if (this.#suite.aead) {
      const sealed = this.#sealAead(this.#rtcp, Buffer.concat([head, trailer]), body, this.#rtcpNonce(ssrc, index))
      return Buffer.concat([head, sealed.subarray(RTCP_CLEAR_BYTES + RTCP_INDEX_BYTES), trailer])
    }
    const signed = Buffer.concat([head, aesCounter(this.#rtcp, ssrc, index, body), trailer])
    return Buffer.concat([signed, hmac(this.#rtcp, [signed]).subarray(0, this.#suite.rtcpTagBytes)])
  }

  /** The packet and its index; undefined when it is not authentic. */
  openRtcp(packet: Buffer): { packet: Buffer; index: number } | undefined {
    const { aead, rtcpTagBytes } = this.#suite
    if (packet.length < RTCP_CLEAR_BYTES + RTCP_INDEX_BYTES + rtcpTagBytes) return undefined
    const trailerAt = packet.length - RTCP_INDEX_BYTES - (aead ? 0 : rtcpTagBytes)
    const trailer = packet.subarray(trailerAt, trailerAt + RTCP_INDEX_BYTES)
    const said = trailer.readUInt32BE(0)
    // Reports in the clear were not agreed on (RFC 4568 section 6.3.2).
    if (said < ENCRYPTED) return undefined
    const index = said - ENCRYPTED
    const head = packet.subarray(0, RTCP_CLEAR_BYTES)
    const ssrc = packet.readUInt32BE(4)
    if (aead) {
      const clear = Buffer.concat([head, trailer])
      const body = packet.subarray(RTCP_CLEAR_BYTES, trailerAt)
      const opened = this.#openAead(this.#rtcp, clear, body, this.#rtcpNonce(ssrc, index))
      if (opened === undefined) return undefined
      return { packet: Buffer.concat([head, opened.subarray(clear.length)]), index }
    }
    const signed = packet.subarray(0, trailerAt + RTCP_INDEX_BYTES)
    const tag = hmac(this.#rtcp, [signed]).subarray(0, rtcpTagBytes)
    if (!timingSafeEqual(tag, packet.subarray(signed.length))) return undefined
    const body = aesCounter(this.#rtcp, ssrc, index, packet.subarray(RTCP_CLEAR_BYTES, trailerAt))
    return { packet: Buffer.concat([head, body]), index }
  }

  #sealAead(keys: SessionKeys, clear: Buffer, plain: Buffer, nonce: Buffer): Buffer {
    const cipher = createCipheriv('aes-128-gcm', keys.cipher, nonce, { authTagLength: 16 }).setAAD(clear)
    return Buffer.concat([clear, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }

  #openAead(keys: SessionKeys, clear: Buffer, sealed: Buffer, nonce: Buffer): Buffer | undefined {
    const end = sealed.length - 16
    if (end < 0) return undefined
    const decipher = createDecipheriv('aes-128-gcm', keys.cipher, nonce, { authTagLength: 16 })
    decipher.setAAD(clear).setAuthTag(sealed.subarray(end))
    const plain = decipher.update(sealed.subarray(0, end))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return Buffer.concat([clear, plain])
  }

  /** RFC 7714 section 8.1: zeros, SSRC, rollover counter, sequence number; exclusive-or the salt. */
  #rtpNonce(packet: Buffer, round: number): Buffer {
    const nonce = Buffer.alloc(12)
    packet.copy(nonce, 2, 8, 12)
    nonce.writeUInt32BE(round, 6)
    packet.copy(nonce, 10, 2, 4)
    return mixed(nonce, this.#rtp.salt)
  }

  /** RFC 7714 section 9.1. */
  #rtcpNonce(ssrc: number, index: number): Buffer {
    const nonce = Buffer.alloc(12)
    nonce.writeUInt32BE(ssrc, 2)
    nonce.writeUInt32BE(index, 8)
    return mixed(nonce, this.#rtcp.salt)
  }
}

const roundOf = (index: number): number => Math.floor(index / ROUND) >>> 0

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

function mixed(bytes: Buffer, salt: Buffer): Buffer {
  for (let n = 0; n < salt.length; n++) bytes[n]! ^= salt[n]!
  return bytes
}

/** RFC 3711 section 4.1.1: salt * 2^16 XOR ssrc * 2^64 XOR index * 2^16, then counting. */
function aesCounter(keys: SessionKeys, ssrc: number, index: number, body: Buffer): Buffer {
  const iv = Buffer.alloc(16)
  iv.writeUInt32BE(ssrc, 4)
  iv.writeUIntBE(index, 8, 6)
  return createCipheriv('aes-128-ctr', keys.cipher, mixed(iv, keys.salt)).update(body)
}

function hmac(keys: SessionKeys, parts: readonly Buffer[]): Buffer {
  const code = createHmac('sha1', keys.auth)
  for (const part of parts) code.update(part)
  return code.digest()
}
