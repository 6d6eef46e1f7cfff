import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import Srf from 'drachtio-srf'

/** The parts of drachtio-srf 5 that the phone door uses. Its own declarations lack or misstate most of them. */
export type SipHeaders = Record<string, string>
/** What requests and responses have in common. */
export type SrfMessage = {
  readonly body: string | undefined
  readonly payload: readonly { readonly type: string | null | undefined; readonly content?: string }[]
  readonly source_address: string
  get(name: string): string | undefined
  has(name: string): boolean
}
export type SrfRequest = EventEmitter &
  SrfMessage & {
    readonly method: string
    readonly uri: string
    /** `application` for a BYE that the server has sent on its own. */
    readonly source: 'network' | 'application'
    readonly isNewInvite: boolean
    /** The control connection; without one, drachtio-srf takes the current one. */
    socket: Socket | undefined
    /** CANCEL of an INVITE of ours; on the wire once a 1xx has come. */
    cancel(options: { headers: SipHeaders }, callback: (error: unknown) => void): void
    /** Throws when the header is missing or cannot be parsed. */
    getParsedHeader(name: 'contact'): readonly (NameAddr | undefined)[]
    getParsedHeader(name: 'from' | 'to'): NameAddr
  }
/** A response that came for a request of ours. `source_address` is empty where the SIP server made it up itself. */
export type SrfReply = SrfMessage & {
  readonly source_port: number
  readonly protocol: string | undefined
  readonly status: number
  readonly reason: string
}
type NameAddr = { readonly uri?: string; readonly params?: Readonly<Record<string, string>> }
export type SrfResponse = {
  readonly finalResponseSent: boolean
  /** The control connection that the response goes over. */
  socket: Socket | undefined
  send(status: number, options?: { headers?: SipHeaders; body?: string }): void
}
export type SrfDialog = EventEmitter & {
  readonly req: SrfRequest
  readonly connected: boolean
  readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string }
  readonly local: { sdp: string; readonly contact: string | undefined }
  readonly remote: { readonly uri: string; readonly sdp: string | undefined }
  destroy(options: { headers: SipHeaders }): Promise<unknown>
  /** Calls back once for every response, provisional ones included; or once with an error. */
  request(
    options: { method: string; headers: SipHeaders; body?: string },
    callback: (error: SrfError | null, response: SrfReply | undefined) => void,
  ): void
  readonly id: string
  /** For challenges to requests in the dialog; of those drachtio-srf answers MD5. */
  auth: object | undefined
  readonly agent: {
    request(options: object, callback: (error: SrfError | null, request: SrfRequest | undefined) => void): void
  }
}
/** `ENODIALOG`: the SIP server does not know the dialog. */
export type SrfError = Error & { readonly code?: string }
export type SrfUacOptions = {
  localSdp: string
  headers: SipHeaders
  /** Next hop, not written into the message. */
  proxy: string
}
/** What `createUAC` fails with: a refusal of the peer, or (without `res`) of the SIP server. */
export type SrfUacError = Error & { status?: number; reason?: string; res?: SrfReply }
type Handler = (request: SrfRequest, response: SrfResponse) => void

export type SrfFacade = EventEmitter & {
  readonly invite: (handler: Handler) => void
  readonly options: (handler: Handler) => void
  readonly register: (handler: Handler) => void
  readonly message: (handler: Handler) => void
  readonly subscribe: (handler: Handler) => void
  readonly notify: (handler: Handler) => void
  readonly publish: (handler: Handler) => void
  readonly info: (handler: Handler) => void
  readonly refer: (handler: Handler) => void
  readonly bye: (handler: Handler) => void
  connect(options: {
    host: string
    port: number
    secret: string
    reconnect: { retryMaxDelay: number }
    enablePing: boolean
    pingInterval: number
  }): void
  createUAS(
    request: SrfRequest,
    response: SrfResponse,
    options: { localSdp: string; headers: SipHeaders },
    callback: (error: unknown, dialog: SrfDialog | undefined) => void,
  ): void
  createUAC(
    uri: string,
    options: SrfUacOptions,
    progress: {
      cbRequest(error: unknown, request: SrfRequest | undefined): void
      cbProvisional(response: SrfReply): void
    },
    callback: (error: SrfUacError | null, dialog: (SrfDialog & { readonly res: SrfReply }) | undefined) => void,
  ): void
  /** A request outside of dialogs; the callback gets it as it was sent, and its `response` events the replies. */
  request(
    uri: string,
    options: { method: string; headers: SipHeaders; proxy?: string },
    callback: (error: Error | null, request: SrfRequest | undefined) => void,
  ): void
  readonly app: { readonly client?: SrfAgent }
}
type SrfAgent = {
  readonly mapServer: ReadonlyMap<Socket, { readonly pendingNetworkInvites?: Map<string, PendingInvite> }>
  readonly wp: { closing?: boolean; socket?: Socket; reconnectVars?: { retryTimer: NodeJS.Timeout | null } }
}

