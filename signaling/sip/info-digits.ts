import type { SrfRequest } from './srf-facade.ts'

const DEFAULT_DURATION_MS = 160
const MAX_DURATION_MS = 5000
const DIGITS = /^[0-9A-D*#]$/

export type InfoDigit = { readonly digit: string; readonly durationMs: number }

/** Bodies that carry a key; others get 415 with these in Accept. */
export const DIGIT_TYPES = 'application/dtmf-relay, application/dtmf'

/**
 * A key in an INFO: `application/dtmf-relay` ("Signal=5\r\nDuration=160", as Cisco wrote it) or `application/dtmf`
 * (the bare digit, sometimes with the same two lines). undefined when it has none.
 */
export function readInfoDigit(info: SrfRequest): InfoDigit | undefined {
  const type = info.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/dtmf-relay' && type !== 'application/dtmf') return undefined
  const body = (info.body ?? '').trim()
  const signal = /^signal\s*[=:]\s*(\S+)/im.exec(body)?.[1] ?? body.split(/\s/)[0] ?? ''
  const digit = signal.length === 2 ? (NUMBERED[signal] ?? '') : signal.toUpperCase()
  if (!DIGITS.test(digit)) return undefined
  const durationMs = Number(/^duration\s*[=:]\s*(\d{1,6})/im.exec(body)?.[1] ?? DEFAULT_DURATION_MS)
  return { digit, durationMs: Math.min(MAX_DURATION_MS, Math.max(1, durationMs)) }
}

/** Some write event codes of RFC 4733 in place of the signs. */
const NUMBERED: Readonly<Record<string, string>> = { 10: '*', 11: '#', 12: 'A', 13: 'B', 14: 'C', 15: 'D' }

/** Body of an INFO with one key. @throws RangeError for what is no key */
export function writeInfoDigit(digit: string, durationMs: number): string {
  if (!DIGITS.test(digit)) throw new RangeError('not a key of a telephone')
  return `Signal=${digit}\r\nDuration=${Math.round(durationMs)}\r\n`
}
