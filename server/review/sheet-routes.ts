import { SheetDraft } from '../../signaling/protocol/score-sheet.ts'
import { type Route, route } from '../http/routes.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { ScoreSheets } from '../store/review/score-sheets.ts'
import type { RecordDoor } from './record-door.ts'
import { reviewId } from './review-id.ts'

/** The operator's score sheets. A change is a new version and an entry in the access log. */
export function sheetRoutes(o: { door: RecordDoor; accessLog: AccessLog; sheets: ScoreSheets }): Route[] {
  const { door, accessLog, sheets } = o
  return [
    route({
      method: 'get',
      path: '/api/review/sheets',
      by: 'reviewer',
      handle: async () => ({ sheets: await sheets.all() }),
    }),
    route({
      method: 'get',
      path: '/api/review/sheets/:sheetId',
      by: 'reviewer',
      handle: async context => ({ versions: await sheets.versions(String(context.request.params.sheetId)) }),
    }),
    route({
      method: 'post',
      path: '/api/review/sheets',
      by: 'reviewer',
      needs: 'lead',
      body: SheetDraft,
      handle: async context => {
        const sheetId = context.body.sheetId ?? reviewId('score').replace('score_', 'sheet-')
        const user = door.reviewer(context)
        await accessLog.add({ user, action: 'config-changed', detail: `score sheet ${sheetId}: new version` })
        return sheets.add(user, { ...context.body, sheetId })
      },
    }),
    route({
      method: 'post',
      path: '/api/review/sheets/:sheetId/retire',
      by: 'reviewer',
      needs: 'lead',
      handle: async context => {
        const { sheetId } = await sheets.get(String(context.request.params.sheetId))
        const user = door.reviewer(context)
        await accessLog.add({ user, action: 'config-changed', detail: `score sheet ${sheetId}: retired` })
        return sheets.retire(sheetId)
      },
    }),
  ]
}
