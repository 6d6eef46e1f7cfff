import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Response } from 'express'
import type { JoinRefusal, Language } from '../../signaling/protocol/call.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { GuestBook } from '../assist/guest-book.ts'
import type { InviteBook } from '../assist/invite-book.ts'
import type { Tokens } from '../auth/tokens.ts'
import type { CallDesk } from '../calls/call-desk.ts'
import { readCookies } from './cookies.ts'
import { COOKIES, type Route, type RouteContext, route } from './routes.ts'

/** Version of the consent text shown; it goes into every consent record. */
export const CONSENT_VERSION = '2026-11-2'

/** What the page for looking on begins with: a supervisor's own, or the one behind an expert's link. */
export type WatchBoot = {
  readonly kind: 'supervisor' | 'guest'
  /** Of a guest's link: `back` is the browser that spent it. */
  readonly state: 'ready' | 'back' | 'used' | 'over'
  readonly name: string
  readonly agentName: string
  readonly language: Language
  readonly callId: string
  readonly routerRtpCapabilities: RtpCapabilities
}

export type CallerBoot = {
  readonly kind: 'link' | 'digits'
  readonly state: 'ready' | JoinRefusal
  readonly language: Language
  readonly agentName?: string
  readonly consentVersion: string
  /** Whether this kind of call needs the consent to recording; left out where no call is known yet. */
  readonly recording?: 'required' | 'optional'
  /** This phone holds a session of the live call: it may come back without spending anything. */
  readonly resume: boolean
  readonly routerRtpCapabilities: RtpCapabilities
}

const csp = (nonce: string, host: string) =>
  [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    // Workers run under what their own file says, which is nothing: WebAssembly needs no word here.
    "worker-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    // Safari before 15.4 does not count WebSockets among 'self'.
    `connect-src 'self' wss://${host} ws://${host}`,
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** The host the browser asked for; what does not look like one is left out. */
function hostOf(response: Response): string {
  const host = response.req.headers.host ?? ''
  return /^[a-z0-9.:[\]-]+$/i.test(host) ? host : 'localhost'
}

function send(response: Response, html: string, permissions: string): void {
  const nonce = randomBytes(16).toString('base64')
  response.set({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': csp(nonce, hostOf(response)),
    'permissions-policy': permissions,
  })
  response.send(html.replaceAll('__NONCE__', nonce))
}

/** The pages. The caller's carries what its script would otherwise have to ask for. */
export async function pageRoutes(o: {
  pagesDir: string
  invites: InviteBook
  desk: CallDesk
  tokens: Tokens
  guests: GuestBook
  routerRtpCapabilities: RtpCapabilities
}): Promise<Route[]> {
  const [caller, agent, review, watch] = await Promise.all(
    ['caller', 'agent', 'review', 'watch'].map(page => readFile(join(o.pagesDir, `${page}.html`), 'utf8')),
  )
  const withBoot = (html: string | undefined, boot: CallerBoot | WatchBoot) => {
    // "<" is the only character that could end the script element early.
    const json = JSON.stringify(boot).replaceAll('<', '\\u003c')
    return (html ?? '').replace(
      '<!--tongping-boot-->',
      () => `<script type="application/json" id="boot" nonce="__NONCE__">${json}</script>`,
    )
  }
  const sendCaller = (context: RouteContext<unknown>, boot: CallerBoot) =>
    send(context.response, withBoot(caller, boot), 'camera=(self), microphone=(), geolocation=(), fullscreen=(self)')
  const sendWatch = (context: RouteContext<unknown>, boot: WatchBoot) =>
    send(context.response, withBoot(watch, boot), 'camera=(), microphone=(), geolocation=()')
  const languageOf = (context: RouteContext<unknown>): Language =>
    context.request.acceptsLanguages('zh', 'zh-CN', 'en')?.toString().startsWith('zh') ? 'zh-CN' : 'en'
  const common = { consentVersion: CONSENT_VERSION, routerRtpCapabilities: o.routerRtpCapabilities }
  const claimsOf = (context: RouteContext<unknown>) =>
    o.tokens.readCaller(readCookies(context.request.headers.cookie).get(COOKIES.caller))
  const resumes = (context: RouteContext<unknown>, callId: string | undefined) => {
    const claims = claimsOf(context)
    const call = claims && o.desk.find(claims.call)
    return (
      call?.phase === 'talking' &&
      call.caller.participantId === claims?.sub &&
      (callId === undefined || callId === call.id)
    )
  }
  return [
    route({
      method: 'get',
      path: '/',
      by: 'public',
      handle: async context => {
        const resume = resumes(context, undefined) === true
        const agentName = resume ? o.desk.find(claimsOf(context)?.call ?? ('' as never))?.seat?.agent.name : undefined
        sendCaller(context, {
          kind: 'digits',
          state: 'ready',
          language: languageOf(context),
          resume,
          ...(agentName && { agentName }),
          ...common,
        })
      },
    }),
    route({
      method: 'get',
      path: '/j/:token',
      by: 'public',
      handle: async context => {
        const invite = o.invites.find(String(context.request.params.token))
        const call = invite && o.desk.find(invite.callId)
        const live = call?.phase === 'talking'
        const resume = invite !== undefined && resumes(context, invite.callId) === true
        const refusal: JoinRefusal | undefined = !invite
          ? 'unknown'
          : resume
            ? undefined
            : (o.invites.refusal(invite, undefined) ?? (live ? undefined : 'call-ended'))
        const agentName = refusal === undefined ? call?.seat?.agent.name : undefined
        sendCaller(context, {
          kind: 'link',
          state: refusal ?? 'ready',
          language: invite?.language ?? languageOf(context),
          resume,
          ...(agentName !== undefined && { agentName }),
          ...(call && live && { recording: call.live.scenario.current.consents.recording }),
          ...common,
        })
      },
    }),
    route({
      method: 'get',
      path: '/watch',
      by: 'public',
      handle: async context =>
        sendWatch(context, {
          kind: 'supervisor',
          state: 'ready',
          name: '',
          agentName: '',
          callId: '',
          language: languageOf(context),
          routerRtpCapabilities: o.routerRtpCapabilities,
        }),
    }),
    route({
      method: 'get',
      path: '/g/:token',
      by: 'public',
      handle: async context => {
        const guest = o.guests.find(String(context.request.params.token))
        const own = o.tokens.readGuest(readCookies(context.request.headers.cookie).get(COOKIES.guest))
        const call = guest && o.desk.find(guest.callId)
        const isBack = guest?.spent && own?.sub === guest.participantId && !guest.removed
        const isOver =
          !guest || guest.removed || call?.phase !== 'talking' || (!guest.spent && guest.expiresAtMs < Date.now())
        sendWatch(context, {
          kind: 'guest',
          state: isOver ? 'over' : isBack ? 'back' : guest.spent ? 'used' : 'ready',
          name: guest?.name ?? '',
          agentName: isOver ? '' : (call?.seat?.agent.name ?? ''),
          callId: guest?.callId ?? '',
          language: guest?.language ?? languageOf(context),
          routerRtpCapabilities: o.routerRtpCapabilities,
        })
      },
    }),
    route({
      method: 'get',
      path: '/agent',
      by: 'public',
      handle: async context => send(context.response, agent ?? '', 'camera=(), microphone=(self), geolocation=()'),
    }),
    route({
      method: 'get',
      path: '/review',
      by: 'public',
      handle: async context => send(context.response, review ?? '', 'camera=(), microphone=(), geolocation=()'),
    }),
  ]
}
