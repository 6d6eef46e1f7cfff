/** What getStats (W3C webrtc-stats) says about one sending connection; what a browser does not know is missing. */
export type UplinkStats = {
  /** What congestion control would let us send. */
  readonly availableKbps?: number | undefined
  /** Of the packets since the receiver's last report. */
  readonly lossPercent?: number | undefined
  readonly roundTripMs?: number | undefined
  readonly framesEncoded?: number | undefined
  /** Of the chosen path; stands still when nothing comes back. */
  readonly bytesReceived?: number | undefined
  readonly limitedBy?: string | undefined
  /** Protocol of the chosen path and whether it leads through a relay, for example `udp`, `tcp`, `udp relay`. */
  readonly path?: string | undefined
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** Pure. `reports`: an RTCStatsReport, or anything that lists its entries. */
export function readStats(reports: { values(): Iterable<Record<string, unknown>> }): UplinkStats {
  const all = [...reports.values()]
  const transport = all.find(one => one.type === 'transport')
  const pairs = all.filter(one => one.type === 'candidate-pair')
  const pair =
    pairs.find(one => one.id === transport?.selectedCandidatePairId) ??
    // Safari and Firefox mark the pair instead.
    pairs.find(one => one.nominated === true && one.state === 'succeeded')
  const outbound = all.find(one => one.type === 'outbound-rtp' && one.kind === 'video')
  const remote = all.find(one => one.type === 'remote-inbound-rtp' && one.kind === 'video')
  const local = all.find(one => one.type === 'local-candidate' && one.id === pair?.localCandidateId)
  const available = numberOf(pair?.availableOutgoingBitrate)
  const loss = numberOf(remote?.fractionLost)
  const roundTripS = numberOf(pair?.currentRoundTripTime) ?? numberOf(remote?.roundTripTime)
  return {
    availableKbps: available === undefined ? undefined : available / 1000,
    lossPercent: loss === undefined ? undefined : loss * 100,
    roundTripMs: roundTripS === undefined ? undefined : roundTripS * 1000,
    framesEncoded: numberOf(outbound?.framesEncoded),
    bytesReceived: numberOf(pair?.bytesReceived),
    limitedBy: typeof outbound?.qualityLimitationReason === 'string' ? outbound.qualityLimitationReason : undefined,
    path:
      local === undefined ? undefined : `${String(local.protocol)}${local.candidateType === 'relay' ? ' relay' : ''}`,
  }
}
