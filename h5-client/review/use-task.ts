import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { DeskOfRecords, RefusalCode } from './desk-of-records.ts'

type Task = {
  readonly busy: boolean
  readonly failed: RefusalCode | undefined
  /** What the server said, where it says more than its code. */
  readonly message: string | undefined
  /** True when it worked. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>
}

/** One thing after another that is asked of the server: whether it runs, and why it failed. */
export function useTask(desk: DeskOfRecords): Task {
  const [state, setState] = useState<Omit<Task, 'run'>>({ busy: false, failed: undefined, message: undefined })
  const here = useHere()
  const run = useCallback(
    async (work: () => Promise<unknown>) => {
      setState({ busy: true, failed: undefined, message: undefined })
      try {
        await work()
        if (here.current) setState({ busy: false, failed: undefined, message: undefined })
        return true
      } catch (error) {
        const failed = desk.noticed(error)
        const message = error instanceof Error ? error.message : undefined
        if (here.current) setState({ busy: false, failed, message })
        return false
      }
    },
    [desk, here],
  )
  return { ...state, run }
}

export type Loaded<T> =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly code: RefusalCode }
  | { readonly kind: 'ready'; readonly value: T }

/** Something fetched when a part of the page appears, and again when `key` changes or `again` is called. */
export function useLoaded<T>(
  desk: DeskOfRecords,
  load: () => Promise<T>,
  key = '',
): { readonly state: Loaded<T>; readonly again: () => void } {
  const [state, setState] = useState<Loaded<T>>({ kind: 'loading' })
  const [times, setTimes] = useState(0)
  const loader = useRef(load)
  loader.current = load
  useEffect(() => {
    let gone = false
    // What was there stays in sight until the new comes.
    if (times === 0) setState({ kind: 'loading' })
    loader.current().then(
      value => !gone && setState({ kind: 'ready', value }),
      error => !gone && setState({ kind: 'failed', code: desk.noticed(error) }),
    )
    return () => {
      gone = true
    }
  }, [desk, key, times])
  const again = useCallback(() => setTimes(count => count + 1), [])
  return { state, again }
}

function useHere(): { readonly current: boolean } {
  const here = useRef(true)
  useEffect(() => {
    here.current = true
    return () => {
      here.current = false
    }
  }, [])
  return here
}
