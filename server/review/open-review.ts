import type { Events } from '../events.ts'
import type { Route } from '../http/routes.ts'
import type { Lifetime } from '../lifetime.ts'
import type { AccessLog } from '../store/access-log.ts'
import type { Database } from '../store/database.ts'
import { Assignments } from '../store/review/assignments.ts'
import { Calibrations } from '../store/review/calibrations.ts'
import { RecordGrants } from '../store/review/record-grants.ts'
import type { RecordIndex } from '../store/review/record-index.ts'
import { RecordNotes } from '../store/review/record-notes.ts'
import { RecordSearch } from '../store/review/record-search.ts'
import { Releases } from '../store/review/releases.ts'
import { Samples } from '../store/review/samples.ts'
import { SavedSearches } from '../store/review/saved-searches.ts'
import { ScoreSheets } from '../store/review/score-sheets.ts'
import { Scores } from '../store/review/scores.ts'
import { Verdicts } from '../store/review/verdicts.ts'
import type { Archives } from './archives.ts'
import { calibrationRoutes } from './calibration-routes.ts'
import { fileRoutes } from './file-routes.ts'
import { findRoutes } from './find-routes.ts'
import { peopleRoutes } from './people-routes.ts'
import { RecordDoor } from './record-door.ts'
import { recordRoutes } from './record-routes.ts'
import { RecordWork } from './record-work.ts'
import { releaseRoutes } from './release-routes.ts'
import { sampleRoutes } from './sample-routes.ts'
import { ServedRanges } from './served-ranges.ts'
import { sheetRoutes } from './sheet-routes.ts'
import { ShownPictures } from './shown-pictures.ts'
import { Verifications } from './verifications.ts'
import { workRoutes } from './work-routes.ts'

export type ReviewOptions = {
  readonly db: Database
  readonly archives: Archives
  readonly recordIndex: RecordIndex
  readonly accessLog: AccessLog
  readonly events: Events
  readonly life: Lifetime
}

export type Review = {
  readonly routes: readonly Route[]
  /** For whoever else opens records or hands out originals (exports, redaction). */
  readonly door: RecordDoor
  readonly releases: Releases
  readonly verifications: Verifications
  readonly assignments: Assignments
}

/** The server's side of the review console: finding, looking, working, and who may. */
export function openReview(o: ReviewOptions): Review {
  const { db, archives, recordIndex, accessLog, events, life } = o
  const search = new RecordSearch(db)
  const releases = new Releases(db)
  const assignments = new Assignments(db)
  const calibrations = new Calibrations(db)
  const notes = new RecordNotes(db)
  const sheets = new ScoreSheets(db)
  const scores = new Scores(db)
  const door = new RecordDoor({ archives, grants: new RecordGrants(db) })
  const verifications = life.add(
    'verifications',
    new Verifications({ verdicts: new Verdicts(db), recordIndex, archives, events }),
  )
  const ranges = life.add('served ranges', new ServedRanges({ accessLog, events }))
  const work = new RecordWork({ search, notes, sheets, scores, assignments, calibrations })
  return {
    door,
    releases,
    verifications,
    assignments,
    routes: [
      ...findRoutes({ door, accessLog, search, searches: new SavedSearches(db) }),
      ...recordRoutes({ door, archives, accessLog, verifications, work }),
      ...workRoutes({ db, door, archives, accessLog, notes, work, assignments }),
      ...sheetRoutes({ door, accessLog, sheets }),
      ...sampleRoutes({ db, door, accessLog, search, samples: new Samples(db), assignments }),
      ...calibrationRoutes({ db, door, archives, accessLog, calibrations, assignments, sheets, scores }),
      ...releaseRoutes({ door, accessLog, releases }),
      ...peopleRoutes({ db, door, accessLog, assignments }),
      ...fileRoutes({ door, archives, accessLog, releases, ranges, pictures: new ShownPictures() }),
    ],
  }
}
