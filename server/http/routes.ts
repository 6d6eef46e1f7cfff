import type { Request, Response } from 'express'
import type * as z from 'zod'
import type { Right } from '../auth/rights.ts'
import type { StaffClaims } from '../auth/tokens.ts'

/** One cookie per role, so that a demo agent and a demo reviewer may share a browser. */
export const COOKIES = {
  agent: 'tp_agent',
  reviewer: 'tp_reviewer',
  caller: 'tp_caller',
  supervisor: 'tp_supervisor',
  guest: 'tp_guest',
} as const

export type RouteContext<Body> = {
  readonly request: Request
  readonly response: Response
  readonly body: Body
  /** Who asks; only on routes of agents and reviewers. */
  readonly claims: StaffClaims | undefined
  /** Which other system asks; only on routes of integrations. */
  readonly integration: string | undefined
  /** When the request's head was read, on the monotonic clock: its body may have taken a while. */
  readonly startedAtMs: number
  /** The client's address, behind a trusted proxy the forwarded one. */
  readonly address: string
}

/**
 * One row of the table of everything HTTP offers: who may call it, what it takes. A handler that returns undefined has
 * answered by itself.
 */
export type Route<Body = unknown> = {
  readonly method: 'get' | 'post'
  readonly path: string
  /**
   * `operator`: a machine of the operator's with the API token; no browser, so no cookie and no origin. `integration`: a
   * system with calls of its own, by its own secret.
   */
  readonly by: 'public' | 'agent' | 'reviewer' | 'supervisor' | 'operator' | 'integration'
  /** A right the signed-in reviewer must have been given. */
  readonly needs?: Right
  readonly body?: z.ZodType<Body>
  /** Takes bytes instead of JSON: `body` is then a Buffer. Anything longer is refused (413), other types too (415). */
  readonly raw?: { readonly maxBytes: number; readonly types: readonly string[] }
  readonly handle: (context: RouteContext<Body>) => Promise<unknown>
}

/** Keeps the body's type inside one row, while the table holds rows of many types. */
export function route<Body>(row: Route<Body>): Route {
  return row as Route
}

/** @throws Error when a route of agents or reviewers is not guarded: a fault of the table. */
export function claimsOf(context: RouteContext<unknown>): StaffClaims {
  if (!context.claims) throw new Error('this route has no signed-in user')
  return context.claims
}
