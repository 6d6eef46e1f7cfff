import type { NetworkMeasure, Rung } from '../../signaling/protocol/phone.ts'

/** The published thresholds (docs/SPEC.md, NET2 to NET4). Times in ms, rates in kbit/s. */
export const LADDER = {
  /** Video is given up when, averaged, any of these is reached … */
  poorKbps: 150,
  poorLossPercent: 10,
  poorRoundTripMs: 1_000,
  /** … for so long. */
  poorForMs: 4_000,
  /** A low rate counts for nothing while it climbs, which it does for a while after every interruption, with less than this. */
  climbingLossPercent: 3,
  climbingRoundTripMs: 500,
  /** Without any connection for media: so long, then stills; and video again as soon as there is one. */
  unconnectedForMs: 4_000,
  /** What is measured so soon after an interruption tells of the interruption. */
  settleMs: 4_000,
  /** Back to video: a connection, and stills that travel at this rate with less delay than this, for so long … */
  goodKbps: 300,
  goodRoundTripMs: 700,
  goodForMs: 4_000,
  /** … but not sooner after the last fall than this; doubled by each fall, forgotten after a calm time. */
  restMs: 8_000,
  longestRestMs: 120_000,
  calmMs: 60_000,
  /** From stills every second to photo by photo: so many stills in a row failed, or took longer than this. */
  lateStills: 2,
  lateStillMs: 8_000,
  /** And back: so many in a row in less than this. */
  promptStills: 2,
  promptStillMs: 4_000,
} as const

/** Weight of the newest measurement in the average. */
const NEWEST = 0.3

export type LadderSample = {
  readonly atMs: number
  /** Media has a path to the server. */
  readonly connected: boolean
  /** What congestion control would let the video have. Undefined while none is sent. */
  readonly availableKbps?: number | undefined
  readonly lossPercent?: number | undefined
  readonly roundTripMs?: number | undefined
}
/** How one still travelled; only of times when the server could be reached at all. */
export type StillSample = { readonly ok: boolean; readonly tookMs: number; readonly kbps: number }
export type Reason = 'measured' | 'no-connection' | 'agent' | 'recovered'
export type LadderState = {
  readonly rung: Rung
  readonly because: Reason
  readonly preference: Rung | 'auto'
  readonly network: NetworkMeasure
  /** What was measured when this rung was chosen. */
  readonly decidedBy: NetworkMeasure
  readonly sinceMs: number
  readonly restMs: number
  readonly poorSinceMs: number | undefined
  readonly goodSinceMs: number | undefined
  readonly unconnectedSinceMs: number | undefined
  readonly connectedSinceMs: number | undefined
  readonly settlesAtMs: number
  /** Why video was given up last. */
  readonly fellFor: Reason
  readonly stillKbps: number | undefined
  readonly lateStills: number
  readonly promptStills: number
}

export function startLadder(nowMs: number): LadderState {
  return {
    rung: 'live',
    because: 'measured',
    preference: 'auto',
    network: {},
    decidedBy: {},
    sinceMs: nowMs,
    restMs: LADDER.restMs,
    poorSinceMs: undefined,
    goodSinceMs: undefined,
    unconnectedSinceMs: undefined,
    connectedSinceMs: undefined,
    settlesAtMs: 0,
    fellFor: 'measured',
    stillKbps: undefined,
    lateStills: 0,
    promptStills: 0,
  }
}

const average = (old: number | undefined, value: number | undefined): number | undefined =>
  value === undefined ? old : old === undefined ? value : old + NEWEST * (value - old)
const since = (was: number | undefined, holds: boolean, nowMs: number) => (holds ? (was ?? nowMs) : undefined)
const lasts = (fromMs: number | undefined, nowMs: number, ms: number) => fromMs !== undefined && nowMs - fromMs >= ms

/** Pure: the ladder after one more measurement of the media path, about once a second. */
export function measure(state: LadderState, sample: LadderSample): LadderState {
  const { atMs } = sample
  const settlesAtMs =
    !sample.connected && state.connectedSinceMs !== undefined ? Number.POSITIVE_INFINITY : state.settlesAtMs
  const isBack = sample.connected && settlesAtMs === Number.POSITIVE_INFINITY
  const settled = sample.connected && !isBack && atMs >= settlesAtMs
  const kbps = state.rung === 'live' ? average(state.network.kbps, sample.availableKbps) : state.network.kbps
  const lossPercent =
    state.rung === 'live' && settled ? average(state.network.lossPercent, sample.lossPercent) : undefined
  const roundTripMs = settled ? average(state.network.roundTripMs, sample.roundTripMs) : state.network.roundTripMs
  const network: NetworkMeasure = {
    ...(kbps !== undefined && { kbps }),
    ...(lossPercent !== undefined && { lossPercent }),
    ...(roundTripMs !== undefined && { roundTripMs }),
  }
  const climbs =
    (sample.availableKbps ?? 0) > 1.02 * (state.network.kbps ?? 0) &&
    (lossPercent ?? 0) < LADDER.climbingLossPercent &&
    (roundTripMs ?? 0) < LADDER.climbingRoundTripMs
  const poor =
    (kbps !== undefined && kbps < LADDER.poorKbps && !climbs) ||
    (lossPercent ?? 0) >= LADDER.poorLossPercent ||
    (roundTripMs ?? 0) >= LADDER.poorRoundTripMs
  const good =
    sample.connected &&
    (state.stillKbps ?? 0) >= LADDER.goodKbps &&
    (roundTripMs ?? 0) < LADDER.goodRoundTripMs &&
    state.lateStills === 0
  return decide(
    {
      ...state,
      network,
      settlesAtMs: isBack ? atMs + LADDER.settleMs : settlesAtMs,
      poorSinceMs: since(state.poorSinceMs, state.rung === 'live' && settled && poor, atMs),
      goodSinceMs: since(state.goodSinceMs, state.rung !== 'live' && good, atMs),
      unconnectedSinceMs: since(state.unconnectedSinceMs, !sample.connected, atMs),
      connectedSinceMs: since(state.connectedSinceMs, sample.connected, atMs),
    },
    atMs,
  )
}

