import { createHmac } from 'node:crypto'
import type { TransportParams } from '../../signaling/protocol/media.ts'
import type { Config } from '../config.ts'

/** Long enough for a call to get through ICE restarts, short enough that a leaked one is soon worthless. */
const TTL_S = 3600

/**
 * TURN credentials of coturn's `use-auth-secret` (draft-uberti-behave-turn-rest): user name = expiry and session,
 * password = Base64 of HMAC-SHA1 over it. Undefined without a configured TURN server.
 */
export function iceServers(
  turn: Config['webrtc']['turn'],
  session: string,
  nowMs = Date.now(),
): TransportParams['iceServers'] {
  if (!turn) return undefined
  const username = `${Math.floor(nowMs / 1000) + TTL_S}:${session}`
  const credential = createHmac('sha1', turn.secret).update(username).digest('base64')
  return [{ urls: [...turn.urls], username, credential }]
}

/** The transport with the TURN servers its page may use. */
export function withIceServers(
  transport: TransportParams,
  turn: Config['webrtc']['turn'],
  session: string,
): TransportParams {
  const servers = iceServers(turn, session)
  return servers ? { ...transport, iceServers: servers } : transport
}
