import type { CallId, UserId } from '../../signaling/protocol/ids.ts'
import type { Events } from '../events.ts'
import type { AccessLog } from '../store/access-log.ts'
import { mergeSpans, type Span } from './merge-spans.ts'

/** A player asks many times a second; what it was given is written together after so long. */
const GATHER_MS = 10_000
type Gathered = {
  readonly user: { readonly id: UserId; readonly name: string }
  readonly callId: CallId
  readonly path: string
  spans: Span[]
}

/** Which bytes of which file were given to whom, gathered and written to the access log. The first look is written before it. */
export class ServedRanges {
  readonly #accessLog: AccessLog
  readonly #events: Events
  readonly #gathered = new Map<string, Gathered>()
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(o: { accessLog: AccessLog; events: Events }) {
    this.#accessLog = o.accessLog
    this.#events = o.events
  }

  /** `to` is exclusive. */
  served(sid: string, o: Omit<Gathered, 'spans'>, range: { from: number; to: number }): void {
    const key = `${sid} ${o.callId} ${o.path}`
    const gathered = this.#gathered.get(key) ?? { ...o, spans: [] }
    gathered.spans = mergeSpans([...gathered.spans, [range.from, range.to]])
    this.#gathered.set(key, gathered)
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS)
  }

  /** Writes what was gathered; resolves when it stands in the log. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const all = [...this.#gathered.values()]
    this.#gathered.clear()
    this.#writing = this.#writing.then(() => this.#write(all))
    return this.#writing
  }

  close(): Promise<void> {
    return this.flush()
  }

  async #write(all: readonly Gathered[]): Promise<void> {
    for (const { user, callId, path, spans } of all) {
      const bytes = spans.map(([from, to]) => `${from}-${to - 1}`).join(' ')
      try {
        await this.#accessLog.add({ user, callId, action: 'view', detail: `${path} bytes ${bytes}`.slice(0, 1000) })
      } catch (error) {
        this.#events.fault('access log', error)
      }
    }
  }
}
