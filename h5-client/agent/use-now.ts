import { useEffect, useState } from 'preact/hooks'

/** Draws again every `everyMs`; for timers that count on by themselves. */
export function useNow(everyMs: number): void {
  const [, setTick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setTick(tick => tick + 1), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
}
