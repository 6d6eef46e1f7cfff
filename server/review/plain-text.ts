/** Chinese, Japanese and Korean letters stand without spaces; a reading machine puts some between them. */
const CJK = '[\\u3000-\\u30ff\\u3400-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff]'
const BETWEEN_CJK = new RegExp(`(?<=${CJK})\\s+(?=${CJK})`, 'gu')
/** Groups of a number (`6222 0212 3456`, `138-0013-8000`) are one number. */
const BETWEEN_DIGITS = /(?<=\d)[ \-\u2010-\u2015\u00a0]+(?=\d)/g

/** What is compared when texts are searched: width, case, spaces in Chinese and groups of digits make no difference. */
export function plainText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(BETWEEN_CJK, '')
    .replace(BETWEEN_DIGITS, '')
    .replace(/\s+/g, ' ')
    .trim()
}
