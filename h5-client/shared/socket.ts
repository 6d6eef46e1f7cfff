import type { RequestData, RequestName, RequestReply } from '../../signaling/protocol/catalogue.ts'
import type { ServerMessage } from '../../signaling/protocol/envelope.ts'
import type { ErrorCode } from '../../signaling/protocol/errors.ts'
import type { NotificationData, NotificationName } from '../../signaling/protocol/notifications.ts'
import { CLOSE, type CloseName, mayRetry, SUBPROTOCOL } from '../../signaling/protocol/wire.ts'

/**
 * `lost` waits for its next try; `tries` counts those in a row that never opened. A refused upgrade looks the same as
 * no network, so from the second on a page may ask over http whether its session still holds.
 * `closed` is final: by the page itself (`by-page`), or by the server for a reason that a new try would not change.
 */
export type SocketState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly retryInMs: number; readonly tries: number }
  | { readonly kind: 'closed'; readonly reason: CloseName | 'by-page' }

/** `lost`: the connection went, or was not there; whether the server acted on the request is unknown. */
export class RequestRefused extends Error {
  override name = 'RequestRefused'
  readonly code: ErrorCode | 'lost' | 'timeout'
  constructor(code: ErrorCode | 'lost' | 'timeout', message: string) {
    super(message)
    this.code = code
  }
}

