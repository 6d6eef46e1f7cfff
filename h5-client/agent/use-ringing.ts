import { useEffect } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { liveCall, ringingCalls } from './desk-state.ts'
import { Ringer } from './ringer.ts'

/** An agent who looks at another window hears the call and finds it in the title. During a call nothing rings. */
export function useRinging(): void {
  const { desk, words } = useBench()
  const state = useStore(desk.state)
  const { busy } = useStore(desk.tasks.state)
  const [first] = ringingCalls(state)
  const number = first && !liveCall(state) && !busy.has('answer') ? first.from || words.unknownNumber : undefined
  const rings = number !== undefined
  useEffect(() => {
    document.title = number === undefined ? words.title : `${words.ringing} ${number}`
  }, [number, words])
  useEffect(() => {
    if (!rings) return
    const ringer = new Ringer()
    ringer.start()
    return () => ringer.stop()
  }, [rings])
}
