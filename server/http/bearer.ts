import { timingSafeEqual } from 'node:crypto'

/** Whether an Authorization header carries this token (RFC 6750); never without a token of ours. */
export function bearerIs(header: string | undefined, token: string | undefined): boolean {
  if (token === undefined || header === undefined) return false
  const [given, wanted] = [Buffer.from(header), Buffer.from(`Bearer ${token}`)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
