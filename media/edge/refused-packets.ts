/** Packets at our voice ports that were not the peer's, all calls together, since the start. */
export type RefusedPackets = {
  /** From an address that is not the peer's. */
  stranger: number
  /** Neither RTP nor RTCP. */
  malformed: number
  /** Did not prove to be the peer's (SRTP). */
  unauthentic: number
  /** Came twice (SRTP). */
  replayed: number
}

export function nothingRefused(): RefusedPackets {
  return { stranger: 0, malformed: 0, unauthentic: 0, replayed: 0 }
}
