import type { CallEnd, InviteView } from '../../signaling/protocol/call.ts'
import type { VoicePlace } from '../../signaling/protocol/external.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Call } from '../calls/call.ts'

/** What another system sees of its call. */
export type ExternalState = {
  readonly callId: CallId
  readonly externalId: string
  readonly state: 'open' | 'ended' | 'sealed'
  readonly voice: VoicePlace
  readonly agent: { readonly id: string; readonly name: string } | undefined
  /** Where the agent works; the page shows the call by itself. */
  readonly workbench: string
  /** The visual assist code; missing when it is over with the call. */
  readonly code: Pick<InviteView, 'link' | 'digits' | 'digitsAddress' | 'expiresAt' | 'state'> | undefined
  /** The caller's phone has joined. */
  readonly joined: boolean
  readonly camera: string
  readonly recording: string
  readonly elapsedMs: number | undefined
  readonly end: CallEnd['cause'] | undefined
}

export function externalState(o: { call: Call; sealed: boolean; workbench: string }): ExternalState {
  const view = o.call.view()
  const { invite } = view
  return {
    callId: view.callId,
    externalId: view.external?.id ?? '',
    state: o.sealed ? 'sealed' : view.phase === 'ended' ? 'ended' : 'open',
    voice: view.voice,
    agent: view.agent,
    workbench: o.workbench,
    code: invite && {
      link: invite.link,
      digits: invite.digits,
      digitsAddress: invite.digitsAddress,
      expiresAt: invite.expiresAt,
      state: invite.state,
    },
    joined: o.call.caller.participantId !== undefined,
    camera: view.camera,
    recording: view.recording,
    elapsedMs: view.elapsedMs,
    end: view.end?.cause,
  }
}
