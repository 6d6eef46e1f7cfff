import type { ComponentChildren } from 'preact'
import { Loading } from './loading.tsx'
import type { Loaded } from './use-task.ts'

type Props<T> = {
  readonly state: Loaded<readonly T[]>
  readonly again: () => void
  readonly waiting: string
  /** Said when there are none. */
  readonly none: string
  /** One `<li class="card">`. */
  readonly card: (item: T) => ComponentChildren
}

/** Something fetched, one card each. */
export function LoadedCards<T>({ state, again, waiting, none, card }: Props<T>) {
  return (
    <Loading state={state} again={again} waiting={waiting}>
      {list =>
        list.length === 0 ? (
          <p class="list-state quiet" data-test="cards-empty">
            {none}
          </p>
        ) : (
          <ul class="cards">{list.map(card)}</ul>
        )
      }
    </Loading>
  )
}
