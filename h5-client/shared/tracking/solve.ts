/** Solves the symmetric system `a · x = b` of size n (row by row) in place; undefined when it has no stable solution. */
export function solve(a: Float64Array, b: Float64Array, n: number): Float64Array | undefined {
  for (let column = 0; column < n; column += 1) {
    let pivot = column
    for (let row = column + 1; row < n; row += 1) {
      if (Math.abs(a[row * n + column]!) > Math.abs(a[pivot * n + column]!)) pivot = row
    }
    if (!(Math.abs(a[pivot * n + column]!) > 1e-10)) return undefined
    if (pivot !== column) {
      for (let k = 0; k < n; k += 1) {
        const kept = a[column * n + k]!
        a[column * n + k] = a[pivot * n + k]!
        a[pivot * n + k] = kept
      }
      const kept = b[column]!
      b[column] = b[pivot]!
      b[pivot] = kept
    }
    for (let row = column + 1; row < n; row += 1) {
      const factor = a[row * n + column]! / a[column * n + column]!
      if (factor === 0) continue
      for (let k = column; k < n; k += 1) a[row * n + k]! -= factor * a[column * n + k]!
      b[row]! -= factor * b[column]!
    }
  }
  for (let row = n - 1; row >= 0; row -= 1) {
    let sum = b[row]!
    for (let k = row + 1; k < n; k += 1) sum -= a[row * n + k]! * b[k]!
    b[row] = sum / a[row * n + row]!
  }
  return b
}
