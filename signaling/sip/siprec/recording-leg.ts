import type { CallLeg } from '../call-leg.ts'

/** The call of a recording client (SRC, RFC 7866): it only sends, and says what it sends. */
export interface RecordingLeg extends CallLeg {
  /** The metadata document that came with the INVITE. */
  readonly metadata: string | undefined
  /** Later documents, of re-INVITE and UPDATE; set before `answer`. */
  onMetadata(handler: (document: string) => void): void
  /** Asks for the whole description again. */
  requestMetadata(): void
}
