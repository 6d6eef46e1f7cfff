import type { CameraTrouble } from '../../signaling/protocol/call.ts'
import type { PageId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Rung } from '../../signaling/protocol/phone.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import type { Stage } from '../../signaling/protocol/stage.ts'
import type { SignalingClient } from '../shared/socket.ts'
import type { Facing } from './camera.ts'
import type { Uplink } from './uplink.ts'

/** What the live screen shows. `needs-tap`: the browser wants a person's tap before it gives the camera again. */
export type VisitView = {
  readonly agentName: string
  readonly agentHere: boolean
  readonly recording: boolean
  /** The card shutter is closed: nothing is sent, nothing recorded. */
  readonly shut: boolean
  /** The call is on hold, by whichever side: the picture is not sent meanwhile and comes back by itself. */
  readonly held: boolean
  readonly online: boolean
  readonly camera: 'starting' | 'live' | 'paused' | 'interrupted' | 'needs-tap'
  readonly facing: Facing
  readonly torch: 'none' | 'off' | 'on'
  /** The picture has been trying to leave the phone for longer than any working network needs. */
  readonly slow: boolean
  /** How the picture travels now. */
  readonly rung: Rung
  /** What became of the photo sent last, on the rung where photos are sent one by one. */
  readonly photo: 'none' | 'sending' | 'sent' | 'failed'
}
export type VisitEnd = 'call-ended' | 'transferred' | 'replaced' | 'session-gone' | 'stopped'
export type VisitHandlers = {
  onView(view: VisitView): void
  /** `news` is empty when the whole stage was read anew. */
  onStage(stage: Stage, news: readonly JournalEntry[]): void
  /** The agent's shutter made this page. */
  onCaptured(pageId: PageId): void
  /** Another camera runs, or none any more. */
  onCamera(): void
  onTrouble(trouble: CameraTrouble): void
  onEnd(end: VisitEnd): void
}
export type VisitOptions = {
  readonly session: CallerSession
  readonly signaling: SignalingClient
  readonly newUplink: (send: CallerSession['send']) => Promise<Uplink>
  readonly handlers: VisitHandlers
}
