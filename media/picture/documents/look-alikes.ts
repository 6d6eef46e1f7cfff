/** Letters an engine reads where a digit is printed. Only such swaps are ever made: a digit is never exchanged for another digit. */
const AS_DIGIT: Readonly<Record<string, string>> = {
  O: '0',
  o: '0',
  D: '0',
  Q: '0',
  U: '0',
  I: '1',
  l: '1',
  i: '1',
  '|': '1',
  '!': '1',
  L: '1',
  Z: '2',
  z: '2',
  A: '4',
  S: '5',
  s: '5',
  G: '6',
  b: '6',
  T: '7',
  B: '8',
  g: '9',
  q: '9',
}
const AS_LETTER: Readonly<Record<string, string>> = { '0': 'O', '1': 'I', '2': 'Z', '5': 'S', '6': 'G', '8': 'B' }
/** Pairs that may stand for each other where both letters and digits may be printed. */
const PAIRS: Readonly<Record<string, string>> = {
  '0': 'O',
  O: '0',
  '1': 'I',
  I: '1',
  '2': 'Z',
  Z: '2',
  '5': 'S',
  S: '5',
  '6': 'G',
  G: '6',
  '8': 'B',
  B: '8',
}
const MOST_CANDIDATES = 256

/** Where only digits can stand: letters that look like digits become those. */
export const asDigits = (text: string): string => text.replace(/[A-Za-z|!]/g, letter => AS_DIGIT[letter] ?? letter)
/** Where only letters can stand. */
export const asLetters = (text: string): string => text.replace(/\d/g, digit => AS_LETTER[digit] ?? digit)

/**
 * Of all ways to exchange look-alikes in `text`, the one with the fewest exchanges that `holds`; undefined when none does, or
 * when two are equally near: then the check cannot tell, and guessing would be inventing.
 */
export function resolved(text: string, holds: (candidate: string) => boolean): string | undefined {
  if (holds(text)) return text
  let found: { text: string; swaps: number } | undefined
  let twins = false
  const places = [...text].flatMap((character, at) => (PAIRS[character] === undefined ? [] : [at]))
  const all = Math.min(MOST_CANDIDATES, 2 ** Math.min(places.length, 20))
  for (let pattern = 1; pattern < all; pattern += 1) {
    const characters = [...text]
    let swaps = 0
    for (const [bit, at] of places.entries()) {
      if ((pattern >> bit) % 2 === 0) continue
      characters[at] = PAIRS[characters[at] ?? ''] ?? ''
      swaps += 1
    }
    if (swaps > 3 || (found !== undefined && swaps > found.swaps)) continue
    const candidate = characters.join('')
    if (!holds(candidate)) continue
    twins = found?.swaps === swaps
    found = { text: candidate, swaps }
  }
  return twins ? undefined : found?.text
}
