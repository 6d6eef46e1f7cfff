import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { CameraControl, CameraNotice, ControlOutcome, Rung } from '../../signaling/protocol/phone.ts'
import type { CodesFound, DocumentReading, FaceComparison, RecognisedText } from '../../signaling/protocol/reading.ts'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'

type Found<R> = {
  /** `seq` of the entry: what corrections and verdicts name. */
  readonly seq: number
  readonly atMs: number
  readonly result: R
}
export type TextReading = Found<RecognisedText> & { readonly corrected?: string }
export type CodesReading = Found<CodesFound>
export type DocumentOutcome = Found<DocumentReading> & {
  readonly verdict?: Extract<JournalEntry, { type: 'document.judged' }>['verdict']
}
export type FaceOutcome = Found<FaceComparison>
export type TextFailure = Pick<Extract<JournalEntry, { type: 'text.failed' }>, 'pageId' | 'reason' | 'seq'>

/** What stands in the way of the picture by the phone's own word; what is over is not in it. */
export type Trouble = {
  /** The caller's page is in the background. */
  readonly hidden: boolean
  readonly camera: CameraNotice | undefined
  readonly networkChanged: boolean
  /** When the last of it was said, on the call's clock. */
  readonly saidAtMs: number
}

/** Everything the assistants found in this call, and how the phone's camera stands, in order of the journal. */
export type AssistState = {
  readonly texts: readonly TextReading[]
  /** The newest failure, until the same page is read. */
  readonly textFailure: TextFailure | undefined
  readonly codes: readonly CodesReading[]
  readonly documents: readonly DocumentOutcome[]
  readonly faces: readonly FaceOutcome[]
  readonly trouble: Trouble
  readonly controlled:
    | { readonly control: CameraControl; readonly outcome: ControlOutcome; readonly seq: number }
    | undefined
  readonly torch: boolean
  readonly zoomRatio: number | undefined
  /** The rung the agent holds; undefined while the phone decides. */
  readonly heldRung: Rung | undefined
  /** When the newest still of the slow scan was taken, on the call's clock. */
  readonly scanAtMs: number | undefined
  /** Asked on the phone, not answered yet. */
  readonly consentsPending: ReadonlySet<ConsentKind>
  readonly names: ReadonlyMap<ParticipantId, string>
}

const NO_TROUBLE: Trouble = { hidden: false, camera: undefined, networkChanged: false, saidAtMs: 0 }

export const EMPTY_ASSIST: AssistState = {
  texts: [],
  textFailure: undefined,
  codes: [],
  documents: [],
  faces: [],
  trouble: NO_TROUBLE,
  controlled: undefined,
  torch: false,
  zoomRatio: undefined,
  heldRung: undefined,
  scanAtMs: undefined,
  consentsPending: new Set(),
  names: new Map(),
}

function afterNotice(trouble: Trouble, notice: CameraNotice): Trouble {
  switch (notice) {
    case 'page-hidden':
      return { ...trouble, hidden: true }
    case 'page-visible':
      return { ...trouble, hidden: false }
    case 'camera-unmuted':
      return trouble.camera === 'camera-muted' ? { ...trouble, camera: undefined } : trouble
    case 'reacquired':
      return { ...trouble, camera: undefined }
    case 'network-changed':
      return { ...trouble, networkChanged: true }
    default:
      return { ...trouble, camera: notice }
  }
}

function withControl(state: AssistState, entry: Extract<JournalEntry, { type: 'camera.controlled' }>): AssistState {
  const { control, outcome, seq } = entry
  const next = { ...state, controlled: { control, outcome, seq } }
  if (outcome !== 'done') return next
  if (control.kind === 'torch') return { ...next, torch: control.on }
  return control.kind === 'zoom' ? { ...next, zoomRatio: control.ratio } : next
}

function pending(state: AssistState, kind: ConsentKind, waits: boolean): AssistState {
  const consentsPending = new Set(state.consentsPending)
  if (waits) consentsPending.add(kind)
  else consentsPending.delete(kind)
  return { ...state, consentsPending }
}

/** Pure: what is known after one more entry. Entries that tell nothing here return the state unchanged (same object). */
export function foldAssist(state: AssistState, entry: JournalEntry): AssistState {
  const found = { seq: entry.seq, atMs: entry.atMs }
  switch (entry.type) {
    case 'text.recognised': {
      const failure = state.textFailure?.pageId === entry.result.pageId ? undefined : state.textFailure
      return { ...state, texts: [...state.texts, { ...found, result: entry.result }], textFailure: failure }
    }
    case 'text.failed':
      return { ...state, textFailure: { pageId: entry.pageId, reason: entry.reason, seq: entry.seq } }
    case 'text.corrected':
      return {
        ...state,
        texts: state.texts.map(one => (one.seq === entry.reading ? { ...one, corrected: entry.text } : one)),
      }
    case 'codes.found':
      return { ...state, codes: [...state.codes, { ...found, result: entry.result }] }
    case 'document.read':
      return { ...state, documents: [...state.documents, { ...found, result: entry.result }] }
    case 'document.judged':
      return {
        ...state,
        documents: state.documents.map(one => (one.seq === entry.reading ? { ...one, verdict: entry.verdict } : one)),
      }
    case 'face.compared':
      return { ...state, faces: [...state.faces, { ...found, result: entry.result }] }
    case 'camera.noticed':
      return { ...state, trouble: { ...afterNotice(state.trouble, entry.notice), saidAtMs: entry.atMs } }
    // A picture that flows (or is not wanted) again ends what was said about the camera and the network.
    case 'camera.live':
    case 'camera.resumed':
    case 'camera.stopped':
    case 'scan.frame': {
      const { trouble } = state
      const calm =
        trouble.camera || trouble.networkChanged
          ? { ...state, trouble: { ...NO_TROUBLE, hidden: trouble.hidden } }
          : state
      return entry.type === 'scan.frame' ? { ...calm, scanAtMs: entry.atMs } : calm
    }
    // Another camera has another light and another lens.
    case 'camera.switched':
      return { ...state, torch: false, zoomRatio: undefined }
    case 'camera.torch':
      return { ...state, torch: entry.on }
    case 'camera.controlled':
      return withControl(state, entry)
    case 'picture.rung':
      return { ...state, heldRung: entry.because === 'agent' ? entry.rung : undefined }
    case 'consent.asked':
      return pending(state, entry.kind, true)
    case 'consent.given':
      return pending(state, entry.consent.kind, false)
    case 'consent.withdrawn':
      return pending(state, entry.kind, false)
    case 'participant.joined': {
      const { id, displayName } = entry.participant
      return displayName === '' ? state : { ...state, names: new Map(state.names).set(id, displayName) }
    }
    default:
      return state
  }
}

/** Of these the phone tells the beginning and not the end: a finger leaves the lens without a word. */
const PASSING: ReadonlySet<CameraNotice> = new Set(['camera-black', 'camera-frozen', 'nothing-sent'])
const PASSES_AFTER_MS = 30_000

/**
 * The one trouble that explains the others: nothing comes from a page in the background, whatever its camera says.
 * `nowMs` is on the call's clock.
 */
export function mainTrouble(trouble: Trouble, nowMs: number): CameraNotice | undefined {
  if (trouble.hidden) return 'page-hidden'
  const old = nowMs - trouble.saidAtMs > PASSES_AFTER_MS
  const { camera } = trouble
  if (camera && !(old && PASSING.has(camera))) return camera
  return trouble.networkChanged && !old ? 'network-changed' : undefined
}
