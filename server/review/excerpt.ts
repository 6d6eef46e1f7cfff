import { maskNumbersIn } from './mask-number.ts'
import { plainText } from './plain-text.ts'

const AROUND = 40

/** A piece of a text around a word that was found in it, long numbers masked: a list is read without a reason given. */
export function excerptOf(text: string, word: string): string {
  const plain = plainText(text)
  const at = Math.max(0, plain.indexOf(word))
  // Masked first: a cut through a number would leave a piece too short to be known as one.
  const masked = maskNumbersIn(plain)
  const from = Math.max(0, at - AROUND)
  const to = Math.min(masked.length, at + word.length + AROUND)
  return `${from > 0 ? '…' : ''}${masked.slice(from, to)}${to < masked.length ? '…' : ''}`
}
