/** A way out into the telephone network: where calls of ours are sent, and as whom. Plain data. */
export type Trunk = {
  /** For metrics and log lines. */
  readonly name: string
  /** Where requests go: `sip:host[:port][;transport=tcp]`. */
  readonly proxy: string
  /** Host part of the addresses we call and of our own; the proxy's host when left out. */
  readonly domain?: string
  /** Digest credentials (RFC 3261 section 22). */
  readonly credentials?: { readonly username: string; readonly password: string }
  /** Number shown to whom we call, where a call gives none. */
  readonly fromNumber: string
  /** Sends the number as P-Asserted-Identity too (RFC 3325), for trunks that trust us. */
  readonly assertIdentity?: boolean
}
