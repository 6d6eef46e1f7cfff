import { AppError } from '../../signaling/protocol/errors.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { Scenario, Tool } from '../../signaling/protocol/scenario.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { Scenarios } from '../scenarios/scenarios.ts'

/** What kind of call this one is: which tools it has. */
export class CallScenario {
  readonly #log: CallLog
  readonly #scenarios: Scenarios
  readonly #changed: () => void
  #current: Scenario

  constructor(o: { log: CallLog; scenarios: Scenarios; calledNumber: string; changed: () => void }) {
    this.#log = o.log
    this.#scenarios = o.scenarios
    this.#changed = o.changed
    this.#current = o.scenarios.forCalled(o.calledNumber)
  }

  get current(): Scenario {
    return this.#current
  }

  /** The first entry about it: with the answer of the call, which no person chose; `id` when another system did. */
  begin(id?: string): void {
    this.#current = (id === undefined ? undefined : this.#scenarios.find(id)) ?? this.#current
    this.#write(undefined)
  }

  /** @throws AppError `not-found` */
  choose(by: ParticipantId, id: string): void {
    const scenario = this.#scenarios.find(id)
    if (!scenario) throw new AppError('not-found', 'no such scenario')
    if (scenario.id === this.#current.id) return
    this.#current = scenario
    this.#write(by)
    this.#changed()
  }

  has(tool: Tool): boolean {
    return this.#current.tools.includes(tool)
  }

  /** @throws AppError `forbidden` */
  require(tool: Tool): void {
    if (!this.has(tool)) throw new AppError('forbidden', `this kind of call has no such tool: ${tool}`)
  }

  #write(by: ParticipantId | undefined): void {
    const { id, title, retentionClass, tools } = this.#current
    const scenario = { scenario: id, title, retentionClass, tools: [...tools] }
    this.#log.write({ type: 'scenario.chosen', ...(by && { by }), ...scenario })
  }
}
