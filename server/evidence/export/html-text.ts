const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text as it may stand in HTML, in an attribute too. */
export function htmlText(text: string): string {
  return text.replace(/[&<>"']/g, letter => ESCAPES[letter] ?? letter)
}
