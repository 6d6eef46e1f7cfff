/** Chinese, Japanese and Korean letters stand without spaces; a reading machine puts some between them and around marks. */
const LOOSE = '[\\u3000-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\p{P}]'
const AROUND_LOOSE = new RegExp(`(?<=${LOOSE})\\s+|\\s+(?=${LOOSE})`, 'gu')
/** Groups of a number (`6222 0212 3456`, `138-0013-8000`) are one number. */
const BETWEEN_DIGITS = /(?<=\d)[ \-\u2010-\u2015\u00a0]+(?=\d)/g

/** What is compared when texts are searched: width, case, spaces in Chinese and groups of digits make no difference. */
export function plainText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(BETWEEN_DIGITS, '')
    .replace(AROUND_LOOSE, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** The words of a search, each to be found somewhere; the groups of a number stay together. */
export function plainWords(text: string): string[] {
  const joined = text.normalize('NFKC').replace(BETWEEN_DIGITS, '')
  return [...new Set(joined.split(/\s+/).map(plainText))].filter(Boolean)
}
