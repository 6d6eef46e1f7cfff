import type { ComponentChildren } from 'preact'
import type { RefusalCode } from './desk-of-records.ts'
import { useSpeech } from './review-words.ts'
import type { Loaded } from './use-task.ts'

type Props<T> = {
  readonly state: Loaded<T>
  /** Says what is awaited. */
  readonly waiting: string
  readonly again: () => void
  readonly children: (value: T) => ComponentChildren
}

/** Loading, failed and there: the three states of everything that is fetched. */
export function Loading<T>({ state, waiting, again, children }: Props<T>) {
  const { words } = useSpeech()
  switch (state.kind) {
    case 'loading':
      return (
        <p class="list-state quiet" role="status">
          {waiting}
        </p>
      )
    case 'failed':
      return (
        <div class="list-state" role="alert" data-test="loading-failed">
          <p>{words.common.refusals[state.code]}</p>
          <button type="button" class="button" onClick={again}>
            {words.common.retry}
          </button>
        </div>
      )
    case 'ready':
      return <>{children(state.value)}</>
  }
}

/** Why something that was asked for did not happen. Keeps no place while all is well. */
export function Refused({ failed, message }: { failed: RefusalCode | undefined; message?: string | undefined }) {
  const { words } = useSpeech()
  if (failed === undefined) return null
  return (
    <p class="notice danger" role="alert" data-test="refused">
      {words.common.refusals[failed]}
      {failed === 'bad-request' && message ? ` · ${message}` : ''}
    </p>
  )
}
