import { useEffect, useReducer } from 'preact/hooks'
import type { Store } from './store.ts'

/** The store's state, drawn again on every change. */
export function useStore<S>(store: Store<S>): S {
  const [, draw] = useReducer<number, void>(count => count + 1, 0)
  useEffect(() => {
    // A change between the first drawing and this effect would otherwise be missed.
    draw()
    return store.subscribe(() => draw())
  }, [store])
  return store.get()
}
