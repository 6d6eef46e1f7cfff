import { AppError } from '../../signaling/protocol/errors.ts'
import { type Calibration, type CalibrationResult, NewCalibration } from '../../signaling/protocol/review-work.ts'
import { type Route, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Database } from '../store/database.ts'
import type { Assignments } from '../store/review/assignments.ts'
import type { Calibrations, KeptCalibration } from '../store/review/calibrations.ts'
import { reviewersOf } from '../store/review/reviewers.ts'
import type { ScoreSheets } from '../store/review/score-sheets.ts'
import type { Scores } from '../store/review/scores.ts'
import type { Archives } from './archives.ts'
import { compareScores } from './compare-scores.ts'
import type { RecordDoor, Reviewer } from './record-door.ts'

export type CalibrationRoutesOptions = {
  readonly db: Database
  readonly door: RecordDoor
  readonly archives: Archives
  readonly accessLog: AccessLog
  readonly calibrations: Calibrations
  readonly assignments: Assignments
  readonly sheets: ScoreSheets
  readonly scores: Scores
}

/** Several reviewers score the same record without seeing each other; closed, their answers are laid side by side. */
export function calibrationRoutes(o: CalibrationRoutesOptions): Route[] {
  const { door, accessLog, calibrations, assignments } = o
  const shown = async (kept: KeptCalibration): Promise<Calibration> => {
    const people = await assignments.ofCalibration(kept.calibrationId)
    const reviewers = people.map(one => ({ ...one.reviewer, final: one.state === 'done' }))
    return { ...kept, reviewers: reviewers.sort((a, b) => a.name.localeCompare(b.name)) }
  }
  const result = async (kept: KeptCalibration): Promise<CalibrationResult> => {
    const calibration = await shown(kept)
    if (kept.closedAt === null) return { ...calibration, compared: null }
    const sheet = await o.sheets.get(kept.sheetId, kept.sheetVersion)
    const all = await o.scores.ofCalibration(kept.calibrationId)
    const scores = all.flatMap(({ assignmentId: _, ...score }) => (score.state === 'final' ? [score] : []))
    return { ...calibration, compared: { ...compareScores(sheet, scores), scores } }
  }
  const maySee = (reader: Reviewer, calibration: Calibration) =>
    reader.rights.includes('lead') || calibration.reviewers.some(one => one.id === reader.id)
  return [
    route({
      method: 'post',
      path: '/api/review/calibrations',
      by: 'reviewer',
      needs: 'lead',
      body: NewCalibration,
      handle: async context => {
        const { title, callId, sheetId, reviewerIds, dueAt } = context.body
        const user = door.reviewer(context)
        await o.archives.call(callId)
        const reviewers = await reviewersOf(o.db, reviewerIds)
        const sheet = await o.sheets.get(sheetId)
        if (sheet.retired) throw new AppError('conflict', 'this score sheet is no longer used')
        await accessLog.add({ user, callId, action: 'calibrated', detail: `${title}: opened for ${reviewers.length}` })
        const kept = await calibrations.add(user, { title, callId, sheetId, sheetVersion: sheet.version })
        await assignments.add(
          user,
          reviewers.map(reviewer => ({
            ...{ callId, kind: 'calibration' as const, reviewer, dueAt, sheetId },
            ...{ note: title, calibrationId: kept.calibrationId },
          })),
        )
        return shown(kept)
      },
    }),
    route({
      method: 'get',
      path: '/api/review/calibrations',
      by: 'reviewer',
      handle: async context => {
        const reader = door.reviewer(context)
        const all = await Promise.all((await calibrations.all()).map(shown))
        return { calibrations: all.filter(one => maySee(reader, one)) }
      },
    }),
    route({
      method: 'get',
      path: '/api/review/calibrations/:calibrationId',
      by: 'reviewer',
      handle: async context => {
        const found = await result(await calibrations.get(String(context.request.params.calibrationId)))
        if (!maySee(door.reviewer(context), found)) throw new AppError('not-found', 'no such calibration of yours')
        return found
      },
    }),
    route({
      method: 'post',
      path: '/api/review/calibrations/:calibrationId/close',
      by: 'reviewer',
      needs: 'lead',
      handle: async context => {
        const { calibrationId, callId, title } = await calibrations.get(String(context.request.params.calibrationId))
        const user = door.reviewer(context)
        await accessLog.add({ user, callId, action: 'calibrated', detail: `${title}: closed` })
        for (const one of await assignments.ofCalibration(calibrationId))
          if (one.state !== 'done') await assignments.setState(one.assignmentId, 'withdrawn')
        return result(await calibrations.close(calibrationId))
      },
    }),
  ]
}
