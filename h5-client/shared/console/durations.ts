/** 65 000 → "1:05", 3 665 000 → "1:01:05". Fractions of a second are cut, as a phone's timer does. */
export function clockText(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** The same with tenths, for a place on a recording: "1:05.3". */
export function placeText(atMs: number): string {
  return `${clockText(atMs)}.${Math.floor((Math.max(0, atMs) % 1000) / 100)}`
}

/** To the millisecond, for stepping through frames: "1:05.320". */
export function placeTextMs(atMs: number): string {
  return `${clockText(atMs)}.${String(Math.floor(Math.max(0, atMs) % 1000)).padStart(3, '0')}`
}
