import { useEffect } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { liveCall } from './desk-state.ts'
import { Ringback } from './ringback.ts'

/** Heard while it rings at the other end and the network itself plays nothing. */
export function useRingback(): void {
  const { desk } = useBench()
  const rings = liveCall(useStore(desk.state))?.view.dialling === 'ringing'
  useEffect(() => {
    if (!rings) return
    const ringback = new Ringback()
    ringback.start()
    return () => ringback.stop()
  }, [rings])
}