/** The part of WebSocket used here, so that a test can hand in its own. */
export type SocketLike = Pick<WebSocket, 'send' | 'close' | 'readyState'> & {
  onopen: (() => void) | null
  onclose: ((event: { code: number }) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
}
export type SignalingClientOptions = {
  /** Absolute, or a path on this page's own host such as `/ws/agent`. */
  readonly url: string
  readonly open?: (url: string) => SocketLike
  readonly requestTimeoutMs?: number
}

const OPEN = 1
const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 3_000
/**
 * How long an attempt may hang, by turns, net of the handshakes' round trips. After a dead radio it is a fresh attempt that gets
 * through, because those under way wait twice as long at each of their own retries; a slow network needs a long one.
 */
const CONNECT_TIMEOUTS_MS = [2_200, 2_200, 4_000]
/** TCP, TLS and the upgrade, and one more for a lost packet. */
const HANDSHAKE_ROUND_TRIPS = 4
const RETRY_NOW_AFTER_MS = 1_000

type Waiting = {
  readonly resolve: (data: unknown) => void
  readonly reject: (error: RequestRefused) => void
  readonly timer: ReturnType<typeof setTimeout>
  readonly askedMs: number
}
type Listener = (data: never) => void

function openSocket(path: string): SocketLike {
  const url = path.startsWith('/') ? `${location.protocol === 'http:' ? 'ws' : 'wss'}://${location.host}${path}` : path
  return new WebSocket(url, SUBPROTOCOL) as unknown as SocketLike
}

/** What loading this page took from asking to the first byte, as a first idea of the network. */
function firstRoundTripMs(): number | undefined {
  if (typeof document === 'undefined') return undefined
  const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return page === undefined || page.responseStart === 0 ? undefined : page.responseStart - page.requestStart
}

/**
 * One signalling connection that heals itself. After every `open` (also the later ones) the page enters again
 * (`desk.enter`, `call.attach`, `caller.enter`): the server remembers the session, not the socket.
 */
export class SignalingClient {
  readonly #url: string
  readonly #open: (url: string) => SocketLike
  readonly #requestTimeoutMs: number
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #stateListeners = new Set<(state: SocketState) => void>()
  #socket: SocketLike | undefined
  #state: SocketState = { kind: 'connecting' }
  #nextId = 1
  #failures = 0
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #connectTimer: ReturnType<typeof setTimeout> | undefined
  #hung = 0
  #triedAtMs = 0
  #roundTripMs = firstRoundTripMs()

  constructor(options: SignalingClientOptions) {
    this.#url = options.url
    this.#open = options.open ?? openSocket
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 10_000
    if (typeof addEventListener === 'function') {
      addEventListener('online', this.retryNow)
      addEventListener('pageshow', this.retryNow)
    }
    this.#connect()
  }

  get state(): SocketState {
    return this.#state
  }

  /** From asking to being answered, averaged; undefined before anything was. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs
  }

  /** Calls back on every change of state; returns the function that stops it. */
  onState(listener: (state: SocketState) => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  on<N extends NotificationName>(name: N, listener: (data: NotificationData<N>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set<Listener>()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Resolves at once when open, else at the next opening. @throws {RequestRefused} when closed for good. */
  opened(): Promise<void> {
    if (this.#state.kind === 'open') return Promise.resolve()
    return new Promise((resolve, reject) => {
      const stop = this.onState(state => {
        if (state.kind === 'open') {
          stop()
          resolve()
        } else if (state.kind === 'closed') {
          stop()
          reject(new RequestRefused('lost', `closed: ${state.reason}`))
        }
      })
      if (this.#state.kind === 'closed') reject(new RequestRefused('lost', `closed: ${this.#state.reason}`))
    })
  }

  /**
   * Asks and waits for the reply. Never queued: what a person wanted before the connection went may be wrong after it.
   * A request without a reply in time also drops the connection, because a dead path gives no other sign.
   * @throws {RequestRefused}
   */
  request<N extends RequestName>(name: N, data: RequestData<N>, timeoutMs?: number): Promise<RequestReply<N>> {
    const socket = this.#socket
    if (socket === undefined || socket.readyState !== OPEN) {
      return Promise.reject(new RequestRefused('lost', `${name}: not connected`))
    }
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const askedMs = performance.now()
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new RequestRefused('timeout', `${name}: no reply`))
        if (this.#socket === socket) this.#dropped(socket, 0)
      }, timeoutMs ?? this.#requestTimeoutMs)
      this.#waiting.set(id, { resolve: resolve as (data: unknown) => void, reject, timer, askedMs })
      socket.send(JSON.stringify({ kind: 'request', id, name, data }))
    })
  }

  /**
   * Tries again now instead of at the end of the pause (network back, page shown again). An attempt under way that began
   * before the network was back is not waited for.
   */
  readonly retryNow = (): void => {
    if (this.#state.kind === 'connecting' && performance.now() - this.#triedAtMs > RETRY_NOW_AFTER_MS) this.#release()
    else if (this.#state.kind !== 'lost') return
    this.#connect()
  }

  close(): void {
    this.#finish('by-page')
  }

  #connect(): void {
    clearTimeout(this.#retryTimer)
    this.#setState({ kind: 'connecting' })
    this.#triedAtMs = performance.now()
    const socket = this.#open(this.#url)
    this.#socket = socket
    const patienceMs = CONNECT_TIMEOUTS_MS[this.#hung % CONNECT_TIMEOUTS_MS.length] ?? LONGEST_RETRY_MS
    this.#connectTimer = setTimeout(
      () => {
        this.#hung += 1
        this.#dropped(socket, 0, FIRST_RETRY_MS)
      },
      patienceMs + HANDSHAKE_ROUND_TRIPS * (this.#roundTripMs ?? 0),
    )
    socket.onopen = () => {
      clearTimeout(this.#connectTimer)
      this.#failures = 0
      this.#hung = 0
      this.#setState({ kind: 'open' })
    }
    socket.onmessage = event => this.#receive(event.data)
    socket.onclose = event => this.#dropped(socket, event.code)
  }

  #receive(data: unknown): void {
    let message: ServerMessage
    try {
      message = JSON.parse(String(data)) as ServerMessage
    } catch {
      return
    }
    if (message.kind === 'notification') {
      for (const listener of this.#listeners.get(message.name) ?? []) listener(message.data as never)
      return
    }
    const waiting = this.#waiting.get(message.id)
    if (waiting === undefined) return
    this.#waiting.delete(message.id)
    clearTimeout(waiting.timer)
    const tookMs = performance.now() - waiting.askedMs
    this.#roundTripMs = this.#roundTripMs === undefined ? tookMs : this.#roundTripMs * 0.75 + tookMs * 0.25
    if (message.kind === 'reply') waiting.resolve(message.data)
    else waiting.reject(new RequestRefused(message.code, message.message))
  }

  /** `retryMs`: the longest pause now; who has waited for a hanging attempt has waited enough. */
  #dropped(socket: SocketLike, code: number, retryMs = LONGEST_RETRY_MS): void {
    if (this.#socket !== socket) return
    const wasOpen = this.#state.kind === 'open'
    this.#release()
    if (!mayRetry(code)) {
      const entry = Object.entries(CLOSE).find(([, close]) => close.code === code)
      this.#finish((entry?.[0] as CloseName | undefined) ?? 'forbidden')
      return
    }
    if (!wasOpen) this.#failures += 1
    // Jitter over an exponential ceiling: a restarted server is not met by every page in the same instant.
    const ceilingMs = Math.min(retryMs, FIRST_RETRY_MS * 2 ** this.#failures)
    const retryInMs = Math.round(ceilingMs * (0.5 + Math.random() / 2))
    this.#retryTimer = setTimeout(() => this.#connect(), retryInMs)
    this.#setState({ kind: 'lost', retryInMs, tries: this.#failures })
  }

  #finish(reason: CloseName | 'by-page'): void {
    if (this.#state.kind === 'closed') return
    if (typeof removeEventListener === 'function') {
      removeEventListener('online', this.retryNow)
      removeEventListener('pageshow', this.retryNow)
    }
    clearTimeout(this.#retryTimer)
    this.#release()
    this.#setState({ kind: 'closed', reason })
  }

  #release(): void {
    clearTimeout(this.#connectTimer)
    const socket = this.#socket
    this.#socket = undefined
    if (socket !== undefined) {
      socket.onopen = null
      socket.onmessage = null
      socket.onclose = null
      socket.close()
    }
    for (const [id, waiting] of this.#waiting) {
      this.#waiting.delete(id)
      clearTimeout(waiting.timer)
      waiting.reject(new RequestRefused('lost', 'the connection went before the reply'))
    }
  }

  #setState(state: SocketState): void {
    this.#state = state
    for (const listener of [...this.#stateListeners]) listener(state)
  }
}
