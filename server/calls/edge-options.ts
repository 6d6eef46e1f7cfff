import type { CallDeps } from './call-parts.ts'

/** What every RTP endpoint of the house has. */
export function edgeOptions(deps: CallDeps) {
  return {
    ports: deps.ports,
    listenAddress: deps.rtp.host,
    announcedAddress: deps.rtp.announcedAddress,
    // A call of ours comes from nowhere yet: its media may come from where its answer says.
    sipSourceAddress: '',
    logger: deps.logger,
    inactivityMs: deps.rules.voiceLostMs,
    codecs: deps.voice.codecs,
    srtp: deps.voice.srtp,
    ...(deps.voice.holdMusic && { holdMusic: deps.voice.holdMusic }),
    nowMs: () => performance.now(),
  }
}
