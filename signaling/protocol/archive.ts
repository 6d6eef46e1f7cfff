import * as z from 'zod'
import { CallEnd, Language, Participant } from './call.ts'
import { ExternalName, VoicePlace } from './external.ts'
import { CallId, UserId } from './ids.ts'
import { TrackName } from './journal-entry.ts'
import { Page } from './page.ts'
import { ConsentKind } from './scenario.ts'

export const ARCHIVE_FORMAT = 'tongping-archive/1'

/** One RTP journal of the archive. Times are milliseconds on the call's clock (0 = answer). */
export const TrackRecord = z.object({
  file: z.string(),
  track: TrackName,
  codec: z.string(),
  clockRate: z.number().int(),
  /** Arrival of the first and the last packet. */
  startsAtMs: z.number(),
  endsAtMs: z.number(),
  packets: z.number().int(),
  /** Packets handed to the recorder; more than `packets` means the recorder lost some. */
  packetsReceived: z.number().int(),
  rtcpPackets: z.number().int(),
  /** Spans without a packet for more than 200 ms. */
  gaps: z.array(z.tuple([z.number(), z.number()])),
})
export type TrackRecord = z.infer<typeof TrackRecord>

export const FileRecord = z.object({ path: z.string(), bytes: z.number().int(), sha256: z.string() })
export type FileRecord = z.infer<typeof FileRecord>

const byFile = { file: z.string() }
const byMs = z.number().int()
/** What does not add up between what the call promised and what the folder holds, found before the seal. */
export const ArchiveFinding = z.discriminatedUnion('kind', [
  /** The recorder got packets that it could not write. */
  z.object({ kind: z.literal('packets-not-recorded'), ...byFile, received: z.number(), recorded: z.number() }),
  /** The media side counted other packets than the recorder was handed. */
  z.object({ kind: z.literal('packets-unaccounted'), ...byFile, forwarded: z.number(), received: z.number() }),
  z.object({ kind: z.literal('journal-disagrees'), ...byFile, journalled: z.number(), recorded: z.number() }),
  z.object({ kind: z.literal('track-missing'), ...byFile, track: TrackName }),
  z.object({ kind: z.literal('track-after-call'), ...byFile, byMs }),
  z.object({ kind: z.literal('track-late'), track: TrackName, byMs }),
  z.object({ kind: z.literal('track-short'), track: TrackName, byMs }),
  z.object({ kind: z.literal('nothing-recorded'), track: TrackName }),
  /** By what the recording client said, the track does not hold one person's voice; `atMs` where that first came to be. */
  z.object({ kind: z.literal('speaker-changed'), track: TrackName, atMs: z.number(), times: z.number().int() }),
  z.object({ kind: z.literal('file-missing'), ...byFile }),
  z.object({ kind: z.literal('file-differs'), ...byFile }),
])
export type ArchiveFinding = z.infer<typeof ArchiveFinding>

/** manifest.json, written last, as canonical JSON. `seal.signature` signs the canonical JSON of everything but itself. */
const ConsentRecordSchema = z.object({
  kind: ConsentKind,
  given: z.boolean(),
  textVersion: z.string(),
  language: Language,
  atMs: z.number(),
  recordedBy: z.enum(['caller', 'agent']),
  device: z.object({ userAgent: z.string(), idHash: z.string() }).optional(),
  withdrawnAtMs: z.number().optional(),
})

export const ArchiveManifest = z.object({
  format: z.literal(ARCHIVE_FORMAT),
  callId: CallId,
  from: z.string(),
  to: z.string(),
  agent: z.object({ id: UserId, name: z.string() }),
  /** The call was held by another system; `voice` says why there are no voice tracks, or by what way they came. */
  external: ExternalName.extend({ voice: VoicePlace.exclude(['here']) }).optional(),
  answeredAt: z.iso.datetime(),
  durationMs: z.number(),
  end: CallEnd,
  participants: z.array(Participant),
  /** The caller's answers, folded from the journal; archives of before have none. */
  consents: z.array(ConsentRecordSchema).optional(),
  tracks: z.array(TrackRecord),
  /** Every page of the stage with the first picture it had; later ones stand in the journal. */
  pages: z.array(Page),
  journal: z.object({ file: z.literal('journal.jsonl'), entries: z.number().int(), head: z.string() }),
  files: z.array(FileRecord),
  /** The reconciliation of the call: empty when everything adds up. Missing in records older than it. */
  findings: z.array(ArchiveFinding).optional(),
  /** What the recorder itself could not keep, in words; empty when all is well. */
  remarks: z.array(z.string()),
})
export type ArchiveManifest = z.infer<typeof ArchiveManifest>
export const SealedManifest = ArchiveManifest.extend({
  seal: z.object({
    sealedAt: z.iso.datetime(),
    algorithm: z.literal('Ed25519'),
    keyId: z.string(),
    publicKey: z.string(),
    signature: z.string(),
  }),
})
export type SealedManifest = z.infer<typeof SealedManifest>

/** What `verify` found. `problems` is empty when the archive is intact. */
export type ArchiveVerdict = {
  readonly intact: boolean
  /** What was looked at: the files themselves, or their encrypted form (which needs no key). */
  readonly form: 'plain' | 'encrypted'
  readonly callId: string | undefined
  readonly sealedAt: string | undefined
  readonly keyId: string | undefined
  readonly filesChecked: number
  readonly bytesChecked: number
  readonly problems: readonly ArchiveProblem[]
}
export type ArchiveProblem =
  | {
      readonly kind:
        | 'manifest-missing'
        | 'manifest-unreadable'
        | 'signature-wrong'
        | 'unknown-key'
        /** vault.json, the signed list of the encrypted form. */
        | 'vault-missing'
        | 'vault-unreadable'
        | 'vault-signature-wrong'
        /** key.json, without which the call can never be read. */
        | 'key-missing'
        | 'key-damaged'
        /** The data key given is not the one this call was encrypted with. */
        | 'key-wrong'
    }
  | { readonly kind: 'file-missing' | 'file-added' | 'file-changed' | 'file-size'; readonly file: string }
  /** What is there is right as far as it goes; the rest was cut off. `fromByte`: where it ends now. */
  | { readonly kind: 'tail-removed'; readonly file: string; readonly fromByte: number; readonly missingBytes: number }
  /** It says of itself that it belongs to another call. */
  | { readonly kind: 'call-swapped'; readonly file: string; readonly callId: string }
  /** It is another file of this very call. */
  | { readonly kind: 'file-swapped'; readonly file: string; readonly with: string }
  | { readonly kind: 'journal-chain-broken'; readonly file: string; readonly entry: number }
  /** All entries are there, in another order; `entry` is the first out of its place. */
  | { readonly kind: 'journal-reordered'; readonly file: string; readonly entry: number }
  | {
      readonly kind: 'track-checkpoint-wrong'
      readonly file: string
      readonly fromByte: number
      readonly toByte: number
    }
  /** Encrypted form: chunks `firstChunk` to `lastChunk` were altered, stored bytes `fromByte` to `toByte`. */
  | {
      readonly kind: 'chunks-wrong'
      readonly file: string
      readonly firstChunk: number
      readonly lastChunk: number
      readonly fromByte: number
      readonly toByte: number
    }
  /** Encrypted form: whole chunks stand in another order; `chunk` is the first out of its place. */
  | { readonly kind: 'chunks-reordered'; readonly file: string; readonly chunk: number }
  /** Encrypted form: the first bytes of the file, which say what it is, were altered. */
  | { readonly kind: 'file-head-wrong'; readonly file: string }
