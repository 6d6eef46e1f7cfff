import type { CallView } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { AgentSession } from '../../signaling/protocol/sessions.ts'
import type { SignalingClient } from '../shared/socket.ts'
import type { AgentMedia } from './agent-media.ts'
import { pageSpeaks } from './speak-by.ts'
import type { TaskBoard } from './task-board.ts'

/** Answering waits for the 200 OK and the ACK. */
export const ANSWER_TIMEOUT_MS = 20_000
/** A media path that keeps breaking is not attached anew more often than this. */
const REATTACH_EVERY_MS = 2_000

type JoiningOptions = {
  readonly client: Pick<SignalingClient, 'request' | 'state'>
  readonly media: AgentMedia
  readonly tasks: TaskBoard
  /** The agent's own call, as the server tells of it. */
  readonly own: () => CallView | undefined
  /** Whether this page is in a call already. */
  readonly isIn: () => boolean
  readonly warmUp: () => Promise<void>
  /** The page is in the call; its media come next. */
  readonly joined: (session: AgentSession) => void
  readonly hasMedia: () => void
}

/** How this page comes into a call: by answering or calling, and again after a reload or when something was lost. */
export class Joining {
  readonly #o: JoiningOptions
  #last: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #opening: CallId | undefined
  #joinedAtMs = -REATTACH_EVERY_MS
  #closed = false

  constructor(o: JoiningOptions) {
    this.#o = o
  }

  /** One after the other: two attachments at once would each believe to be the newer one. */
  join(ask: (capabilities: RtpCapabilities) => Promise<AgentSession>): Promise<void> {
    const { media, joined, hasMedia } = this.#o
    const mine = this.#last.then(async () => {
      this.#joinedAtMs = performance.now()
      const rtpCapabilities = await media.capabilities()
      media.expect()
      const session = await ask(rtpCapabilities)
      joined(session)
      await media.attach(session, pageSpeaks(session.call) !== false)
      hasMedia()
    })
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** After a reload, or after the socket was away: entries and consumers may have been missed, so begin anew. */
  async attach(call: CallView): Promise<void> {
    const { client, tasks, warmUp } = this.#o
    await tasks.run('attach', async () => {
      // Side by side with the server's work. Listening works without a microphone, whose trouble has its own line.
      if (pageSpeaks(call) !== false) void warmUp()
      await this.join(rtpCapabilities =>
        client.request('call.attach', { callId: call.callId, rtpCapabilities }, ANSWER_TIMEOUT_MS),
      )
    })
  }

  /** A call of another system is the agent's from its first moment: nothing rings and nothing is pressed. */
  openExternal(): void {
    const own = this.#o.own()
    if (!own || own.voice === 'here' || this.#o.isIn() || this.#opening === own.callId) return
    this.#opening = own.callId
    void this.attach(own).finally(() => {
      this.#opening = undefined
    })
  }

  /** The media are lost. */
  attachSoon(): void {
    if (this.#closed || this.#timer !== undefined) return
    const waitMs = Math.max(0, this.#joinedAtMs + REATTACH_EVERY_MS - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const own = this.#o.own()
      // Without a socket there is nobody to ask; entering again attaches.
      if (own && this.#o.client.state.kind === 'open') void this.attach(own)
    }, waitMs)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }
}
