import { MASK } from '../../signaling/protocol/redaction-kinds.ts'

/** What people and machines put between the characters of one number; a number is the same with and without. */
const BETWEEN = /[\s\-–—_.·,()/]/
/** What a machine takes for one another when it reads: the agent's correction and a recogniser's finding may say it the other way. */
const ALIKE: Readonly<Record<string, string>> = { o: '0', i: '1', l: '1', s: '5', b: '8', z: '2' }
/** A word of one character stands everywhere. */
const LEAST_CHARACTERS = 2

type Folded = { readonly text: string; readonly places: readonly number[] }

function fold(text: string): Folded {
  let folded = ''
  const places: number[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    if (BETWEEN.test(character)) continue
    // Full-width digits and letters are the same to a reader.
    const plain = character.normalize('NFKC').toLowerCase()
    for (const one of plain) {
      folded += ALIKE[one] ?? one
      for (let k = 0; k < one.length; k++) places.push(i)
    }
  }
  return { text: folded, places }
}

/** Texts to be masked wherever they stand, however they are spaced or written. */
export class Masker {
  readonly #needles: readonly string[]
  #masked = 0

  constructor(texts: readonly string[]) {
    const folded = texts.map(text => fold(text).text).filter(text => text.length >= LEAST_CHARACTERS)
    // Longer first, so that a part never breaks up the whole.
    this.#needles = [...new Set(folded)].sort((a, b) => b.length - a.length)
  }

  /** Strings that were changed so far. */
  get masked(): number {
    return this.#masked
  }

  mask(text: string): string {
    if (this.#needles.length === 0) return text
    const { text: folded, places } = fold(text)
    const hidden = new Set<number>()
    for (const needle of this.#needles)
      for (let at = folded.indexOf(needle); at !== -1; at = folded.indexOf(needle, at + 1))
        for (let i = places[at] ?? 0; i <= (places[at + needle.length - 1] ?? -1); i++) hidden.add(i)
    if (hidden.size === 0) return text
    this.#masked += 1
    return maskPlaces(text, hidden)
  }
}

/** Every place is replaced; spaces stay, so that lines keep their shape. */
export function maskPlaces(text: string, places: ReadonlySet<number>): string {
  return [...Array(text.length).keys()].map(i => (places.has(i) && /\S/.test(text[i] ?? '') ? MASK : text[i])).join('')
}
