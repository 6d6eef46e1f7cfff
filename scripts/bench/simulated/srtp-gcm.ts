import { createCipheriv, createDecipheriv } from 'node:crypto'

const TAG_BYTES = 16
const LABEL = { rtpKey: 0, rtpSalt: 2, rtcpKey: 3, rtcpSalt: 5 } as const
export type MasterKey = { readonly key: Buffer; readonly salt: Buffer }

/** Session keys from a master key: the AES-CM derivation of RFC 3711 section 4.3 with the 96-bit salt of RFC 7714. */
function derive(master: MasterKey, label: number, bytes: number): Buffer {
  const counter = Buffer.alloc(16)
  master.salt.copy(counter)
  counter[7] = (counter[7] ?? 0) ^ label
  const cipher = createCipheriv('aes-128-ctr', master.key, counter)
  return cipher.update(Buffer.alloc(bytes))
}

/** Bytes of the header with contributing sources and extension (RFC 3550 section 5.1). */
function headerBytes(packet: Buffer): number {
  const first = packet[0] ?? 0
  const fixed = 12 + 4 * (first & 0x0f)
  return first & 0x10 ? fixed + 4 + 4 * packet.readUInt16BE(fixed + 2) : fixed
}

type Rollover = { counter: number; highest: number }

/** One direction of an SRTP session with AEAD_AES_128_GCM (RFC 7714): protects what we send or opens what we receive. */
export class SrtpGcm {
  readonly #rtpKey: Buffer
  readonly #rtpSalt: Buffer
  readonly #rtcpKey: Buffer
  readonly #rtcpSalt: Buffer
  readonly #rollovers = new Map<number, Rollover>()
  #rtcpIndex = 0

  constructor(master: MasterKey) {
    this.#rtpKey = derive(master, LABEL.rtpKey, 16)
    this.#rtpSalt = derive(master, LABEL.rtpSalt, 12)
    this.#rtcpKey = derive(master, LABEL.rtcpKey, 16)
    this.#rtcpSalt = derive(master, LABEL.rtcpSalt, 12)
  }

  protect(rtp: Buffer): Buffer {
    const header = rtp.subarray(0, headerBytes(rtp))
    const cipher = createCipheriv('aes-128-gcm', this.#rtpKey, this.#rtpIv(rtp))
    cipher.setAAD(header)
    const body = cipher.update(rtp.subarray(header.length))
    cipher.final()
    return Buffer.concat([header, body, cipher.getAuthTag()])
  }

  /** @throws Error when the packet is not authentic. */
  open(srtp: Buffer): Buffer {
    const header = srtp.subarray(0, headerBytes(srtp))
    const decipher = createDecipheriv('aes-128-gcm', this.#rtpKey, this.#rtpIv(srtp))
    decipher.setAAD(header)
    decipher.setAuthTag(srtp.subarray(srtp.length - TAG_BYTES))
    const body = decipher.update(srtp.subarray(header.length, srtp.length - TAG_BYTES))
    decipher.final()
    return Buffer.concat([header, body])
  }

  /** RFC 7714 section 9.2: the index, with its encryption bit, goes to the end. */
  protectRtcp(rtcp: Buffer): Buffer {
    this.#rtcpIndex += 1
    const index = Buffer.alloc(4)
    index.writeUInt32BE((0x8000_0000 | this.#rtcpIndex) >>> 0)
    const iv = Buffer.from(this.#rtcpSalt)
    xor32(iv, 2, rtcp.readUInt32BE(4))
    xor32(iv, 8, this.#rtcpIndex)
    const cipher = createCipheriv('aes-128-gcm', this.#rtcpKey, iv)
    cipher.setAAD(Buffer.concat([rtcp.subarray(0, 8), index]))
    const body = cipher.update(rtcp.subarray(8))
    cipher.final()
    return Buffer.concat([rtcp.subarray(0, 8), body, cipher.getAuthTag(), index])
  }

  #rtpIv(packet: Buffer): Buffer {
    const ssrc = packet.readUInt32BE(8)
    const sequence = packet.readUInt16BE(2)
    const iv = Buffer.from(this.#rtpSalt)
    xor32(iv, 2, ssrc)
    xor32(iv, 6, this.#rolloverOf(ssrc, sequence))
    xor32(iv, 8, sequence)
    return iv
  }

  /** The rollover counter for this packet, guessed as in RFC 3711 section 3.3.1. */
  #rolloverOf(ssrc: number, sequence: number): number {
    const known = this.#rollovers.get(ssrc)
    if (!known) {
      this.#rollovers.set(ssrc, { counter: 0, highest: sequence })
      return 0
    }
    const step = ((sequence - known.highest + 0x18000) & 0xffff) - 0x8000
    const wraps = Math.floor((known.highest + step) / 0x10000)
    const counter = known.counter + wraps
    if (step > 0) {
      known.counter = counter
      known.highest = sequence
    }
    return Math.max(0, counter)
  }
}

function xor32(buffer: Buffer, at: number, value: number): void {
  buffer.writeUInt32BE((buffer.readUInt32BE(at) ^ value) >>> 0, at)
}
