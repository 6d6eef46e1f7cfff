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

/** Where only digits can stand: letters that look like digits become those. */
export const asDigits = (text: string): string => text.replace(/[A-Za-z|!]/g, letter => AS_DIGIT[letter] ?? letter)
/** Where only letters can stand. */
export const asLetters = (text: string): string => text.replace(/\d/g, digit => AS_LETTER[digit] ?? digit)

/** Letters stand in front of document numbers; further back a digit is not taken for one. */
const LETTERS_IN_FRONT = 2
const MOST_SWAPS = 2

/**
 * Of all ways to exchange look-alikes in a document number, the one with the fewest exchanges that `holds`; undefined when none
 * does, or when two are equally near: then the check cannot tell, and guessing would be inventing. Every candidate holds by chance
 * one time in ten, so there are few: letters may become digits anywhere, digits letters only in front.
 */
export function resolved(text: string, holds: (candidate: string) => boolean): string | undefined {
  if (holds(text)) return text
  let nearest = [...oneSwap(text)]
  for (let swaps = 1; swaps <= MOST_SWAPS; swaps += 1) {
    const good = new Set(nearest.filter(holds))
    if (good.size > 0) return good.size === 1 ? [...good][0] : undefined
    nearest = nearest.flatMap(candidate => [...oneSwap(candidate)]).filter(candidate => candidate !== text)
  }
  return undefined
}

function* oneSwap(text: string): Generator<string> {
  for (const [at, character] of [...text].entries()) {
    const other = PAIRS[character]
    if (other === undefined || (/\d/.test(character) && at >= LETTERS_IN_FRONT)) continue
    yield text.slice(0, at) + other + text.slice(at + 1)
  }
}
