import { CallId } from '../../../signaling/protocol/ids.ts'
import { NO_TIER_POLICY } from '../tier-policy.ts'
import { type Cut, tierHouse } from '../tiers-fixture.ts'

/** A process that moves one call in a house given to it, and kills itself on the way: order on the command line, as JSON. */
const { root, settings, callId, direction, killAt } = JSON.parse(process.argv[2] ?? '') as {
  root: string
  settings: Parameters<typeof tierHouse>[1]
  callId: string
  direction: 'out' | 'back'
  killAt: Cut
}
const { server } = await tierHouse({ teardown: () => {} }, settings, NO_TIER_POLICY, { root, killAt })
const { tiers } = server()
await (direction === 'out' ? tiers.moveOut(CallId.parse(callId)) : tiers.fetchBack(CallId.parse(callId)))
