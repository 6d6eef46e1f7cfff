import type {
  CapturePart,
  RecordingCause,
  RecordingCondition,
  RecordingTrigger,
} from '../../signaling/protocol/capture.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry, JournalType } from '../../signaling/protocol/journal-entry.ts'
import type { ConsentKind, Scenario } from '../../signaling/protocol/scenario.ts'
import type { CallLog } from '../calls/call-log.ts'

const PARTS: readonly CapturePart[] = ['voice', 'picture']
type UsedTool = Extract<RecordingCondition, { tool: unknown }>['tool']

const TOOL_OF: Partial<Record<JournalType, UsedTool>> = {
  'document.read': 'document',
  'face.compared': 'face',
  'text.recognised': 'text',
  'codes.found': 'codes',
  'share.started': 'share',
}
const CAUSE_OF: Partial<Record<JournalType, RecordingCause>> = {
  'call.flagged': 'rule',
  'consent.given': 'consent',
  'consent.withdrawn': 'consent',
  'scenario.chosen': 'scenario',
}

export type RecordingTriggersOptions = {
  readonly log: CallLog
  readonly scenario: () => Scenario
  readonly calledNumber: string
  readonly consents: { has(kind: ConsentKind): boolean }
  /** Something is recorded now that was not, or the other way round. */
  readonly changed: () => void
}

/** When the parts of one call are recorded: decided by the kind of call, its rules, and the agent where that is left open. */
export class RecordingTriggers {
  readonly #o: RecordingTriggersOptions
  readonly #on: Record<CapturePart, boolean> = { voice: false, picture: false }
  /** What a rule has started goes on. */
  readonly #latched: Record<CapturePart, boolean> = { voice: false, picture: false }
  readonly #used = new Set<UsedTool>()
  readonly #flags = new Set<string>()
  #byAgent = false
  #begun = false

  constructor(options: RecordingTriggersOptions) {
    this.#o = options
  }

  get voice(): boolean {
    return this.#on.voice
  }
  get picture(): boolean {
    return this.#on.picture
  }
  get flags(): string[] {
    return [...this.#flags]
  }
  /** Whether the agent has a button. */
  get mayStart(): boolean {
    return PARTS.some(part => isManual(this.#trigger(part)))
  }

  /** With the answer of the call. */
  begin(): void {
    this.#begun = true
    const wanted = this.#wanted()
    const usual = PARTS.every(part => this.#trigger(part) === 'always')
    Object.assign(this.#on, wanted)
    if (usual) this.#o.changed()
    else
      this.#tell(
        PARTS.filter(part => wanted[part]),
        PARTS.filter(part => !wanted[part]),
        'policy',
      )
  }

  /** @throws AppError `forbidden` where it is not the agent's to decide */
  start(by: ParticipantId): void {
    if (!this.mayStart) throw new AppError('forbidden', 'in this kind of call recording is not started by hand')
    this.#byAgent = true
    this.#consider('agent', by)
  }

  /** What policy or a rule started goes on. @throws AppError `forbidden` */
  stop(by: ParticipantId): void {
    if (!this.mayStart) throw new AppError('forbidden', 'in this kind of call recording is not stopped by hand')
    this.#byAgent = false
    this.#consider('agent', by)
  }

  /** @param by nobody when the operator's own system sets it @throws AppError `not-found` */
  flag(by: ParticipantId | undefined, flag: string, on: boolean): void {
    const known = this.#o.scenario().flags?.some(one => one.id === flag)
    if (!known) throw new AppError('not-found', 'this kind of call has no such flag')
    if (this.#flags.has(flag) === on) return
    if (on) this.#flags.add(flag)
    else this.#flags.delete(flag)
    this.#o.log.write({ type: 'call.flagged', ...(by && { by }), flag, on })
    this.#o.changed()
  }

  /** Every entry passes here after it was told. */
  noticed(entry: JournalEntry): void {
    const tool = TOOL_OF[entry.type]
    if (tool) this.#used.add(tool)
    const because = tool ? 'rule' : CAUSE_OF[entry.type]
    if (because) this.#consider(because)
  }

  #consider(because: RecordingCause, by?: ParticipantId): void {
    if (!this.#begun || this.#o.log.closed) return
    const wanted = this.#wanted()
    const started = PARTS.filter(part => wanted[part] && !this.#on[part])
    const stopped = PARTS.filter(part => !wanted[part] && this.#on[part])
    if (started.length + stopped.length === 0) return
    Object.assign(this.#on, wanted)
    this.#tell(started, stopped, because, by)
  }

  /** What begins is told before it is kept, what stops after it has stopped. */
  #tell(started: CapturePart[], stopped: CapturePart[], because: RecordingCause, by?: ParticipantId): void {
    const { log, changed } = this.#o
    const who = by && { by }
    if (started.length > 0) log.write({ type: 'recording.started', ...who, parts: started, because })
    changed()
    if (stopped.length > 0) log.write({ type: 'recording.stopped', ...who, parts: stopped, because })
  }

  #wanted(): Record<CapturePart, boolean> {
    return { voice: this.#wants('voice'), picture: this.#wants('picture') }
  }

  #wants(part: CapturePart): boolean {
    const trigger = this.#trigger(part)
    if (trigger === 'always') return true
    if (trigger === 'off') return false
    if (trigger === 'manual') return this.#byAgent
    const held = trigger.when.filter(condition => this.#holds(condition))
    // A consent is the caller's to take back; anything else has happened and stays so.
    if (held.some(condition => !('consent' in condition))) this.#latched[part] = true
    return this.#latched[part] || held.length > 0 || (trigger.otherwise === 'manual' && this.#byAgent)
  }

  #holds(condition: RecordingCondition): boolean {
    if ('consent' in condition) return this.#o.consents.has(condition.consent as ConsentKind)
    if ('tool' in condition) return this.#used.has(condition.tool)
    if ('flag' in condition) return this.#flags.has(condition.flag)
    const { calledNumber } = condition
    return calledNumber.endsWith('*')
      ? this.#o.calledNumber.startsWith(calledNumber.slice(0, -1))
      : this.#o.calledNumber === calledNumber
  }

  #trigger(part: CapturePart): RecordingTrigger {
    return this.#o.scenario().recording?.[part] ?? 'always'
  }
}

const isManual = (trigger: RecordingTrigger): boolean =>
  trigger === 'manual' || (typeof trigger === 'object' && trigger.otherwise === 'manual')
