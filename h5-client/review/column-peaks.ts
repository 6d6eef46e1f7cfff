/**
 * The loudest value under each pixel column. `peaks` covers the call's clock from 0 in steps of `intervalMs`; columns
 * past its end are 0. Pure.
 */
export function columnPeaks(
  peaks: readonly number[],
  intervalMs: number,
  durationMs: number,
  columns: number,
): readonly number[] {
  if (columns <= 0 || durationMs <= 0) return []
  const columnMs = durationMs / columns
  return Array.from({ length: columns }, (_, column) => {
    const first = Math.floor((column * columnMs) / intervalMs)
    const last = Math.max(first, Math.ceil(((column + 1) * columnMs) / intervalMs) - 1)
    let loudest = 0
    for (let index = first; index <= last; index++) loudest = Math.max(loudest, peaks[index] ?? 0)
    return loudest
  })
}
