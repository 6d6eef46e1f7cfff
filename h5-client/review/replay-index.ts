import type { CameraState, CameraTrouble } from '../../signaling/protocol/call.ts'
import type { PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Rung } from '../../signaling/protocol/phone.ts'
import type { RecognisedText } from '../../signaling/protocol/reading.ts'
import { EMPTY_STAGE, foldStage, type Stage } from '../../signaling/protocol/stage.ts'

/** Everything a reviewer must be shown at one moment of a call. */
export type Moment = {
  readonly stage: Stage
  readonly camera: CameraState
  /** Why the camera did not come; cleared when it does. */
  readonly trouble: CameraTrouble | undefined
  /** How the picture travelled; on a slow network stills came instead of a film. */
  readonly rung: Rung
  /** Whether the caller's browser was in the call, and as whom. */
  readonly caller: { readonly kind: 'not-joined' | 'joined' | 'left'; readonly id?: ParticipantId }
  /** The phone said its page went into the background. */
  readonly callerHidden: boolean
  readonly heldBy: 'caller' | 'agent' | undefined
  readonly agentAway: boolean
  readonly voiceLost: boolean
  /** The media worker had died, the next one did not stand yet. */
  readonly mediaLost: boolean
  readonly texts: ReadonlyMap<PageId, RecognisedText>
}

export const FIRST_MOMENT: Moment = {
  stage: EMPTY_STAGE,
  camera: 'none',
  trouble: undefined,
  rung: 'live',
  caller: { kind: 'not-joined' },
  callerHidden: false,
  heldBy: undefined,
  agentAway: false,
  voiceLost: false,
  mediaLost: false,
  texts: new Map(),
}

function cameraAfter(entry: JournalEntry): CameraState | undefined {
  switch (entry.type) {
    case 'camera.started':
      return 'starting'
    case 'camera.live':
    case 'camera.resumed':
      return 'live'
    case 'camera.paused':
      return 'paused'
    case 'camera.interrupted':
      return 'interrupted'
    case 'camera.stopped':
      return 'stopped'
    case 'camera.failed':
      return 'none'
    default:
      return undefined
  }
}

/** Pure: the moment after one more entry. The stage is folded by the same code that the live pages use. */
export function foldMoment(moment: Moment, entry: JournalEntry): Moment {
  const stage = foldStage(moment.stage, entry)
  if (stage !== moment.stage) return { ...moment, stage }
  const camera = cameraAfter(entry)
  if (camera) return { ...moment, camera, trouble: entry.type === 'camera.failed' ? entry.trouble : undefined }
  switch (entry.type) {
    case 'voice.held':
    case 'voice.retrieved':
      return { ...moment, heldBy: entry.type === 'voice.held' ? entry.by : undefined }
    case 'agent.away':
    case 'agent.back':
      return { ...moment, agentAway: entry.type === 'agent.away' }
    case 'media.lost':
    case 'media.back':
      return { ...moment, mediaLost: entry.type === 'media.lost' }
    case 'voice.lost':
    case 'voice.found':
      return { ...moment, voiceLost: entry.type === 'voice.lost' }
    case 'picture.rung':
      return { ...moment, rung: entry.rung }
    case 'camera.noticed':
      if (entry.notice !== 'page-hidden' && entry.notice !== 'page-visible') return moment
      return { ...moment, callerHidden: entry.notice === 'page-hidden' }
    case 'participant.joined': {
      const { role, id } = entry.participant
      return role === 'caller' ? { ...moment, caller: { kind: 'joined', id } } : moment
    }
    case 'participant.left':
      return moment.caller.id === entry.participantId
        ? { ...moment, caller: { kind: 'left', id: entry.participantId } }
        : moment
    case 'text.recognised':
      return { ...moment, texts: new Map(moment.texts).set(entry.result.pageId, entry.result) }
    default:
      return moment
  }
}

/** A pen makes forty entries a second; from the nearest checkpoint at most this many are folded for a seek. */
const CHECKPOINT_EVERY = 64

/** The entries of a call, folded so that any moment of it is found at once. */
export class ReplayIndex {
  readonly entries: readonly JournalEntry[]
  /** `#checkpoints[n]` is the moment after the first `n * CHECKPOINT_EVERY` entries. */
  readonly #checkpoints: Moment[] = [FIRST_MOMENT]
  #last: { readonly count: number; readonly moment: Moment } = { count: 0, moment: FIRST_MOMENT }

  constructor(entries: readonly JournalEntry[]) {
    this.entries = [...entries].sort((a, b) => a.seq - b.seq)
    let moment = FIRST_MOMENT
    this.entries.forEach((entry, index) => {
      moment = foldMoment(moment, entry)
      if ((index + 1) % CHECKPOINT_EVERY === 0) this.#checkpoints.push(moment)
    })
  }

  /** How many entries had happened at `atMs`; entries of the same millisecond count as happened. */
  countAt(atMs: number): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = this.entries[middle]
      if (entry && entry.atMs <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }

  /** What happened after `fromMs`, up to and including `toMs`. */
  between(fromMs: number, toMs: number): readonly JournalEntry[] {
    return this.entries.slice(this.countAt(fromMs), this.countAt(toMs))
  }

  /** Asked again for the same stretch (a paused or playing replay) it gives the same object back. */
  at(atMs: number): Moment {
    const count = this.countAt(atMs)
    if (count === this.#last.count) return this.#last.moment
    const forward = count > this.#last.count && count - this.#last.count <= CHECKPOINT_EVERY
    const checkpoint = Math.floor(count / CHECKPOINT_EVERY)
    const from = forward ? this.#last.count : checkpoint * CHECKPOINT_EVERY
    let moment = forward ? this.#last.moment : (this.#checkpoints[checkpoint] ?? FIRST_MOMENT)
    for (const entry of this.entries.slice(from, count)) moment = foldMoment(moment, entry)
    this.#last = { count, moment }
    return moment
  }
}
