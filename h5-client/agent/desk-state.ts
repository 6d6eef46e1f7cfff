import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { CallView } from '../../signaling/protocol/call.ts'
import type { CallId, ParticipantId, UserId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Scenario } from '../../signaling/protocol/scenario.ts'
import type { AgentSession } from '../../signaling/protocol/sessions.ts'
import { EMPTY_STAGE, foldStage, type Stage } from '../../signaling/protocol/stage.ts'
import { type AssistState, EMPTY_ASSIST, foldAssist } from './assist-state.ts'

/** The call this page speaks in. Stays after the end, so that the agent can finish reading and writing. */
export type JoinedCall = {
  readonly callId: CallId
  readonly participantId: ParticipantId
  readonly view: CallView
  /** When the view came, on the page's own clock: the timer counts on from there. */
  readonly seenAtMs: number
  readonly entries: readonly JournalEntry[]
  readonly stage: Stage
  readonly assist: AssistState
}

export type DeskState = {
  readonly agent: { readonly id: UserId; readonly name: string } | undefined
  readonly sipAddress: string | undefined
  readonly scenarios: readonly Scenario[]
  /** Domains links may lead to; empty: links are not offered. */
  readonly linkDomains: readonly string[]
  /** Whether this agent may call out. */
  readonly mayDial: boolean
  readonly calls: readonly CallView[]
  readonly joined: JoinedCall | undefined
}

export const EMPTY_DESK: DeskState = {
  agent: undefined,
  sipAddress: undefined,
  scenarios: [],
  linkDomains: [],
  mayDial: false,
  calls: [],
  joined: undefined,
}

/** `atMs` is the page's own monotonic clock (performance.now()). */
export type DeskEvent =
  | {
      readonly type: 'entered'
      readonly agent: { readonly id: UserId; readonly name: string }
      readonly sipAddress: string
      readonly scenarios: readonly Scenario[]
      readonly linkDomains: readonly string[]
      readonly mayDial: boolean
      readonly calls: readonly CallView[]
      readonly atMs: number
    }
  | { readonly type: 'calls'; readonly calls: readonly CallView[]; readonly atMs: number }
  | { readonly type: 'changed'; readonly call: CallView; readonly atMs: number }
  | { readonly type: 'joined'; readonly session: AgentSession; readonly atMs: number }
  | { readonly type: 'entries'; readonly callId: CallId; readonly entries: readonly JournalEntry[] }
  | { readonly type: 'dismissed' }

/** Entries already known (their `seq` is not newer) are dropped: after a new attachment some come twice. */
function withEntries(joined: JoinedCall, entries: readonly JournalEntry[]): JoinedCall {
  const lastSeq = joined.entries.at(-1)?.seq ?? -1
  const fresh = entries.filter(entry => entry.seq > lastSeq)
  if (fresh.length === 0) return joined
  return {
    ...joined,
    entries: [...joined.entries, ...fresh],
    stage: fresh.reduce(foldStage, joined.stage),
    assist: fresh.reduce(foldAssist, joined.assist),
  }
}

/**
 * The call this page speaks in, as the server now sees it. Missing from the list, it has ended (the page may have been
 * away); ringing again, the answer did not come about and the call is everybody's.
 */
function joinedAmong(joined: JoinedCall | undefined, views: readonly CallView[], atMs: number): JoinedCall | undefined {
  if (!joined || joined.view.phase === 'ended') return joined
  const mine = views.find(view => view.callId === joined.callId)
  if (!mine) return { ...joined, view: { ...joined.view, phase: 'ended', agentVoice: 'none' } }
  return mine.phase === 'ringing' ? undefined : { ...joined, view: mine, seenAtMs: atMs }
}

function withCalls(state: DeskState, views: readonly CallView[], atMs: number): DeskState {
  return { ...state, calls: views, joined: joinedAmong(state.joined, views, atMs) }
}

function withChanged(state: DeskState, call: CallView, atMs: number): DeskState {
  const known = state.calls.some(one => one.callId === call.callId)
  const changed = known ? state.calls.map(one => (one.callId === call.callId ? call : one)) : [...state.calls, call]
  const calls = call.phase === 'ended' ? changed.filter(one => one !== call) : changed
  const joined = state.joined?.callId === call.callId ? { ...state.joined, view: call, seenAtMs: atMs } : state.joined
  return { ...state, calls, joined }
}

function withJoined(state: DeskState, session: AgentSession, atMs: number): DeskState {
  const { call, participantId, entries } = session
  const empty: JoinedCall = {
    callId: call.callId,
    participantId,
    view: call,
    seenAtMs: atMs,
    entries: [],
    stage: EMPTY_STAGE,
    assist: EMPTY_ASSIST,
  }
  return { ...withChanged(state, call, atMs), joined: withEntries(empty, entries) }
}

/** Pure: the desk after one more happening. */
export function foldDesk(state: DeskState, event: DeskEvent): DeskState {
  switch (event.type) {
    case 'entered': {
      const { agent, sipAddress, scenarios, linkDomains, mayDial } = event
      const entered = { ...state, agent, sipAddress, scenarios, linkDomains, mayDial }
      return withCalls(entered, event.calls, event.atMs)
    }
    case 'calls':
      return withCalls(state, event.calls, event.atMs)
    case 'changed':
      return withChanged(state, event.call, event.atMs)
    case 'joined':
      return withJoined(state, event.session, event.atMs)
    case 'entries': {
      if (state.joined?.callId !== event.callId) return state
      const joined = withEntries(state.joined, event.entries)
      return joined === state.joined ? state : { ...state, joined }
    }
    case 'dismissed':
      return state.joined?.view.phase === 'ended' ? { ...state, joined: undefined } : state
    default:
      return assertNever(event)
  }
}

/** Calls that ring for this desk, the longest ringing first. */
export function ringingCalls(state: DeskState): readonly CallView[] {
  return state.calls.filter(view => view.phase === 'ringing').sort((a, b) => a.rangAt.localeCompare(b.rangAt))
}

/** The call this agent is in by the server's word, whether or not this page speaks in it already (a reload). */
export function ownCall(state: DeskState): CallView | undefined {
  return state.calls.find(
    view => view.agent?.id === state.agent?.id && view.phase !== 'ringing' && view.phase !== 'ended',
  )
}

/** The joined call while it is not over. */
export function liveCall(state: DeskState): JoinedCall | undefined {
  return state.joined && state.joined.view.phase !== 'ended' ? state.joined : undefined
}

/** Milliseconds since the answer, counted on from the last view; undefined before the answer. */
export function elapsedMs(call: JoinedCall, nowMs: number): number | undefined {
  if (call.view.elapsedMs === undefined) return undefined
  return call.view.elapsedMs + Math.max(0, nowMs - call.seenAtMs)
}

/** Without moving video the shutter asks the phone for a photo. */
export function takesPhotos(call: JoinedCall | undefined): boolean {
  return call !== undefined && call.view.camera === 'live' && call.view.rung !== 'live'
}
