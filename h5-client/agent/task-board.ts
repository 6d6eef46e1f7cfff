import { Store } from '../shared/console/store.ts'

export type Task =
  | 'enter'
  | 'answer'
  | 'attach'
  | 'decline'
  | 'hang-up'
  | 'send-code'
  | 'freeze'
  | 'page'
  | 'live'
  | 'mark'
  | 'undo'
  | 'clear'
  | 'read-text'
  | AssistTask
  | CaptureTask
  | VoiceTask
  | 'copy'
  | 'voice'
  | 'picture'
/** What is asked of the assistants, of the phone and of other people (assist-desk.ts). */
export type AssistTask =
  | 'correct'
  | 'read-codes'
  | 'saw-codes'
  | 'scan-codes'
  | 'read-document'
  | 'judge'
  | 'compare-faces'
  | 'control'
  | 'ask-consent'
  | 'prefer'
  | 'scenario'
  | 'rebind'
  | 'invite-guest'
  | 'remove-guest'
/** What is captured of the call. */
export type CaptureTask = 'card-shutter' | 'recording' | 'flag'
/** What is done with the voice of a call (voice-desk.ts). */
export type VoiceTask =
  | 'hold'
  | 'retrieve'
  | 'mute'
  | 'key'
  | 'transfer'
  | 'consult'
  | 'speak-to'
  | 'connect'
  | 'cancel-consult'
  | 'dial'
  | 'speak-by'
export type Failure = { readonly id: number; readonly task: Task; readonly error: unknown }
export type TaskState = { readonly busy: ReadonlySet<Task>; readonly failures: readonly Failure[] }

/** More than this many old failures help nobody. */
const SHOWN_FAILURES = 3

/** What is being waited for, by name, and what did not work. */
export class TaskBoard {
  readonly state = new Store<TaskState>({ busy: new Set(), failures: [] })
  #nextId = 1

  /** Runs the work unless the same task is already under way. A failure is shown, never thrown. */
  async run(task: Task, work: () => Promise<unknown>): Promise<void> {
    if (this.state.get().busy.has(task)) return
    this.state.update(state => ({
      busy: new Set(state.busy).add(task),
      failures: state.failures.filter(failure => failure.task !== task),
    }))
    try {
      await work()
    } catch (error) {
      this.fail(task, error)
    } finally {
      this.state.update(state => ({ ...state, busy: new Set([...state.busy].filter(one => one !== task)) }))
    }
  }

  fail(task: Task, error: unknown): void {
    const failure = { id: this.#nextId++, task, error }
    this.state.update(state => ({
      ...state,
      failures: [...state.failures.filter(one => one.task !== task), failure].slice(-SHOWN_FAILURES),
    }))
  }

  dismiss(id: number): void {
    this.state.update(state => ({ ...state, failures: state.failures.filter(failure => failure.id !== id) }))
  }
}
