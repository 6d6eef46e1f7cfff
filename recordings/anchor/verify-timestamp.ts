import { createHash } from 'node:crypto'
import { fromBER, type OctetString, type Sequence } from 'asn1js'
import {
  Certificate,
  type ExtKeyUsage,
  PKIStatus,
  SignedData,
  SignedDataVerifyError,
  type SignerInfo,
  TimeStampResp,
  TSTInfo,
} from 'pkijs'
import { TimestampError, type TimestampFault } from './timestamp-error.ts'

const DATA = '1.2.840.113549.1.7.1'
const SIGNED_DATA = '1.2.840.113549.1.7.2'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'
const SHA256 = '2.16.840.1.101.3.4.2.1'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8'
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12'
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'
const COMMON_NAME = '2.5.4.3'
const ORGANISATION = '2.5.4.10'
/** Of pkijs: the signer's certificate has no good path. */
const CHAIN_FAILED = 5

export type Timestamp = {
  /** The authority's time, ISO 8601 in UTC. */
  readonly at: string
  /** How far its clock may be off, when it says so. */
  readonly accuracyMs: number | undefined
  /** Name in the signer's certificate. */
  readonly by: string
  /** Hex. */
  readonly serial: string
  readonly policy: string
  /** SHA-256 of the signer's certificate, hex. */
  readonly certificateSha256: string
  /** Whether a path to a trusted authority was checked; false when none was given. */
  readonly trusted: boolean
}

/**
 * Reads an RFC 3161 response (`.tsr`) and checks that it stamps exactly `data` (or the bytes whose SHA-256 is `sha256`,
 * hex: whoever cannot read them can still hold the stamp to their hash): imprint, nonce (if given), signature,
 * that the signer may stamp, and that its certificate was valid at the stated time and leads to one of `authorities`
 * (PEM, any number in each text). Pure: no network, no clock; works as well in twenty years.
 * @throws TimestampError
 */
export async function verifyTimestamp(
  o: {
    readonly response: Uint8Array
    readonly nonce?: Uint8Array
    readonly authorities?: readonly string[]
  } & ({ readonly data: Uint8Array } | { readonly sha256: string }),
): Promise<Timestamp> {
  const { signed, info } = read(o.response)
  const { hashAlgorithm, hashedMessage } = info.messageImprint
  const wanted = 'data' in o ? createHash('sha256').update(o.data).digest() : Buffer.from(o.sha256, 'hex')
  if (hashAlgorithm.algorithmId !== SHA256 || !wanted.equals(hashedMessage.valueBlock.valueHexView))
    throw new TimestampError('imprint-wrong', 'the stamp is over other bytes')
  if (o.nonce && !Buffer.from(o.nonce).equals(info.nonce?.valueBlock.valueHexView ?? Buffer.alloc(0)))
    throw new TimestampError('nonce-wrong', 'the stamp answers another request')

  const authorities = (o.authorities ?? []).flatMap(certificatesOf)
  const signer = await checkSignature(signed, info.genTime, authorities)
  checkSigner(signer, signed, info.genTime)
  return {
    at: info.genTime.toISOString(),
    accuracyMs: accuracyMs(info),
    by: nameOf(signer),
    serial: Buffer.from(info.serialNumber.valueBlock.valueHexView).toString('hex'),
    policy: info.policy,
    certificateSha256: createHash('sha256').update(derOf(signer)).digest('hex'),
    trusted: authorities.length > 0,
  }
}

function read(response: Uint8Array): { signed: SignedData; info: TSTInfo } {
  let parsed: TimeStampResp
  try {
    parsed = new TimeStampResp({ schema: fromBER(bufferOf(response)).result })
  } catch (cause) {
    throw new TimestampError('unreadable', 'no time stamp response', { cause })
  }
  if (parsed.status.status !== PKIStatus.granted && parsed.status.status !== PKIStatus.grantedWithMods)
    throw new TimestampError('refused', `the authority refused with status ${parsed.status.status}`)
  try {
    const token = parsed.timeStampToken
    if (token?.contentType !== SIGNED_DATA) throw new Error('no token')
    const signed = new SignedData({ schema: token.content })
    const content = signed.encapContentInfo.eContent
    if (signed.encapContentInfo.eContentType !== TST_INFO || !content) throw new Error('no TSTInfo')
    if (signed.signerInfos.length !== 1) throw new Error('not exactly one signer')
    return { signed, info: TSTInfo.fromBER(content.getValue()) }
  } catch (cause) {
    throw new TimestampError('unreadable', 'no time stamp token', { cause })
  }
}

