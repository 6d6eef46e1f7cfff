import type { CallFilesRef } from '../../../recordings/vault/call-files.ts'
import type { CallId } from '../../../signaling/protocol/ids.ts'
import type { ExportAccess, ExportOrigin } from '../../../signaling/protocol/record-export.ts'

/** What the child process is told, over IPC only: `files` may hold a data key. The private key stays with the parent. */
export type ExportOrder = {
  readonly files: CallFilesRef
  readonly callId: CallId
  readonly origin: ExportOrigin
  readonly access: readonly ExportAccess[]
  /** Public keys (PEM) that may have sealed the record. */
  readonly trustedKeys: readonly string[]
  readonly sealKey: { readonly keyId: string; readonly publicKeyPem: string }
  /** `<data>/anchors`: the daily digests. */
  readonly anchorsFolder: string
  /** PEM of time stamp authorities. */
  readonly authorities: readonly string[]
  /** Where the built page and the single-file verifier lie. */
  readonly pagesFolder: string
  /** Private; for what is made on the way. */
  readonly workFolder: string
  /** The file to write. */
  readonly out: string
  /** IANA name; times in print are of this zone, and say so. */
  readonly timeZone: string
}

export type ExportResult = { readonly bytes: number; readonly sha256: string }
export type ExportFailure = 'disk-full' | 'failed' | 'timeout'
export type ExportReply =
  | { readonly say: 'progress'; readonly progress: number }
  /** The text to be signed by the parent, which answers with {@link SignedText}. */
  | { readonly say: 'sign'; readonly text: string }
  | ({ readonly say: 'done' } & ExportResult)
  | { readonly say: 'failed'; readonly code: ExportFailure; readonly message: string }
export type SignedText = { readonly say: 'signed'; readonly signature: string }
