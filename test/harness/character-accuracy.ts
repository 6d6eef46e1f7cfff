/** 1 - edit distance / length of the truth, white space left out; 0 when more is wrong than there was to read. */
export function characterAccuracy(truth: string, read: string): number {
  const [a, b] = [truth, read].map(text => [...text.replace(/\s+/g, '')])
  if (a === undefined || b === undefined || a.length === 0) return 0
  return Math.max(0, 1 - editDistance(a, b) / a.length)
}

function editDistance(a: readonly string[], b: readonly string[]): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      row[j] = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
    }
    previous = row
  }
  return previous[b.length] ?? a.length
}
