import type { CallId } from '../../signaling/protocol/ids.ts'
import type { RecordWork } from '../../signaling/protocol/review.ts'
import type {
  Assign,
  Assignment,
  Calibration,
  CalibrationResult,
  Comment,
  DrawnSample,
  DrawSample,
  NewCalibration,
  NewComment,
  NewScore,
  Sample,
  SampleCheck,
  Score,
  Tag,
  WorkItem,
} from '../../signaling/protocol/review-work.ts'
import type { ScoreSheet } from '../../signaling/protocol/score-sheet.ts'
import { getJson, postJson } from '../shared/http.ts'

const ofCall = (callId: CallId, path: string) => `/api/review/calls/${callId}/${path}`

export function recordWork(callId: CallId): Promise<RecordWork> {
  return getJson<RecordWork>(ofCall(callId, 'work'))
}
export function addComment(callId: CallId, comment: NewComment): Promise<Comment> {
  return postJson<Comment>(ofCall(callId, 'comments'), comment)
}
export function resolveComment(commentId: string, resolved: boolean): Promise<Comment> {
  return postJson<Comment>(`/api/review/comments/${commentId}/resolve`, { resolved })
}
export async function addTag(callId: CallId, tag: string): Promise<readonly Tag[]> {
  return (await postJson<{ tags: readonly Tag[] }>(ofCall(callId, 'tags'), { tag })).tags
}
export async function removeTag(callId: CallId, tag: string): Promise<readonly Tag[]> {
  return (await postJson<{ tags: readonly Tag[] }>(ofCall(callId, 'tags/remove'), { tag })).tags
}
export function addScore(callId: CallId, score: NewScore): Promise<Score> {
  return postJson<Score>(ofCall(callId, 'scores'), score)
}
export function askSecondOpinion(callId: CallId, reviewerId: string, note: string): Promise<Assignment> {
  return postJson<Assignment>(ofCall(callId, 'second-opinion'), { reviewerId, note })
}

export async function scoreSheets(): Promise<readonly ScoreSheet[]> {
  return (await getJson<{ sheets: readonly ScoreSheet[] }>('/api/review/sheets')).sheets
}
/** @param draft what an editor holds: the server says what is wrong with it */
export function saveSheet(draft: unknown): Promise<ScoreSheet> {
  return postJson<ScoreSheet>('/api/review/sheets', draft)
}
export function retireSheet(sheetId: string): Promise<ScoreSheet> {
  return postJson<ScoreSheet>(`/api/review/sheets/${sheetId}/retire`)
}

export async function myWork(): Promise<readonly WorkItem[]> {
  return (await getJson<{ assignments: readonly WorkItem[] }>('/api/review/my-work')).assignments
}
export async function allAssignments(): Promise<readonly WorkItem[]> {
  return (await getJson<{ assignments: readonly WorkItem[] }>('/api/review/assignments')).assignments
}
export function assign(order: Assign): Promise<unknown> {
  return postJson('/api/review/assignments', order)
}
export function setAssignment(assignmentId: string, state: Assignment['state']): Promise<Assignment> {
  return postJson<Assignment>(`/api/review/assignments/${assignmentId}/state`, { state })
}

export async function samples(): Promise<readonly Sample[]> {
  return (await getJson<{ samples: readonly Sample[] }>('/api/review/samples')).samples
}
export function drawSample(order: DrawSample): Promise<Sample> {
  return postJson<Sample>('/api/review/samples', order)
}
export function drawnSample(sampleId: string): Promise<DrawnSample> {
  return getJson<DrawnSample>(`/api/review/samples/${sampleId}`)
}
export function checkSample(sampleId: string): Promise<SampleCheck> {
  return postJson<SampleCheck>(`/api/review/samples/${sampleId}/check`)
}

export async function calibrations(): Promise<readonly Calibration[]> {
  return (await getJson<{ calibrations: readonly Calibration[] }>('/api/review/calibrations')).calibrations
}
export function newCalibration(order: NewCalibration): Promise<Calibration> {
  return postJson<Calibration>('/api/review/calibrations', order)
}
export function calibration(calibrationId: string): Promise<CalibrationResult> {
  return getJson<CalibrationResult>(`/api/review/calibrations/${calibrationId}`)
}
export function closeCalibration(calibrationId: string): Promise<CalibrationResult> {
  return postJson<CalibrationResult>(`/api/review/calibrations/${calibrationId}/close`)
}
