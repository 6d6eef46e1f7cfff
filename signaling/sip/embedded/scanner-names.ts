import { parseNameAddr } from './name-addr.ts'
import type { SipRequest } from './sip-message.ts'
import { parseSipUri } from './sip-uri.ts'

/** What tools that look for open telephones call themselves; each is looked for in lower case, anywhere in the value. */
export const knownScanners: readonly string[] = [
  'friendly-scanner',
  'friendly-request',
  'sipvicious',
  'sip-scan',
  'sipscan',
  'sipcli',
  'sip-cli',
  'sipsak',
  'sundayddr',
  'iwar',
  'vaxsipuseragent',
  'pplsip',
  'smap ',
  'sipptk',
]

/** True if a request shows one of these names as its User-Agent, or as the user of its From or To. */
export function looksLikeScanner(request: SipRequest, names: readonly string[]): boolean {
  const shown = [request.get('user-agent') ?? '', partyOf(request.get('from')), partyOf(request.get('to'))]
  return shown.some(value => {
    const lower = `${value.toLowerCase()} `
    return value !== '' && names.some(name => lower.includes(name.toLowerCase()))
  })
}

/** Display name and user. */
function partyOf(value: string | undefined): string {
  const parsed = value === undefined ? undefined : parseNameAddr(value)
  if (parsed === undefined) return ''
  return `${parsed.display} ${parseSipUri(parsed.uri)?.user ?? ''}`.trim()
}
