/** EBML elements (RFC 8794): id, size as a variable-length integer, body. */
export function element(id: number, body: readonly Buffer[]): Buffer {
  const bytes = body.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([idBytes(id), sizeBytes(bytes), ...body])
}

export function uintElement(id: number, value: number): Buffer {
  const body = Buffer.alloc(8)
  body.writeBigUInt64BE(BigInt(Math.max(0, Math.round(value))))
  const first = body.findIndex(byte => byte !== 0)
  return element(id, [first === -1 ? Buffer.alloc(1) : body.subarray(first)])
}

export function floatElement(id: number, value: number): Buffer {
  const body = Buffer.alloc(8)
  body.writeDoubleBE(value)
  return element(id, [body])
}

export function textElement(id: number, value: string): Buffer {
  return element(id, [Buffer.from(value, 'utf8')])
}

/** Head of an element whose size is written later into its last eight bytes; until then "unknown", which plays too. */
export function unknownYetSize(id: number): Buffer {
  return Buffer.concat([idBytes(id), Buffer.from('01ffffffffffffff', 'hex')])
}

/** An eight-byte size field. */
export function wholeSize(bytes: number): Buffer {
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(bytes) | (1n << 56n))
  return size
}

function idBytes(id: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(id >>> 0)
  return bytes.subarray(bytes.findIndex(byte => byte !== 0))
}

function sizeBytes(size: number): Buffer {
  // All ones is reserved for "unknown", hence the -1.
  for (let length = 1; length < 5; length++) {
    if (size >= 2 ** (7 * length) - 1) continue
    const bytes = Buffer.alloc(length)
    bytes.writeUIntBE(size + 2 ** (7 * length), 0, length)
    return bytes
  }
  return wholeSize(size)
}
