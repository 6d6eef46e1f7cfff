import type { Muxer } from '../../../recordings/mux/muxer.ts'
import type { SealKey } from '../../../recordings/seal/seal-key.ts'
import type { Route } from '../../http/routes.ts'
import type { Lifetime } from '../../lifetime.ts'
import type { Archives } from '../../review/archives.ts'
import type { AccessLog } from '../../store/access-log.ts'
import type { Database } from '../../store/database.ts'
import { RedactionBook } from '../../store/redaction-book.ts'
import { type RedactionRoutesOptions, redactionRoutes } from './redaction-routes.ts'
import { Redactions, type RedactionsOptions } from './redactions.ts'

export type OpenRedactionOptions = Pick<RedactionsOptions, 'cover' | 'findFaces' | 'onFault'> &
  Pick<RedactionRoutesOptions, 'assertOpened'> & {
    readonly db: Database
    readonly archives: Archives
    readonly muxer: Muxer
    readonly sealKey: SealKey
    readonly accessLog: AccessLog
    readonly life: Lifetime
  }

/** Redaction of records, with what a crash interrupted cleaned away. */
export async function openRedaction(o: OpenRedactionOptions): Promise<{ redactions: Redactions; routes: Route[] }> {
  const book = new RedactionBook(o.db)
  const redactions = o.life.add('redactions', new Redactions({ ...o, book }))
  await redactions.open()
  return { redactions, routes: redactionRoutes({ ...o, redactions, book }) }
}
