/** The WebSocket subprotocol; raise the number when an old page must reload. */
export const SUBPROTOCOL = 'tongping.1'

/** Close codes of our own (4000-4999), and what the page should do about them. */
export const CLOSE = {
  wrongVersion: { code: 4400, retry: false },
  notSignedIn: { code: 4401, retry: false },
  forbidden: { code: 4403, retry: false },
  /** The same agent or caller opened the page elsewhere; the newer page wins. */
  replaced: { code: 4409, retry: false },
  callEnded: { code: 4410, retry: false },
  tooSlow: { code: 4429, retry: true },
  serverStopping: { code: 4503, retry: true },
} as const
export type CloseName = keyof typeof CLOSE

export function mayRetry(code: number): boolean {
  return Object.values(CLOSE).find(close => close.code === code)?.retry ?? true
}