async function checkSignature(signed: SignedData, at: Date, authorities: readonly Certificate[]): Promise<Certificate> {
  // For a content of this type pkijs would hash the stamped bytes itself. Their hash was compared, and nobody needs the bytes.
  signed.encapContentInfo.eContentType = DATA
  try {
    const result = await signed.verify({
      signer: 0,
      checkDate: at,
      trustedCerts: [...authorities],
      checkChain: authorities.length > 0,
      passedWhenNotRevValues: true,
      extendedMode: true,
    })
    if (!result.signatureVerified || !result.signerCertificate)
      throw new TimestampError('signature-wrong', 'the signature of the stamp is wrong')
    return result.signerCertificate
  } catch (error) {
    if (error instanceof TimestampError) throw error
    throw new TimestampError(faultOf(error, signed), 'the stamp does not hold', { cause: error })
  }
}

/** pkijs names a failed path only in words; an expired signer is told apart by its own dates. */
function faultOf(error: unknown, signed: SignedData): TimestampFault {
  if (!(error instanceof SignedDataVerifyError) || error.code !== CHAIN_FAILED) return 'signature-wrong'
  const signer = error.signerCertificate
  const info = TSTInfo.fromBER(signed.encapContentInfo.eContent?.getValue() ?? new ArrayBuffer(0))
  return signer && !wasValid(signer, info.genTime) ? 'certificate-expired' : 'untrusted'
}

function wasValid(certificate: Certificate, at: Date): boolean {
  return certificate.notBefore.value <= at && at <= certificate.notAfter.value
}

/** RFC 3161, 2.3 and 2.4.2: one critical purpose, and the token names its own signer (RFC 5816). */
function checkSigner(signer: Certificate, signed: SignedData, at: Date): void {
  if (!wasValid(signer, at))
    throw new TimestampError('certificate-expired', 'the signer’s certificate was not valid at that time')
  const usage = signer.extensions?.find(extension => extension.extnID === EXTENDED_KEY_USAGE)
  const purposes = (usage?.parsedValue as ExtKeyUsage | undefined)?.keyPurposes ?? []
  if (usage?.critical !== true || purposes.length !== 1 || purposes[0] !== TIME_STAMPING)
    throw new TimestampError('certificate-wrong', 'the signer’s certificate is not for time stamping')
  if (!namesItself(signed.signerInfos[0], signer))
    throw new TimestampError('certificate-wrong', 'the stamp names another certificate than the one that signed')
}

/** The first ESSCertID(v2) holds the hash of the signer's certificate: SHA-1 in v1, SHA-256 unless stated in v2. */
function namesItself(info: SignerInfo | undefined, signer: Certificate): boolean {
  for (const attribute of info?.signedAttrs?.attributes ?? []) {
    const v2 = attribute.type === SIGNING_CERTIFICATE_V2
    if (!v2 && attribute.type !== SIGNING_CERTIFICATE) continue
    const signingCertificate = attribute.values[0] as Sequence
    const certs = signingCertificate.valueBlock.value[0] as Sequence
    const id = (certs.valueBlock.value[0] as Sequence).valueBlock.value
    const hash = id.find(value => value.idBlock.tagNumber === 4 && value.idBlock.tagClass === 1) as
      | OctetString
      | undefined
    const given = Buffer.from(hash?.valueBlock.valueHexView ?? [])
    const algorithm = { 20: 'sha1', 32: 'sha256', 48: 'sha384', 64: 'sha512' }[given.length]
    return algorithm !== undefined && createHash(algorithm).update(derOf(signer)).digest().equals(given)
  }
  return false
}

/** @throws TimestampError `untrusted` when a text holds no certificate that can be read: nothing could be checked with it. */
function certificatesOf(pem: string): Certificate[] {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g)]
  try {
    if (blocks.length === 0) throw new Error('no certificate')
    return blocks.map(block => Certificate.fromBER(bufferOf(Buffer.from(block[1] ?? '', 'base64'))))
  } catch (cause) {
    throw new TimestampError('untrusted', 'the list of trusted authorities cannot be read', { cause })
  }
}

function accuracyMs(info: TSTInfo): number | undefined {
  if (!info.accuracy) return undefined
  const { seconds = 0, millis = 0, micros = 0 } = info.accuracy
  return seconds * 1000 + millis + micros / 1000
}

function nameOf(certificate: Certificate): string {
  const part = (type: string) =>
    certificate.subject.typesAndValues.find(one => one.type === type)?.value.valueBlock.value as string | undefined
  return [part(COMMON_NAME), part(ORGANISATION)].filter(Boolean).join(', ') || 'a nameless authority'
}

function derOf(certificate: Certificate): Uint8Array {
  return new Uint8Array(certificate.toSchema().toBER())
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
