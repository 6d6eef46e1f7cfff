import type { CallView } from '../../signaling/protocol/call.ts'
import type { RequestData, RequestName, RequestReply } from '../../signaling/protocol/catalogue.ts'
import type { DeskPhone, SpeaksBy } from '../../signaling/protocol/desk-phone.ts'
import { Store } from '../shared/console/store.ts'
import type { AssistWire } from './assist-desk.ts'
import type { TaskBoard } from './task-board.ts'

/** The choice is the server's; a page that comes back looks here first, so that it asks for no microphone in vain. */
const CHOICE_KEY = 'tongping.speaks-by'
/** The trunk is asked for the phone before this is answered. */
const CALL_TIMEOUT_MS = 10_000

type Wire = {
  request<N extends RequestName>(name: N, data: RequestData<N>, timeoutMs?: number): Promise<RequestReply<N>>
  readonly onCall: AssistWire['onCall']
  readonly tasks: Pick<TaskBoard, 'run'>
}

/** By what the agent speaks: this page's microphone, or a telephone of the agent's own. */
export class SpeakBy {
  /** Undefined for an agent without a phone. */
  readonly phone = new Store<DeskPhone | undefined>(undefined)
  readonly #wire: Wire

  constructor(wire: Wire) {
    this.#wire = wire
  }

  get chosen(): SpeaksBy {
    return this.phone.get()?.by ?? 'browser'
  }

  /** Of a page that does not know yet. */
  static get likely(): SpeaksBy {
    return localStorage.getItem(CHOICE_KEY) === 'phone' ? 'phone' : 'browser'
  }

  entered(phone: DeskPhone | undefined): void {
    this.phone.update(() => phone)
    if (phone?.by === 'phone') localStorage.setItem(CHOICE_KEY, 'phone')
    else localStorage.removeItem(CHOICE_KEY)
  }

  /** For the calls to come. */
  choose(by: SpeaksBy): Promise<void> {
    return this.#wire.tasks.run('speak-by', async () => {
      await this.#wire.request('desk.speakBy', { by })
      const phone = this.phone.get()
      if (phone) this.entered({ ...phone, by })
    })
  }

  /** In this call. */
  take(by: SpeaksBy): Promise<void> {
    return this.#wire.onCall('speak-by', callId => this.#wire.request('voice.speakBy', { callId, by }, CALL_TIMEOUT_MS))
  }
}

/** Whether this page's microphone is wanted in the call; undefined while it stays as it is (the phone is still being called). */
export function pageSpeaks({
  voice,
  phase,
  agentBy,
}: Pick<CallView, 'voice' | 'phase' | 'agentBy'>): boolean | undefined {
  if (voice !== 'here') return false
  if (agentBy === undefined || agentBy.by === 'browser') return true
  const waits = agentBy.phone === 'called' || agentBy.phone === 'ringing'
  return phase === 'talking' && waits ? undefined : false
}
