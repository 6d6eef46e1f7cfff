const MAX_POINTS = 4000
const MIN_INTERVAL_MS = 50

export type Peaks = { readonly intervalMs: number; readonly caller: number[]; readonly agent: number[] }

/** Loudest sample (0..1) of every interval, for the two waveforms above the seek bar. At most 4000 points a party. */
export function peaksOf(caller: Int16Array, agent: Int16Array, rateHz: number): Peaks {
  const durationMs = (caller.length / rateHz) * 1000
  const intervalMs = Math.max(MIN_INTERVAL_MS, Math.ceil(durationMs / MAX_POINTS))
  return { intervalMs, caller: loudest(caller, rateHz, intervalMs), agent: loudest(agent, rateHz, intervalMs) }
}

function loudest(pcm: Int16Array, rateHz: number, intervalMs: number): number[] {
  const step = Math.max(1, Math.round((rateHz * intervalMs) / 1000))
  const points: number[] = []
  for (let from = 0; from < pcm.length; from += step) {
    let peak = 0
    for (let i = from; i < from + step && i < pcm.length; i++) peak = Math.max(peak, Math.abs(pcm[i] ?? 0))
    points.push(Math.round((peak / 32768) * 1000) / 1000)
  }
  return points
}
