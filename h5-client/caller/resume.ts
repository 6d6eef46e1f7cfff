import type { CallerSession } from '../../signaling/protocol/sessions.ts'
import { SignalingClient } from '../shared/socket.ts'

/** Longer than a slow phone needs for one connection; after that the link's own page is better than waiting. */
const PATIENCE_MS = 5_000

export type Resumed = { readonly session: CallerSession; readonly signaling: SignalingClient }

/** Asks, with nothing but the cookie, for the session of an earlier load. Undefined: there is none (any more). */
export async function resume(): Promise<Resumed | undefined> {
  const signaling = new SignalingClient({ url: '/ws/caller' })
  const timer = setTimeout(() => signaling.close(), PATIENCE_MS)
  // One try only: a server that does not know the cookie refuses the upgrade, which looks like a lost connection.
  const stop = signaling.onState(state => {
    if (state.kind === 'lost') signaling.close()
  })
  try {
    await signaling.opened()
    return { session: await signaling.request('caller.enter', {}), signaling }
  } catch {
    signaling.close()
    return undefined
  } finally {
    clearTimeout(timer)
    stop()
  }
}

/** Whether the camera comes without a new question, so that a reload may go straight back to the picture. */
export async function cameraIsAllowed(): Promise<boolean> {
  try {
    const status = await navigator.permissions.query({ name: 'camera' as PermissionName })
    return status.state === 'granted'
  } catch {
    return false
  }
}
