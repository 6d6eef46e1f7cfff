import { useEffect } from 'preact/hooks'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { ReplayPlayer } from './replay-player.ts'
import { tellSeeks } from './review-api.ts'
import { SeekLog } from './seek-log.ts'

/** What is looked at goes into the access log while the record lies open. */
export function useSeekLog(player: ReplayPlayer, callId: CallId): void {
  useEffect(() => {
    const log = new SeekLog({
      send: seeks => tellSeeks(callId, seeks),
      setTimer: (run, delayMs) => {
        const timer = setTimeout(run, delayMs)
        return () => clearTimeout(timer)
      },
    })
    player.onLook = look => log.add(look)
    // The last chance of a page that is closed or put away.
    const onHide = () => document.visibilityState === 'hidden' && void log.flush()
    document.addEventListener('visibilitychange', onHide)
    return () => {
      document.removeEventListener('visibilitychange', onHide)
      player.detach()
      player.onLook = undefined
      void log.close()
    }
  }, [player, callId])
}