/** Pure: the ladder after one more still. */
export function still(state: LadderState, sample: StillSample, nowMs: number): LadderState {
  const late = !sample.ok || sample.tookMs > LADDER.lateStillMs
  const prompt = sample.ok && sample.tookMs <= LADDER.promptStillMs
  const stillKbps = sample.ok ? average(state.stillKbps, sample.kbps) : state.stillKbps
  const kbps = state.rung === 'live' ? state.network.kbps : stillKbps
  return decide(
    {
      ...state,
      stillKbps,
      network: { ...state.network, ...(kbps !== undefined && { kbps }) },
      lateStills: late ? state.lateStills + 1 : 0,
      promptStills: prompt ? state.promptStills + 1 : 0,
    },
    nowMs,
  )
}

/** Pure: the agent holds a rung, or lets the measurements decide again. */
export function prefer(state: LadderState, preference: Rung | 'auto', nowMs: number): LadderState {
  return decide({ ...state, preference }, nowMs)
}

/** Time that no picture was to be sent (paused, hidden, no camera) says nothing about the network. */
export function idle(state: LadderState): LadderState {
  return {
    ...state,
    poorSinceMs: undefined,
    goodSinceMs: undefined,
    unconnectedSinceMs: undefined,
    connectedSinceMs: undefined,
  }
}

function decide(state: LadderState, nowMs: number): LadderState {
  const unconnected = lasts(state.unconnectedSinceMs, nowMs, LADDER.unconnectedForMs)
  if (state.preference !== 'auto') {
    // What the agent holds is held, except video that has no way.
    const wanted = state.preference === 'live' && unconnected ? 'slow-scan' : state.preference
    if (wanted === 'live' && state.rung !== 'live' && state.unconnectedSinceMs !== undefined) return state
    return move(state, wanted, wanted === state.preference ? 'agent' : 'no-connection', nowMs)
  }
  // A fall for want of a connection needs neither rest nor proof: when it is there again, it carries.
  const isBack = state.fellFor === 'no-connection' && state.connectedSinceMs !== undefined
  if (state.rung !== 'live' && isBack) return move(state, 'live', 'recovered', nowMs)
  switch (state.rung) {
    case 'live':
      if (unconnected) return move(state, 'slow-scan', 'no-connection', nowMs)
      return lasts(state.poorSinceMs, nowMs, LADDER.poorForMs) ? move(state, 'slow-scan', 'measured', nowMs) : state
    case 'slow-scan':
      if (state.lateStills >= LADDER.lateStills) return move(state, 'photo', 'measured', nowMs)
      return nowMs - state.sinceMs >= state.restMs && lasts(state.goodSinceMs, nowMs, LADDER.goodForMs)
        ? move(state, 'live', 'recovered', nowMs)
        : state
    case 'photo':
      return state.promptStills >= LADDER.promptStills ? move(state, 'slow-scan', 'recovered', nowMs) : state
  }
}

function move(state: LadderState, rung: Rung, because: Reason, nowMs: number): LadderState {
  if (rung === state.rung) return state
  const fell = state.rung === 'live' && because === 'measured'
  const calm = state.rung === 'live' && nowMs - state.sinceMs >= LADDER.calmMs
  const restMs = !fell
    ? state.restMs
    : calm || state.because === 'measured'
      ? LADDER.restMs
      : Math.min(LADDER.longestRestMs, state.restMs * 2)
  return {
    ...state,
    rung,
    because,
    fellFor: state.rung === 'live' ? because : state.fellFor,
    decidedBy: state.network,
    sinceMs: nowMs,
    restMs,
    poorSinceMs: undefined,
    goodSinceMs: undefined,
    stillKbps: rung === 'live' ? undefined : state.stillKbps,
    lateStills: 0,
    promptStills: 0,
    // What video measured says nothing about stills, and the other way round.
    network: { ...(state.network.roundTripMs !== undefined && { roundTripMs: state.network.roundTripMs }) },
  }
}
