import { randomBytes } from 'node:crypto'
import type { PackageData } from '../../../signaling/protocol/record-export.ts'
import { htmlText } from './html-text.ts'

const DATA = '<!--package:data-->'
const POLICY = '<!--package:policy-->'
const TITLE = '<title>同屏 Tongping</title>'
const FALLBACK = '<!--package:fallback-->'

/**
 * The page of a package: the built page with the data of one call in it. It may load files that lie beside it and nothing
 * else; no script but its own runs.
 */
export function packagePage(
  template: string,
  data: PackageData,
  o: { readonly title: string; readonly fallback: string },
): string {
  if (!template.includes(DATA) || !template.includes(POLICY) || !template.includes(TITLE))
    throw new Error('the page of packages was not built')
  const nonce = randomBytes(16).toString('base64')
  // Waveforms come as data: addresses; file: is what lies beside the page when it is opened from a folder.
  const policy =
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; img-src 'self' file: data: blob:; ` +
    "media-src 'self' file: blob:; connect-src data:; base-uri 'none'; form-action 'none'"
  const json = JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
  return template
    .replace(POLICY, () => `<meta http-equiv="Content-Security-Policy" content="${policy}">`)
    .replace(DATA, () => `<script type="application/json" id="package">${json}</script>`)
    .replace(TITLE, () => `<title>${htmlText(o.title)}</title>`)
    .replace(FALLBACK, () => htmlText(o.fallback))
    .replaceAll('__NONCE__', () => nonce)
}
