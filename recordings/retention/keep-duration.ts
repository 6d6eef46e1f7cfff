import * as z from 'zod'

/** A period counted in calendar units; never in milliseconds, because a year is no number of them. */
export type CalendarPeriod = { readonly months: number; readonly days: number }

const PATTERN = /^P(?!$)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?$/

/** ISO 8601 duration of whole days or more: `P5Y`, `P6M`, `P2W`, `P30D`, `P1Y6M`. */
export const KeepDuration = z.string().regex(PATTERN, 'an ISO 8601 duration of years, months, weeks or days')

/** @throws Error for a text that `KeepDuration` refuses */
export function periodOf(text: string): CalendarPeriod {
  const found = PATTERN.exec(text)
  if (!found) throw new Error('not a duration of years, months, weeks or days')
  const [years = 0, months = 0, weeks = 0, days = 0] = found.slice(1).map(part => Number(part ?? 0))
  return { months: years * 12 + months, days: weeks * 7 + days }
}
