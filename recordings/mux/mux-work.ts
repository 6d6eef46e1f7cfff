import type { MadeRedaction, RedactionOrder } from '../redaction/make-redaction.ts'
import type { CallFilesRef } from '../vault/call-files.ts'

export type MuxErrorCode =
  /** The muxer was closed; the next start makes it anew. */
  | 'closed'
  /** Whoever asked does not want it any more. */
  | 'cancelled'
  | 'ffmpeg-failed'
  | 'disk-full'
  | 'failed'
  /** The process ended without an answer. */
  | 'crashed'
  | 'timeout'

/** What is to be made: everything that comes after a call, or a film for programs that know only MP4. */
export type MuxKind = 'replay' | 'mp4' | 'redaction'

/** What the parent hands to its child process, over IPC only: `files` may hold a data key. */
export type MuxOrder = {
  readonly kind: MuxKind
  readonly files: CallFilesRef
  readonly ffmpegBin: string
  readonly workFolder: string
  /** Of a redaction: what to cover. */
  readonly redaction?: RedactionOrder
}

export type MuxResult = {
  /** `derived/replay.webm` */
  readonly file: string
  readonly durationMs: number
  readonly redaction?: MadeRedaction
}

/** What the child process says. */
export type MuxReply =
  | { readonly say: 'progress'; readonly progress: number }
  | ({ readonly say: 'done' } & MuxResult)
  | { readonly say: 'failed'; readonly code: 'ffmpeg-failed' | 'disk-full' | 'failed'; readonly message: string }
