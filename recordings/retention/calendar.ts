import type { CalendarPeriod } from './keep-duration.ts'

/** A day without a clock: `yyyy-mm-dd`. */
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/
const DAY_MS = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-u-ca-iso8601', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(timeZone, format)
  }
  return format
}

/** Wall-clock fields of a moment in a zone, as if they were UTC. */
function wallMs(atMs: number, timeZone: string): number {
  const part = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(one => [one.type, Number(one.value)]),
  )
  return Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day ?? 1, part.hour ?? 0, part.minute, part.second)
}

/** `yyyy-mm-dd` of a moment in a zone; a text that is a day already stays what it is. @throws RangeError for neither */
export function localDay(at: string, timeZone: string): string {
  if (DAY.test(at)) return dayText(dayMs(at))
  return dayText(wallMs(new Date(at).getTime(), timeZone))
}

/**
 * The last day of a period that begins on `day`: the day of the event is not counted, so it is the corresponding day of
 * the last month, or that month's last day where it has no such day (31 January + 1 month, 29 February + 1 year).
 */
export function lastDay(day: string, period: CalendarPeriod): string {
  const start = new Date(dayMs(day))
  const month = start.getUTCMonth() + period.months
  const daysInMonth = new Date(Date.UTC(start.getUTCFullYear(), month + 1, 0)).getUTCDate()
  const corresponding = Date.UTC(start.getUTCFullYear(), month, Math.min(start.getUTCDate(), daysInMonth))
  return dayText(corresponding + period.days * DAY_MS)
}

/** The first moment (ms since 1970) after a day in a zone: midnight there, or what follows it where midnight is skipped. */
export function endOfDayMs(day: string, timeZone: string): number {
  const wanted = dayMs(day) + DAY_MS
  // Zones lie within -12 h and +14 h; the first moment whose wall clock has reached the next day is looked for between.
  let low = wanted - 15 * 3_600_000
  let high = wanted + 13 * 3_600_000
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000
    if (wallMs(middle, timeZone) >= wanted) high = middle
    else low = middle
  }
  return high
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** @throws RangeError for a day that is not in the calendar */
function dayMs(day: string): number {
  const found = DAY.exec(day)
  if (!found) throw new RangeError('not a day')
  const ms = Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3]))
  if (dayText(ms) !== day) throw new RangeError('no such day')
  return ms
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** The first moment after `nowMs` at which clocks in the zone show `hh:mm`. */
export function nextLocalTimeMs(nowMs: number, time: string, timeZone: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  const onDay = (day: string) => {
    const wanted = dayMs(day) + (hours * 60 + minutes) * 60_000
    // Twice: the first guess may lie on the other side of a change of the clocks.
    const guess = wanted - (wallMs(wanted, timeZone) - wanted)
    return wanted - (wallMs(guess, timeZone) - guess)
  }
  const today = localDay(new Date(nowMs).toISOString(), timeZone)
  const atMs = onDay(today)
  return atMs > nowMs ? atMs : onDay(dayText(dayMs(today) + DAY_MS))
}
