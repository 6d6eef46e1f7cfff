import { responseTo } from './response-building.ts'
import type { ServerTransaction } from './server-transaction.ts'

/** Answers without asking an application. */
export function answer(transaction: ServerTransaction, status: number, toTag?: string): void {
  const response = responseTo(transaction.request, status, toTag === undefined ? {} : { toTag })
  if (status === 500 || status === 503) response.add('Retry-After', '5')
  transaction.respond(response)
}
