import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { ArchiveFinding } from '../signaling/protocol/archive.ts'
import type { CallEnd, JoinRefusal } from '../signaling/protocol/call.ts'
import type { ExternalOrigin } from '../signaling/protocol/external.ts'
import type { CallId } from '../signaling/protocol/ids.ts'
import type { VaultFailure } from '../signaling/protocol/review.ts'
import type { Transfer, TransferFailure, TransferWay } from '../signaling/protocol/voice.ts'
import type { StillResult } from './assist/still-result.ts'
import type { UploadResult } from './assist/uploads.ts'
import type { PairEnd } from './calls/bridged-pair.ts'
import type { Logger } from './logger.ts'

/** Read at scrape time. */
export type Gauges = {
  readonly calls: () => Record<string, number>
  readonly connections: () => number
  readonly sip: () => Record<string, number>
  /** Callers joined with somebody else. */
  readonly bridgedPairs: () => number
  /** Packets at the voice ports that were nobody's, by kind. */
  readonly voiceRefused: () => Readonly<Record<string, number>>
}

/**
 * One method per business event: it writes the log line and moves the counter, and never throws.
 * Ids go to the log only; labels stay few.
 */
export class Events {
  readonly registry = new Registry()
  readonly #log: Logger
  readonly #calls: Counter<'result'>
  readonly #bridgeEnds: Counter<'why'>
  readonly #transfers: Counter<'kind' | 'way' | 'result'>
  readonly #external: Counter<'origin'>
  readonly #webhookFailures: Counter
  readonly #joins: Counter<'result'>
  readonly #refusals: Counter<'door' | 'code'>
  readonly #signIns: Counter<'role' | 'result'>
  readonly #seals: Counter<'result'>
  readonly #degraded: Counter
  readonly #findings: Counter<'kind'>
  readonly #stills: Counter<'result'>
  readonly #uploads: Counter<'result'>
  readonly #snapshotMs: Histogram
  readonly #answerMs: Histogram
  readonly #joinToPictureMs: Histogram
  readonly #vaulted: Counter<'result'>
  readonly #faults: Counter<'where'>
  readonly #tierMoves: Counter<'direction'>
  readonly #tierBytes: Counter<'direction'>
  readonly #tierTroubles: Counter<'reason'>
  readonly #tierAlarms: Counter
  readonly #accessLogTroubles: Counter
  readonly #stamps: Counter<'result'>
  readonly #digests: Counter<'result'>
  readonly #anchorAlarms: Counter<'kind'>

