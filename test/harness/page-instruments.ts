/**
 * Runs in every page before its own scripts and only watches: it keeps a list of the page's peer connections so that
 * tests can measure what really arrives. Stands alone, because its source is sent to the browser.
 */
export function installInstruments(): void {
  const peers: RTCPeerConnection[] = []
  const Original = window.RTCPeerConnection
  if (!Original) return
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      peers.push(this)
    }
  }
  Object.defineProperty(window, 'observedPeers', { value: peers })
}

declare global {
  interface Window {
    /** Set by `installInstruments`. */
    readonly observedPeers: RTCPeerConnection[]
  }
}
