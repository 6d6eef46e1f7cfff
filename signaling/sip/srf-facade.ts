import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import Srf from 'drachtio-srf'

/** The parts of drachtio-srf 5 that the phone door uses. Its own declarations lack or misstate most of them. */
export type SipHeaders = Record<string, string>
export type SrfRequest = EventEmitter & {
  readonly method: string
  readonly uri: string
  readonly body: string | undefined
  readonly payload: readonly { readonly type: string | null | undefined; readonly content?: string }[]
  /** `application` for a BYE that the server has sent on its own. */
  readonly source: 'network' | 'application'
  readonly source_address: string
  readonly isNewInvite: boolean
  /** The control connection; without one, drachtio-srf takes the current one. */
  socket: Socket | undefined
  get(name: string): string | undefined
  has(name: string): boolean
  /** Throws when the header is missing or cannot be parsed. */
  getParsedHeader(name: 'contact'): readonly (NameAddr | undefined)[]
  getParsedHeader(name: 'from' | 'to'): NameAddr
}
type NameAddr = { readonly uri?: string; readonly params?: Readonly<Record<string, string>> }
export type SrfResponse = {
  readonly finalResponseSent: boolean
  send(status: number, options?: { headers?: SipHeaders; body?: string }): void
}
export type SrfDialog = EventEmitter & {
  readonly req: SrfRequest
  readonly connected: boolean
  readonly local: { sdp: string; readonly contact: string | undefined }
  destroy(options: { headers: SipHeaders }): Promise<unknown>
}
type Handler = (request: SrfRequest, response: SrfResponse) => void

export type SrfFacade = EventEmitter & {
  readonly invite: (handler: Handler) => void
  readonly options: (handler: Handler) => void
  connect(options: { host: string; port: number; secret: string; reconnect: { retryMaxDelay: number } }): void
  createUAS(
    request: SrfRequest,
    response: SrfResponse,
    options: { localSdp: string; headers: SipHeaders },
    callback: (error: unknown, dialog: SrfDialog | undefined) => void,
  ): void
  readonly app: { readonly client?: SrfAgent }
}
type SrfAgent = {
  readonly mapServer: ReadonlyMap<Socket, unknown>
  readonly wp: { closing?: boolean; socket?: Socket; reconnectVars?: { retryTimer: NodeJS.Timeout | null } }
}

const CLOSE_TIMEOUT_MS = 500

export function createSrf(): SrfFacade {
  return new Srf() as unknown as SrfFacade
}

/**
 * Ends the control connection for good. `Srf#disconnect` throws while there is none and leaves a waiting
 * reconnection alive, so this looks after both.
 */
export async function disconnectSrf(srf: SrfFacade): Promise<void> {
  const agent = srf.app.client
  if (agent === undefined) return
  agent.wp.closing = true
  clearTimeout(agent.wp.reconnectVars?.retryTimer ?? undefined)
  const open = [...agent.mapServer.keys()]
  if (agent.wp.socket !== undefined && !open.includes(agent.wp.socket)) agent.wp.socket.destroy()
  await Promise.all(open.map(endSocket))
}

/** What was written still leaves, but a server that does not answer holds nobody up. */
function endSocket(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    if (socket.destroyed) return resolve()
    const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.end()
  })
}