type PendingInvite = { readonly req: SrfRequest; readonly res: SrfResponse }

const CLOSE_TIMEOUT_MS = 500

export function createSrf(): SrfFacade {
  return new Srf() as unknown as SrfFacade
}

/**
 * A re-INVITE. `Dialog#modify` would never admit another one after a refusal, and `Dialog#request` loses every UPDATE that
 * comes before the answer: drachtio-srf hands it to the INVITE that is under way, where nobody listens.
 */
export function reInvite(
  dialog: SrfDialog,
  offer: { headers: SipHeaders; body: string },
  on: {
    update(request: SrfRequest, response: SrfResponse): void
    /** The final response, acknowledged by now; or an error. */
    answered(error: SrfError | null, reply: SrfReply | undefined): void
  },
): void {
  const { id: stackDialogId, auth } = dialog
  const options = { method: 'INVITE', stackDialogId, auth, _socket: dialog.req.socket, ...offer }
  try {
    dialog.agent.request(options, (error, invite) => {
      if (error || invite === undefined) return on.answered(error ?? new Error('nothing was sent'), undefined)
      invite.on('update', on.update)
      invite.on('response', (reply: SrfReply, acknowledge: () => void) => {
        if (reply.status < 200) return
        acknowledge()
        on.answered(null, reply)
      })
      return undefined
    })
  } catch (error) {
    // Without a control connection drachtio-srf throws.
    on.answered(error as SrfError, undefined)
  }
}

/** How often the SIP server is pinged; the least that drachtio-srf allows. */
export const PING_MS = 5000

/**
 * A control connection that has died without a word (a firewall that forgot it, a machine without power) is found by pings
 * that nobody answers, and destroyed: then drachtio-srf opens another. To be called for each connection, with the version
 * that the server gave; those before 0.8.2 are not pinged.
 */
export function watchSilence(srf: SrfFacade, o: { serverVersion: string | undefined; silentMs: number }): void {
  const [socket] = [...(srf.app.client?.mapServer.keys() ?? [])].slice(-1)
  if (socket === undefined || !answersPings(o.serverVersion)) return
  let heardMs = performance.now()
  socket.on('data', () => {
    heardMs = performance.now()
  })
  const watch = setInterval(() => {
    if (performance.now() - heardMs > o.silentMs) socket.destroy()
  }, o.silentMs / 4)
  watch.unref()
  socket.once('close', () => clearInterval(watch))
}

function answersPings(version: string | undefined): boolean {
  const [, major = 0, minor = 0, patch = 0] = (/^v(\d+)\.(\d+)\.(\d+)/.exec(version ?? '') ?? []).map(Number)
  return major > 0 || minor > 8 || (minor === 8 && patch >= 2)
}

/** An answer to a request that came over a connection which is no more goes over the present one: the SIP server knows it by its id. */
export function answerAnew(srf: SrfFacade, res: SrfResponse): void {
  const [socket] = [...(srf.app.client?.mapServer.keys() ?? [])].slice(-1)
  res.socket = socket
}

/**
 * drachtio-srf finds the INVITE of a CANCEL by its Call-ID, and forgets it once another INVITE with that Call-ID has been
 * refused. To be called after such a refusal.
 */
export function stayCancellable(srf: SrfFacade, invite: PendingInvite): void {
  const { socket } = invite.req
  const pending = socket && srf.app.client?.mapServer.get(socket)?.pendingNetworkInvites
  pending?.set(invite.req.get('Call-ID') ?? '', invite)
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
