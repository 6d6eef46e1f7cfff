import type { DocumentKind } from '../../signaling/protocol/reading.ts'

/** In the order in which they are asked for; the types keep it complete. */
const ALL: Readonly<Record<DocumentKind, true>> = {
  'cn-id-front': true,
  'cn-id-back': true,
  'cn-licence': true,
  mrz: true,
  'bank-card': true,
}
export const DOCUMENT_KINDS = Object.keys(ALL) as readonly DocumentKind[]
