const GAP_MS = 200
/** Far more than a real call has; bounds memory when a peer sends one packet now and then for hours. */
const MAX_GAPS = 20_000

/** Counts that both the writer and the reader of a journal keep, so that they can be compared. */
export class TrackStats {
  packets = 0
  rtcpPackets = 0
  firstAtMs: number | undefined
  lastAtMs: number | undefined
  readonly gaps: [number, number][] = []

  packet(atMs: number): void {
    this.packets += 1
    this.firstAtMs ??= atMs
    if (this.lastAtMs !== undefined && atMs - this.lastAtMs > GAP_MS && this.gaps.length < MAX_GAPS)
      this.gaps.push([round(this.lastAtMs), round(atMs)])
    this.lastAtMs = atMs
  }
}

/** Milliseconds with microsecond resolution, as stored. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
