import type { Language } from '../../signaling/protocol/call.ts'
import type { RequestData, RequestName, RequestReply } from '../../signaling/protocol/catalogue.ts'
import type { CallId, PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { CameraControl, Rung } from '../../signaling/protocol/phone.ts'
import type { Code, DocumentKind, Region } from '../../signaling/protocol/reading.ts'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import { Store } from '../shared/console/store.ts'
import type { Task } from './task-board.ts'

/** Reading waits for the recogniser's queue; the first face of a day for its model. */
const READ_TIMEOUT_MS = 60_000

export type AssistWire = {
  readonly request: <N extends RequestName>(
    name: N,
    data: RequestData<N>,
    timeoutMs?: number,
  ) => Promise<RequestReply<N>>
  /** Runs the work for the call this page is in, under the task's name; failures are shown, never thrown. */
  readonly onCall: (task: Task, work: (callId: CallId) => Promise<unknown>) => Promise<void>
}

/** What the agent may ask of the assistants, of the phone, and of other people in a call. Answers come as entries. */
export class AssistDesk {
  /** The wish that was last sent on. A wish that changes no rung leaves no entry, so the journal alone cannot tell. */
  readonly preferred = new Store<{ readonly callId: CallId; readonly rung: Rung | 'auto' } | undefined>(undefined)
  readonly #wire: AssistWire

  constructor(wire: AssistWire) {
    this.#wire = wire
  }

  readText(pageId: PageId, region?: Region): Promise<void> {
    return this.#wire.onCall('read-text', callId =>
      this.#wire.request('text.read', { callId, pageId, ...(region && { region }) }, READ_TIMEOUT_MS),
    )
  }

  /** `reading` is the `seq` of the machine's reading. */
  correct(reading: number, text: string): Promise<void> {
    return this.#wire.onCall('correct', callId => this.#wire.request('text.correct', { callId, reading, text }))
  }

  readCodes(pageId: PageId, region?: Region): Promise<void> {
    return this.#wire.onCall('read-codes', callId =>
      this.#wire.request('codes.read', { callId, pageId, ...(region && { region }) }, READ_TIMEOUT_MS),
    )
  }

  /** Seen by this page in the live picture. */
  sawCodes(rtpTimestamp: number, codes: Code[]): Promise<void> {
    return this.#wire.onCall('saw-codes', callId => this.#wire.request('codes.seen', { callId, rtpTimestamp, codes }))
  }

  readDocument(pageId: PageId, kind: DocumentKind, region?: Region): Promise<void> {
    return this.#wire.onCall('read-document', callId =>
      this.#wire.request('document.read', { callId, pageId, kind, ...(region && { region }) }, READ_TIMEOUT_MS),
    )
  }

  judge(reading: number, verdict: RequestData<'document.judge'>['verdict']): Promise<void> {
    return this.#wire.onCall('judge', callId => this.#wire.request('document.judge', { callId, reading, verdict }))
  }

  compareFaces(documentPageId: PageId, facePageId: PageId): Promise<void> {
    return this.#wire.onCall('compare-faces', callId =>
      this.#wire.request('face.compare', { callId, documentPageId, facePageId }, READ_TIMEOUT_MS),
    )
  }

  control(control: CameraControl): Promise<void> {
    return this.#wire.onCall('control', callId => this.#wire.request('camera.control', { callId, control }))
  }

  askConsent(kind: ConsentKind): Promise<void> {
    return this.#wire.onCall('ask-consent', callId => this.#wire.request('consent.ask', { callId, kind }))
  }

  prefer(rung: Rung | 'auto'): Promise<void> {
    return this.#wire.onCall('prefer', async callId => {
      await this.#wire.request('picture.prefer', { callId, rung })
      this.preferred.update(() => ({ callId, rung }))
    })
  }

  choose(scenario: string): Promise<void> {
    return this.#wire.onCall('scenario', callId => this.#wire.request('scenario.choose', { callId, scenario }))
  }

  /** The card shutter. */
  pauseCapture(): Promise<void> {
    return this.#wire.onCall('card-shutter', callId => this.#wire.request('capture.pause', { callId }))
  }
  /** Resolves when everything is captured again. */
  resumeCapture(): Promise<void> {
    return this.#wire.onCall('card-shutter', callId => this.#wire.request('capture.resume', { callId }))
  }

  startRecording(): Promise<void> {
    return this.#wire.onCall('recording', callId => this.#wire.request('recording.start', { callId }))
  }
  stopRecording(): Promise<void> {
    return this.#wire.onCall('recording', callId => this.#wire.request('recording.stop', { callId }))
  }
  flag(flag: string, on: boolean): Promise<void> {
    return this.#wire.onCall('flag', callId => this.#wire.request('call.flag', { callId, flag, on }))
  }

  answerRebind(requestId: string, allow: boolean): Promise<void> {
    return this.#wire.onCall('rebind', callId => this.#wire.request('invite.rebind', { callId, requestId, allow }))
  }

  /** Resolves with the guest's link, or undefined when it could not be made (shown as a failure). */
  async inviteGuest(name: string, language: Language): Promise<RequestReply<'guest.invite'> | undefined> {
    let invitation: RequestReply<'guest.invite'> | undefined
    await this.#wire.onCall('invite-guest', async callId => {
      invitation = await this.#wire.request('guest.invite', { callId, name, language })
    })
    return invitation
  }

  removeGuest(participantId: ParticipantId): Promise<void> {
    return this.#wire.onCall('remove-guest', callId => this.#wire.request('guest.remove', { callId, participantId }))
  }
}
