export type TimestampFault =
  /** Nobody answered in time. */
  | 'unreachable'
  /** Answered with another HTTP status than 200, another media type, or far too long. */
  | 'http-refused'
  /** The authority answers that it will not stamp. */
  | 'refused'
  /** No RFC 3161 response that can be read. */
  | 'unreadable'
  /** Stamps other bytes. */
  | 'imprint-wrong'
  /** Answers another question. */
  | 'nonce-wrong'
  | 'signature-wrong'
  /** The signer's certificate is not one that may stamp: extended key usage, or not the one the token names. */
  | 'certificate-wrong'
  /** The signer's certificate was not valid at the time it states. */
  | 'certificate-expired'
  /** No path to the authorities that are trusted here. */
  | 'untrusted'

/** A time stamp that does not count, or that could not be had. */
export class TimestampError extends Error {
  override name = 'TimestampError'
  readonly fault: TimestampFault
  constructor(fault: TimestampFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
