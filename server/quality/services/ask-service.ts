import { setTimeout as wait } from 'node:timers/promises'

export type AskOptions = {
  readonly token: string | undefined
  readonly signal: AbortSignal
  readonly limits?: Partial<ServiceLimits>
}
export type ServiceLimits = {
  /** One attempt. */
  readonly timeoutMs: number
  readonly attempts: number
  /** Before the second attempt; doubled before each further one. */
  readonly retryAfterMs: number
  readonly maxAnswerBytes: number
}
const LIMITS: ServiceLimits = { timeoutMs: 300_000, attempts: 3, retryAfterMs: 2_000, maxAnswerBytes: 8 * 1024 * 1024 }
const LONGEST_WAIT_MS = 60_000

/** Why a service gave nothing that can be used; a code word, for reports and logs. */
export class ServiceError extends Error {
  override name = 'ServiceError'
  readonly code: 'refused' | 'busy' | 'unreachable' | 'timeout' | 'too-long' | 'no-json' | 'not-as-expected' | 'closed'
  constructor(code: ServiceError['code']) {
    super(code)
    this.code = code
  }
}

/**
 * Posts and resolves with the JSON of the answer. 429 and 5xx are tried again, after the time the service asks for.
 * @throws ServiceError
 */
export async function askService(
  url: string,
  body: () => BodyInit,
  type: string | undefined,
  o: AskOptions,
): Promise<unknown> {
  const limits = { ...LIMITS, ...o.limits }
  let retryAfterMs = 0
  let last: ServiceError = new ServiceError('unreachable')
  for (let attempt = 0; attempt < limits.attempts; attempt++) {
    if (attempt > 0) {
      const ownMs = limits.retryAfterMs * 2 ** (attempt - 1)
      await wait(Math.min(LONGEST_WAIT_MS, Math.max(ownMs, retryAfterMs)), undefined, { signal: o.signal }).catch(
        () => {
          throw new ServiceError('closed')
        },
      )
    }
    retryAfterMs = 0
    const late = AbortSignal.timeout(limits.timeoutMs)
    try {
      const response = await fetch(url, {
        method: 'POST',
        // A redirect would carry the sound of a call to somebody who was not configured.
        redirect: 'error',
        headers: {
          ...(o.token !== undefined && { authorization: `Bearer ${o.token}` }),
          ...(type !== undefined && { 'content-type': type }),
        },
        body: body(),
        signal: AbortSignal.any([late, o.signal]),
      })
      if (response.status === 429 || response.status >= 500) {
        retryAfterMs = 1000 * (Number(response.headers.get('retry-after')) || 0)
        await response.body?.cancel()
        last = new ServiceError('busy')
        continue
      }
      if (!response.ok) {
        await response.body?.cancel()
        throw new ServiceError('refused')
      }
      return parse(await limited(response, limits.maxAnswerBytes))
    } catch (error) {
      if (error instanceof ServiceError) throw error
      if (o.signal.aborted) throw new ServiceError('closed')
      last = new ServiceError(late.aborted ? 'timeout' : 'unreachable')
    }
  }
  throw last
}

async function limited(response: Response, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    bytes += piece.length
    if (bytes > maxBytes) throw new ServiceError('too-long')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ServiceError('no-json')
  }
}
