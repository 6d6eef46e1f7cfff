import { createHmac, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const BINDING_REQUEST = 0x0001
const BINDING_SUCCESS = 0x0101
const MAGIC = 0x2112a442
const FINGERPRINT_XOR = 0x5354554e
const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  priority: 0x0024,
  useCandidate: 0x0025,
  controlling: 0x802a,
  fingerprint: 0x8028,
} as const

export type IceCredentials = { readonly usernameFragment: string; readonly password: string }

/** A connectivity check of the controlling side towards an ICE-lite server (RFC 8445 section 7.2, RFC 8489). */
export function bindingRequest(remote: IceCredentials, localFragment: string, tieBreaker: Buffer): Buffer {
  const priority = Buffer.alloc(4)
  priority.writeUInt32BE(0x7e7fffff)
  const attributes = [
    attribute(ATTRIBUTE.username, Buffer.from(`${remote.usernameFragment}:${localFragment}`)),
    attribute(ATTRIBUTE.priority, priority),
    attribute(ATTRIBUTE.controlling, tieBreaker),
    attribute(ATTRIBUTE.useCandidate, Buffer.alloc(0)),
  ]
  const head = Buffer.alloc(20)
  head.writeUInt16BE(BINDING_REQUEST, 0)
  head.writeUInt32BE(MAGIC, 4)
  randomBytes(12).copy(head, 8)
  // Each of the two last attributes covers the length up to and including itself (RFC 8489 sections 14.5 and 14.7).
  const signed = sized(head, attributes, 24)
  const hmac = createHmac('sha1', remote.password).update(signed).digest()
  const whole = sized(head, [...attributes, attribute(ATTRIBUTE.messageIntegrity, hmac)], 8)
  const check = Buffer.alloc(4)
  check.writeUInt32BE((crc32(whole) ^ FINGERPRINT_XOR) >>> 0)
  return Buffer.concat([whole, attribute(ATTRIBUTE.fingerprint, check)])
}

export function isBindingSuccess(packet: Buffer): boolean {
  return packet.length >= 20 && packet.readUInt16BE(0) === BINDING_SUCCESS
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}

function sized(head: Buffer, attributes: readonly Buffer[], following: number): Buffer {
  const body = Buffer.concat(attributes)
  const copy = Buffer.from(head)
  copy.writeUInt16BE(body.length + following, 2)
  return Buffer.concat([copy, body])
}
