import { useEffect } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import type { HashRoutes } from './hash-route.ts'
import type { ReplayPlayer } from './replay-player.ts'

/** An address may name a moment, `#/records/<callId>/<atMs>`: there the clock is set. */
export function useArrival(player: ReplayPlayer, routes: HashRoutes): void {
  const moment = useStore(routes.route).rest[1]
  useEffect(() => {
    if (moment !== undefined && Number(moment) >= 0) player.seek(Number(moment))
  }, [player, moment])
}
