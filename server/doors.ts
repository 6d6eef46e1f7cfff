import type { IncomingMessage } from 'node:http'
import { newId } from '../signaling/protocol/new-id.ts'
import type { Connection } from '../signaling/ws/connection.ts'
import { dispatch } from '../signaling/ws/dispatch.ts'
import type { RequestHandlers } from '../signaling/ws/handler.ts'
import type { WsVerdict } from '../signaling/ws/ws-door.ts'
import type { GuestBook } from './assist/guest-book.ts'
import type { SignIn } from './auth/sign-in.ts'
import type { StaffClaims, Tokens } from './auth/tokens.ts'
import type { AgentDesk } from './calls/agent-desk.ts'
import type { CallDesk } from './calls/call-desk.ts'
import type { AgentContext, CallerContext, Context, WatchContext } from './calls/requests/request-context.ts'
import type { WatchDesk } from './calls/watch-desk.ts'
import type { Events } from './events.ts'
import { readCookies } from './http/cookies.ts'
import { COOKIES } from './http/routes.ts'

export type BrowserDoorsOptions = {
  readonly signIn: SignIn
  readonly tokens: Tokens
  readonly desk: CallDesk
  readonly agents: AgentDesk
  readonly watchers: WatchDesk
  readonly guests: GuestBook
  readonly events: Events
  readonly handlers: RequestHandlers<Context>
  readonly isOurOrigin: (origin: string | undefined, host: string | undefined) => boolean
}

/** Who may open a WebSocket, and whose requests go where. */
export class BrowserDoors {
  readonly #o: BrowserDoorsOptions
  constructor(o: BrowserDoorsOptions) {
    this.#o = o
  }

  admit(request: IncomingMessage): WsVerdict {
    if (!this.#o.isOurOrigin(request.headers.origin, request.headers.host)) return { status: 403, reason: 'Forbidden' }
    const path = (request.url ?? '').split('?')[0]
    const cookies = readCookies(request.headers.cookie)
    switch (path) {
      case '/ws/agent': {
        const claims = this.#o.signIn.read('agent', cookies.get(COOKIES.agent))
        if (!claims) return { status: 401, reason: 'Unauthorized' }
        return { accept: connection => this.#agent({ role: 'agent', claims, connection, call: undefined }) }
      }
      case '/ws/caller': {
        const claims = this.#o.tokens.readCaller(cookies.get(COOKIES.caller))
        const call = claims && this.#o.desk.find(claims.call)
        if (!claims || !call) return { status: 401, reason: 'Unauthorized' }
        return { accept: connection => this.#caller({ role: 'caller', participantId: claims.sub, connection, call }) }
      }
      case '/ws/watch': {
        const watcher = this.#watcher(cookies)
        if (!watcher) return { status: 401, reason: 'Unauthorized' }
        return { accept: connection => this.#watch({ ...watcher.context, connection }, watcher.claims) }
      }
      default:
        return { status: 404, reason: 'Not Found' }
    }
  }

  /** A guest's own link counts before a supervisor's sign-in: it was opened last, and gives less. */
  #watcher(cookies: ReadonlyMap<string, string>) {
    const common = { participantId: newId('part'), call: undefined, language: 'zh-CN' as const }
    const guestClaims = this.#o.tokens.readGuest(cookies.get(COOKIES.guest))
    const guest = guestClaims && this.#o.desk.find(guestClaims.call) && this.#o.guests.seated(guestClaims.sub)
    if (guest) {
      const { participantId, name, language } = guest
      return {
        claims: undefined,
        context: { ...common, role: 'guest' as const, userId: undefined, name, language, guest, participantId },
      }
    }
    const claims = this.#o.signIn.read('supervisor', cookies.get(COOKIES.supervisor))
    if (!claims) return undefined
    return {
      claims,
      context: { ...common, role: 'supervisor' as const, userId: claims.sub, name: claims.name, guest: undefined },
    }
  }

  #watch(context: WatchContext, claims: StaffClaims | undefined): void {
    const supervisor = claims && { claims, connection: context.connection }
    this.#listen(context, context.connection, () => {
      context.call?.onlookers.detached(context.connection)
      if (supervisor) this.#o.watchers.leave(supervisor)
    })
    if (supervisor) this.#o.watchers.enter(supervisor)
  }

  #agent(context: AgentContext): void {
    const agent = { claims: context.claims, connection: context.connection }
    this.#listen(context, context.connection, () => this.#o.agents.leave(agent))
    this.#o.agents.enter(agent)
  }

  #caller(context: CallerContext): void {
    try {
      context.call.caller.attach(context.participantId, context.connection)
    } catch {
      context.connection.close(context.call.phase === 'ended' ? 'callEnded' : 'replaced')
      return
    }
    this.#listen(context, context.connection, () => context.call.caller.detach(context.connection))
  }

  #listen(context: Context, connection: Connection, closed: () => void): void {
    const { handlers, events } = this.#o
    connection.listen({
      request: (name, data) => dispatch(handlers, context, name, data),
      closed,
      fault: error => events.fault('websocket', error),
      refused: code => events.refused('ws', code),
    })
  }
}
