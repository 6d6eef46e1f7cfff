import type { JoinRefusal } from '../../signaling/protocol/call.ts'
import type { ErrorCode } from '../../signaling/protocol/errors.ts'

/** Why an HTTP request brought no answer: the server refused it, or it never got through. */
export class HttpRefusal extends Error {
  override name = 'HttpRefusal'
  /** HTTP status; 0 when no reply came. */
  readonly status: number
  /** `lost`: no network, or no reply in time. */
  readonly code: ErrorCode | 'lost'
  readonly refusal: JoinRefusal | undefined
  readonly retryAfterMs: number | undefined
  constructor(
    status: number,
    code: ErrorCode | 'lost',
    message: string,
    more: { refusal?: JoinRefusal; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.status = status
    this.code = code
    this.refusal = more.refusal
    this.retryAfterMs = more.retryAfterMs
  }
}

type ErrorBody = { code?: ErrorCode; message?: string; refusal?: JoinRefusal; retryAfterMs?: number }

async function ask<T>(method: 'GET' | 'POST', path: string, body: unknown, timeoutMs: number): Promise<T> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  let status = 0
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      signal: timeout.signal,
      ...(method === 'POST'
        ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) }
        : { headers: { accept: 'application/json' } }),
    })
    status = response.status
    const text = await response.text()
    if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
    let refused: ErrorBody = {}
    try {
      refused = JSON.parse(text) as ErrorBody
    } catch {
      // A proxy's own error page: only the status is known.
    }
    throw new HttpRefusal(status, refused.code ?? 'internal', refused.message ?? `HTTP ${status}`, refused)
  } catch (cause) {
    if (cause instanceof HttpRefusal) throw cause
    throw new HttpRefusal(status, status === 0 ? 'lost' : 'internal', `${method} ${path} got no usable reply`, {
      cause,
    })
  } finally {
    clearTimeout(timer)
  }
}

/** @throws {HttpRefusal} */
export function getJson<T>(path: string, timeoutMs = 15_000): Promise<T> {
  return ask<T>('GET', path, undefined, timeoutMs)
}

/** Resolves to undefined for an empty reply (204). @throws {HttpRefusal} */
export function postJson<T>(path: string, body?: unknown, timeoutMs = 15_000): Promise<T> {
  return ask<T>('POST', path, body, timeoutMs)
}
