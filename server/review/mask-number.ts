const SHOWN = 4
/** A run of digits long enough to be a telephone, card or identity number, however it is grouped. */
const LONG_NUMBER = /(?<![\d.])\+?\d(?:[ \-\u00a0]?\d){6,}[\dXx]?(?![\d.])/g

/** A number of a person: only its last four characters are shown. Four or fewer are not shown at all. */
export function maskNumber(number: string): string {
  if (number.length <= SHOWN) return '•'.repeat(number.length)
  return '•'.repeat(number.length - SHOWN) + number.slice(-SHOWN)
}

/** The same for every long number inside a text. */
export function maskNumbersIn(text: string): string {
  return text.replace(LONG_NUMBER, found => {
    const plain = found.replace(/[ \-\u00a0]/g, '')
    return maskNumber(plain)
  })
}

/** Every string inside a value, with this number masked wherever it stands; other values stay the same object. */
export function maskEverywhere<T>(value: T, number: string): T {
  // A short extension (`1001`) is part of too many other things to be looked for inside of texts.
  const inside = number.length >= 7
  const masked = maskNumber(number)
  const walk = (one: unknown): unknown => {
    if (typeof one === 'string') {
      if (one === number) return masked
      return inside && one.includes(number) ? one.replaceAll(number, masked) : one
    }
    if (typeof one !== 'object' || one === null) return one
    if (Array.isArray(one)) {
      let changed: unknown[] | undefined
      for (let n = 0; n < one.length; n++) {
        const now = walk(one[n])
        if (now === one[n]) continue
        changed ??= [...one]
        changed[n] = now
      }
      return changed ?? one
    }
    let changed: Record<string, unknown> | undefined
    for (const [name, before] of Object.entries(one)) {
      const now = walk(before)
      if (now === before) continue
      changed ??= { ...one }
      changed[name] = now
    }
    return changed ?? one
  }
  return walk(value) as T
}
