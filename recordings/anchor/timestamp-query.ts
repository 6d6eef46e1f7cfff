import { createHash, randomBytes } from 'node:crypto'
import { Integer, Null, OctetString } from 'asn1js'
import { AlgorithmIdentifier, MessageImprint, TimeStampReq } from 'pkijs'

const SHA256 = '2.16.840.1.101.3.4.2.1'

export type TimestampQuery = {
  /** DER of the TimeStampReq (RFC 3161, 2.4.1). */
  readonly der: Uint8Array
  /** Big-endian, without a leading zero. */
  readonly nonce: Uint8Array
}

/** Asks for a stamp over the SHA-256 of `data`, with a nonce, and for the signer's certificate in the answer. */
export function timestampQuery(data: Uint8Array): TimestampQuery {
  const nonce = randomBytes(16)
  // A positive INTEGER of fixed length: first bit clear, first byte not zero.
  nonce[0] = ((nonce[0] ?? 0) & 0x7f) | 0x40
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new Null() }),
      hashedMessage: new OctetString({ valueHex: bufferOf(createHash('sha256').update(data).digest()) }),
    }),
    nonce: new Integer({ valueHex: bufferOf(nonce) }),
    certReq: true,
  })
  return { der: new Uint8Array(request.toSchema().toBER()), nonce }
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
