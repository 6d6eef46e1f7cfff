import { createHmac, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { crc32 } from 'node:zlib'

const MAGIC = 0x2112a442
const attribute = (type: number, value: Buffer): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}
const withLength = (message: Buffer, more: number): Buffer => {
  const copy = Buffer.from(message)
  copy.writeUInt16BE(message.length - 20 + more, 2)
  return copy
}

/**
 * One ICE connectivity check with nomination (RFC 8445 section 7.2.2, RFC 8489), as a browser's first packet to an ICE-lite
 * server. Resolves when the server has answered it.
 */
export async function checkIce(o: {
  readonly address: string
  readonly port: number
  readonly usernameFragment: string
  readonly password: string
}): Promise<void> {
  const head = Buffer.alloc(20)
  head.writeUInt16BE(0x0001, 0)
  head.writeUInt32BE(MAGIC, 4)
  randomBytes(12).copy(head, 8)
  const priority = Buffer.alloc(4)
  priority.writeUInt32BE(1_853_824_767, 0)
  let message: Buffer = Buffer.concat([
    head,
    attribute(0x0006, Buffer.from(`${o.usernameFragment}:test`)),
    attribute(0x0024, priority),
    attribute(0x802a, randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ])
  const integrity = createHmac('sha1', o.password).update(withLength(message, 24)).digest()
  message = Buffer.concat([message, attribute(0x0008, integrity)])
  const fingerprint = Buffer.alloc(4)
  fingerprint.writeUInt32BE((crc32(withLength(message, 8)) ^ 0x5354554e) >>> 0, 0)
  message = withLength(Buffer.concat([message, attribute(0x8028, fingerprint)]), 0)
  const socket = createSocket('udp4')
  try {
    const answered = once(socket, 'message')
    socket.send(message, o.port, o.address)
    const [answer] = (await answered) as [Buffer]
    if (answer.readUInt16BE(0) !== 0x0101) throw new Error('the check was not answered with success')
  } finally {
    socket.close()
  }
}
