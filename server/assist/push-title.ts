const MAX_TITLE = 120

/** The name of a file as people read it: no folders, no invisible characters, no longer than a title may be. */
export function fileTitle(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? ''
  const plain = last.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '').trim()
  // By whole characters: half of a surrogate pair would not be text.
  return [...plain].slice(0, MAX_TITLE / 2).join('')
}