  constructor(log: Logger) {
    this.#log = log
    const registers = [this.registry]
    collectDefaultMetrics({ register: this.registry })
    const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Counter({ name, help, labelNames, registers })
    this.#calls = counter('tongping_calls_total', 'Calls by how they ended', ['result'])
    this.#transfers = counter('tongping_transfers_total', 'Transfers by who carried them out and what came of them', [
      'kind',
      'way',
      'result',
    ])
    this.#bridgeEnds = counter('tongping_bridged_pairs_ended_total', 'Bridged pairs by how they ended', ['why'])
    this.#external = counter('tongping_external_calls_total', 'Calls held elsewhere, by who told of them', ['origin'])
    this.#webhookFailures = counter('tongping_external_webhook_failures_total', 'News of external calls given up', [])
    this.#joins = counter('tongping_joins_total', 'Attempts to open a visual assist code', ['result'])
    this.#refusals = counter('tongping_refusals_total', 'Requests refused at a door', ['door', 'code'])
    this.#signIns = counter('tongping_sign_ins_total', 'Sign-ins of agents and reviewers', ['role', 'result'])
    this.#seals = counter('tongping_seals_total', 'Archives sealed or not', ['result'])
    this.#degraded = counter('tongping_recording_degraded_total', 'Calls whose recording lost something', [])
    this.#findings = counter('tongping_reconciliation_findings_total', 'What did not add up in sealed calls', ['kind'])
    this.#stills = counter('tongping_stills_total', 'Stills asked of phones, by what became of them', ['result'])
    this.#uploads = counter('tongping_uploads_total', 'Files of callers, by what became of them', ['result'])
    this.#vaulted = counter('tongping_vault_total', 'Encryption of archives by result', ['result'])
    this.#faults = counter('tongping_faults_total', 'Errors of our own', ['where'])
    this.#stamps = counter('tongping_stamps_total', 'Attempts to have seals and digests time-stamped', ['result'])
    this.#digests = counter('tongping_digests_total', 'Daily digests made, in time or late', ['result'])
    this.#anchorAlarms = counter('tongping_anchor_alarms_total', 'Alarms of the daily chain, by kind', ['kind'])
    this.#accessLogTroubles = counter('tongping_access_log_troubles_total', 'Times the access log was hurt', [])
    this.#tierMoves = counter('tongping_tier_moves_total', 'Records moved between hot and cold', ['direction'])
    this.#tierBytes = counter('tongping_tier_bytes_total', 'Bytes of moved records', ['direction'])
    this.#tierTroubles = counter('tongping_tier_troubles_total', 'Moves that could not be made, by reason', ['reason'])
    this.#tierAlarms = counter('tongping_tier_alarms_total', 'Runs in which moves had waited too long', [])
    const buckets = [10, 20, 40, 60, 80, 120, 200, 400, 800, 1600, 5000]
    this.#snapshotMs = new Histogram({
      name: 'tongping_snapshot_ms',
      help: 'Freeze asked for until told',
      buckets,
      registers,
    })
    this.#answerMs = new Histogram({
      name: 'tongping_answer_ms',
      help: 'Answer pressed until 200 OK',
      buckets,
      registers,
    })
    this.#joinToPictureMs = new Histogram({
      name: 'tongping_join_to_picture_ms',
      help: 'Code spent until first picture',
      buckets,
      registers,
    })
  }

  observe(gauges: Gauges): void {
    this.#gauge('tongping_calls', 'Calls right now, by phase', gauges.calls, 'phase')
    this.#gauge('tongping_sip', 'Counters of the SIP side', gauges.sip, 'what')
    new Counter({
      name: 'tongping_voice_refused_total',
      help: 'Packets at the voice ports that were not the peer’s, by kind',
      labelNames: ['kind'],
      registers: [this.registry],
      collect() {
        this.reset()
        for (const [kind, count] of Object.entries(gauges.voiceRefused())) this.inc({ kind }, count)
      },
    })
    new Gauge({
      name: 'tongping_bridged_pairs',
      help: 'Callers and others whose voices go through this node without an agent, right now',
      registers: [this.registry],
      collect() {
        this.set(gauges.bridgedPairs())
      },
    })
    this.#gauge('tongping_connections', 'Open WebSockets', () => ({ websocket: gauges.connections() }), 'kind')
  }

  /** What waits grows where calls end faster than their derivatives are made. */
  observeDerivatives(read: () => { readonly waiting: number; readonly running: number }): void {
    this.#gauge('tongping_derivatives', 'Jobs after calls (voices, film, replay) right now', read, 'state')
  }

  #gauge(name: string, help: string, read: () => Record<string, number>, label: string): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect() {
        this.reset()
        for (const [key, value] of Object.entries(read())) this.set({ [label]: key }, value)
      },
    })
  }

  observeTiers(read: () => Promise<readonly { tier: string; state: string; calls: number; bytes: number }[]>): void {
    const gauge = (name: string, help: string, of: 'calls' | 'bytes') =>
      new Gauge({
        name,
        help,
        labelNames: ['tier', 'state'],
        registers: [this.registry],
        async collect() {
          this.reset()
          for (const row of await read().catch(() => [])) this.set({ tier: row.tier, state: row.state }, row[of])
        },
      })
    gauge('tongping_tier_calls', 'Records by where they are', 'calls')
    gauge('tongping_tier_bytes', 'Bytes of records by where they are', 'bytes')
  }

  callRang(callId: CallId): void {
    this.#log.info({ callId }, 'call rings')
  }
  callAnswered(callId: CallId, tookMs: number): void {
    this.#answerMs.observe(tookMs)
    this.#log.info({ callId, tookMs: Math.round(tookMs) }, 'call answered')
  }
  callEnded(callId: CallId, end: CallEnd, durationMs: number): void {
    this.#calls.inc({ result: end.cause })
    this.#log.info({ callId, cause: end.cause, durationMs: Math.round(durationMs) }, 'call ended')
  }
  transferred(callId: CallId, kind: Transfer['kind'], way: TransferWay, result: 'done' | TransferFailure): void {
    this.#transfers.inc({ kind, way, result })
    this.#log.info({ callId, kind, way, result }, 'transfer')
  }
  bridged(callId: CallId): void {
    this.#log.info({ callId }, 'caller and somebody else speak through this server')
  }
  bridgeEnded(callId: CallId, why: PairEnd, lastedMs: number): void {
    this.#bridgeEnds.inc({ why })
    this.#log.info({ callId, why, lastedMs: Math.round(lastedMs) }, 'bridged pair ended')
  }
  externalCall(callId: CallId, origin: ExternalOrigin): void {
    this.#external.inc({ origin })
    this.#log.info({ callId, origin }, 'a call that is held elsewhere')
  }
  externalWebhookFailed(event: string, reason: string): void {
    this.#webhookFailures.inc()
    this.#log.warn({ event, reason }, 'the webhook of external calls did not take an event')
  }
  callRefused(status: number, why: string): void {
    this.#calls.inc({ result: `refused-${status}` })
    this.#log.warn({ status, why }, 'call refused')
  }
  inviteIssued(callId: CallId): void {
    this.#log.info({ callId }, 'visual assist code issued')
  }
  inviteDelivery(callId: CallId, result: 'handed-over' | 'failed'): void {
    this.#log.info({ callId, result }, 'visual assist code handed to the sender')
  }
  joined(callId: CallId): void {
    this.#joins.inc({ result: 'joined' })
    this.#log.info({ callId }, 'visual assist code spent')
  }
  joinRefused(callId: CallId | undefined, refusal: JoinRefusal): void {
    this.#joins.inc({ result: refusal })
    this.#log.info({ callId, refusal }, 'visual assist code refused')
  }
  pictureLive(callId: CallId, sinceJoinMs: number): void {
    this.#joinToPictureMs.observe(sinceJoinMs)
    this.#log.info({ callId, sinceJoinMs: Math.round(sinceJoinMs) }, 'camera is live')
  }
  snapshotTaken(callId: CallId, tookMs: number): void {
    this.#snapshotMs.observe(tookMs)
    this.#log.info({ callId, tookMs: Math.round(tookMs) }, 'snapshot taken')
  }
  still(callId: CallId, result: StillResult): void {
    this.#stills.inc({ result })
    this.#log.info({ callId, result }, 'still of the phone')
  }
  upload(callId: CallId, result: UploadResult): void {
    this.#uploads.inc({ result })
    this.#log.info({ callId, result }, 'file of the caller')
  }
  signedIn(role: string, good: boolean): void {
    this.#signIns.inc({ role, result: good ? 'ok' : 'refused' })
    if (!good) this.#log.warn({ role }, 'sign-in refused')
  }
  refused(door: 'http' | 'ws', code: string): void {
    this.#refusals.inc({ door, code })
  }
  recordingDegraded(callId: CallId, reason: string): void {
    this.#degraded.inc()
    this.#log.error({ callId, reason }, 'recording degraded')
  }
  sealed(callId: CallId, result: 'sealed' | 'recovered' | 'failed', error?: unknown): void {
    this.#seals.inc({ result })
    if (result === 'failed') this.#log.error({ callId, err: error }, 'sealing failed')
    else this.#log.info({ callId, result }, 'archive sealed')
  }
  /** The reconciliation of a call: every finding is an alarm. */
  reconciled(callId: CallId, findings: readonly ArchiveFinding[]): void {
    for (const { kind } of findings) this.#findings.inc({ kind })
    if (findings.length > 0)
      this.#log.error({ callId, kinds: findings.map(one => one.kind) }, 'the record does not add up')
  }
  muxed(callId: CallId, result: 'muxed' | 'mux-failed', error?: unknown): void {
    if (result === 'mux-failed') this.#log.error({ callId, err: error }, 'replay file could not be made')
    else this.#log.info({ callId }, 'replay file made')
  }
  /** The log of who did what is damaged or cannot be kept. */
  accessLogTrouble(reason: string): void {
    this.#accessLogTroubles.inc()
    this.#log.error({ reason }, 'trouble with the access log')
  }
  tierMoved(callId: CallId, direction: 'out' | 'back', bytes: number, tookMs: number): void {
    this.#tierMoves.inc({ direction })
    this.#tierBytes.inc({ direction }, bytes)
    this.#log.info({ callId, direction, bytes, tookMs: Math.round(tookMs) }, 'record moved between the tiers')
  }
  /** A move could not be made now; `reason` is one of few words. */
  tierTrouble(callId: CallId, reason: string): void {
    this.#tierTroubles.inc({ reason })
    this.#log.warn({ callId, reason }, 'record could not be moved')
  }
  tierAlarm(waitingMs: number): void {
    this.#tierAlarms.inc()
    this.#log.error({ waitingMs: Math.round(waitingMs) }, 'moves have been waiting for the archive store too long')
  }
  /** A sealed call was encrypted, or stays plain for now and why. */
  vaulted(callId: string, result: 'encrypted' | VaultFailure, error?: unknown): void {
    this.#vaulted.inc({ result })
    if (result === 'encrypted') this.#log.info({ callId }, 'archive encrypted')
    else this.#log.error({ callId, result, err: error }, 'archive could not be encrypted and stays plain')
  }
  /** A crash had left an encryption half-made. */
  vaultRepaired(callId: string): void {
    this.#vaulted.inc({ result: 'repaired' })
    this.#log.warn({ callId }, 'a half-made encryption was finished or undone')
  }
  /** Encrypted calls that no configured master key opens. */
  vaultLocked(calls: number): void {
    this.#vaulted.inc({ result: 'locked' }, calls)
    this.#log.error(
      { calls },
      'encrypted calls cannot be opened: their master key is not configured or their key is gone',
    )
  }
  stamped(result: string, error?: unknown): void {
    this.#stamps.inc({ result })
    if (result !== 'stamped') this.#log.warn({ result, err: error }, 'no time stamp yet; it is tried again')
  }
  digestMade(day: string, late: boolean, calls: number): void {
    this.#digests.inc({ result: late ? 'late' : 'in-time' })
    this.#log.info({ day, late, calls }, 'daily digest made')
  }
  digestNotPublished(day: string, where: 'folder' | 'webhook', error: unknown): void {
    this.#digests.inc({ result: `not-published-${where}` })
    this.#log.warn({ day, where, err: error }, 'daily digest not published yet; it is tried again')
  }
  anchorAlarm(kind: string, key: string): void {
    this.#anchorAlarms.inc({ kind })
    this.#log.error({ kind, key }, 'ALARM of the daily chain')
  }
  /** What stands open in stamps and alarms, read at scrape time. */
  observeAnchors(read: () => Record<string, number>): void {
    const gauge: Gauge<'what'> = new Gauge({
      name: 'tongping_anchors',
      help: 'Open alarms, seals and digests without stamp or copy, days since the last digest',
      labelNames: ['what'],
      registers: [this.registry],
      collect() {
        for (const [what, value] of Object.entries(read())) gauge.set({ what }, value)
      },
    })
  }
  /** An error nobody expected. */
  fault(where: string, error: unknown): void {
    this.#faults.inc({ where })
    this.#log.error({ where, err: error }, 'fault')
  }
}
