export type TextPart = { readonly text: string; readonly marked: boolean }

/** A text in pieces, with every place of the words searched for marked. Case does not matter. Pure. */
export function markedText(text: string, search: string): readonly TextPart[] {
  const words = search.split(/\s+/).filter(word => word !== '')
  if (words.length === 0) return [{ text, marked: false }]
  const escaped = words
    .sort((a, b) => b.length - a.length)
    .map(word => word.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return text
    .split(new RegExp(`(${escaped.join('|')})`, 'giu'))
    .map((part, index) => ({ text: part, marked: index % 2 === 1 }))
    .filter(part => part.text !== '')
}
