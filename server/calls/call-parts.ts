import type { HoldMusic } from '../../media/edge/hold-music.ts'
import type { PortPool } from '../../media/edge/port-pool.ts'
import type { PictureIntake } from '../../media/picture/intake.ts'
import type { WorkerPool } from '../../media/room/worker-pool.ts'
import type { SealKey } from '../../recordings/seal/seal-key.ts'
import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { CodeSender } from '../assist/code-sender.ts'
import type { DocumentMachines } from '../assist/documents.ts'
import type { GuestBook } from '../assist/guest-book.ts'
import type { InviteBook } from '../assist/invite-book.ts'
import type { PushTools } from '../assist/push.ts'
import type { ReadCodes, ReadText, Recognise } from '../assist/reading.ts'
import type { Config } from '../config.ts'
import type { DeskPhones } from '../dialling/desk-phones.ts'
import type { Dialler } from '../dialling/dialler.ts'
import type { Events } from '../events.ts'
import type { Logger } from '../logger.ts'
import type { Scenarios } from '../scenarios/scenarios.ts'
import type { BridgedPairs } from './bridged-pairs.ts'

/** What every call needs from the house. */
export type CallDeps = {
  readonly rtp: Config['rtp']
  readonly voice: Omit<Config['voice'], 'holdMusicFile'> & { readonly holdMusic: HoldMusic | undefined }
  readonly turn: Config['webrtc']['turn']
  readonly rules: Config['calls']
  /** Without a trailing slash. */
  readonly publicUrl: () => string
  readonly recordingsDir: string
  /** Unfinished uploads, a folder for each call; emptied at the start. */
  readonly uploadsDir: string
  readonly ports: PortPool
  readonly workers: WorkerPool
  readonly invites: InviteBook
  readonly sender: CodeSender
  readonly ffmpegBin: string
  readonly readText: ReadText
  readonly readCodes: ReadCodes
  readonly recognise: Recognise
  readonly documents: DocumentMachines
  readonly intake: PictureIntake
  readonly push: Omit<PushTools, 'takePicture'>
  readonly scenarios: Scenarios
  readonly guests: GuestBook
  /** Whether agents are told that a supervisor looks on. The record always tells. */
  readonly supervisorsVisible: boolean
  /** The way out into the telephone network; undefined without a trunk. */
  readonly dialler: () => Dialler | undefined
  /** Callers whom agents have handed over here, in this node. */
  readonly bridges: BridgedPairs
  /** The telephones that agents take calls on. */
  readonly phones: () => DeskPhones | undefined
  readonly sealKey: SealKey
  readonly events: Events
  readonly logger: Logger
  /** A call's archive was sealed: index it and make its replay file. */
  readonly sealed: (manifest: SealedManifest, folder: string) => Promise<void>
  /** The view of a call changed: tell the desks. */
  readonly changed: (callId: CallId) => void
}
