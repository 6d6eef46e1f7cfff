import type { Consent, JoinRefusal, Language } from '../../signaling/protocol/call.ts'
import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { HttpRefusal, postJson } from '../shared/http.ts'

export type DigitsProblem =
  | { readonly kind: 'wrong' }
  | { readonly kind: 'network' }
  | { readonly kind: 'wait'; readonly seconds: number }

const DEFAULT_WAIT_MS = 10_000

export type DigitsAnswer = {
  readonly token: string
  readonly agentName: string
  readonly language: Language
  recording?: 'required' | 'optional'
}
export type JoinRequest = {
  readonly token: string
  readonly deviceId: string
  readonly language: Language
  readonly consents: readonly Consent[]
}

/** Tells the agent that the page was seen. Spends nothing, so robots that preview links do no harm. */
export function tellOpened(token: string): void {
  postJson('/api/join/opened', { token }).catch(() => {
    // Only a courtesy to the agent.
  })
}

/** Six spoken digits → the same token a link carries. @throws {HttpRefusal} */
export function askWithDigits(digits: string): Promise<DigitsAnswer> {
  return postJson<DigitsAnswer>('/api/join/digits', { digits })
}

/** Spends the code. Only ever called by a tap. @throws {HttpRefusal} */
export function join(request: JoinRequest): Promise<CallerSession> {
  return postJson<CallerSession>('/api/join', request)
}

/** The page to show for a failed request; `network` when no answer came. */
export function refusalOf(error: unknown): JoinRefusal | 'network' | 'too-many' {
  if (!(error instanceof HttpRefusal)) return 'network'
  if (error.refusal !== undefined) return error.refusal
  switch (error.code) {
    case 'too-many':
      return 'too-many'
    case 'gone':
      return 'expired'
    case 'lost':
    case 'unavailable':
    case 'internal':
      return 'network'
    default:
      return 'unknown'
  }
}

/** What to say beside the field, or the refusal that has a page of its own. */
export function digitsProblemOf(error: unknown): DigitsProblem | JoinRefusal {
  const refusal = refusalOf(error)
  if (refusal === 'wrong-digits' || refusal === 'unknown') return { kind: 'wrong' }
  if (refusal === 'network') return { kind: 'network' }
  if (refusal !== 'too-many') return refusal
  const waitMs = (error instanceof HttpRefusal ? error.retryAfterMs : undefined) ?? DEFAULT_WAIT_MS
  return { kind: 'wait', seconds: Math.ceil(waitMs / 1000) }
}

/** Full-width digits come from Chinese keyboards. */
export function plainDigits(text: string): string {
  return text
    .replace(/[０-９]/g, digit => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/\D/g, '')
    .slice(0, 6)
}
