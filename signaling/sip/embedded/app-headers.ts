import { canonicalName, headerKey } from './header-names.ts'
import { bracketUri } from './name-addr.ts'
import type { SipHeader } from './sip-message.ts'
import type { LooseMessage } from './sip-parser.ts'

/** Never taken from the application: they are the stack's. */
const stackOwned: ReadonlySet<string> = new Set(['via', 'route', 'rseq', 'record-route', 'content-length'])

/** Those in which `@localhost` stands for "whatever address we use towards this peer". */
const addressed: ReadonlySet<string> = new Set(['from', 'to', 'contact', 'p-asserted-identity'])

/** What the application asked for, with our address filled in and names in canonical spelling. */
export class AppHeaders {
  readonly #headers: readonly SipHeader[]

  /** @param hostPort our address towards this peer, as it stands in a uri. */
  constructor(message: LooseMessage, hostPort: string) {
    this.#headers = message.headers
      .filter(header => !stackOwned.has(header.key) && header.value.trim() !== '')
      .map(header => ({
        key: headerKey(header.name),
        name: canonicalName(header.name),
        value: addressed.has(header.key) ? fillAddress(header.key, header.value, hostPort) : singleLine(header.value),
      }))
  }

  get(key: string): string | undefined {
    return this.#headers.find(header => header.key === key)?.value
  }

  /** All but those named, in order. */
  except(...keys: readonly string[]): SipHeader[] {
    return this.#headers.filter(header => !keys.includes(header.key))
  }
}

function fillAddress(key: string, value: string, hostPort: string): string {
  const withUser = singleLine(value).replace(/@localhost(?=[>;,\s?]|$)/gi, `@${hostPort}`)
  const filled = key === 'from' ? withUser.replace(/(sips?:)localhost(?=[>;,\s?]|$)/gi, `$1${hostPort}`) : withUser
  return filled === '*' || filled.includes(',') ? filled : bracketUri(filled)
}

/** An application's value must never be able to begin a header of its own. */
function singleLine(value: string): string {
  return value.replace(/[\r\n\0]+[ \t]*/g, ' ').trim()
}

/** Body and its type: `v=0...` is SDP when nothing else is said. Undefined type with a body: the application forgot it. */
export function bodyOf(message: LooseMessage): { readonly body: Buffer; readonly contentType: string | undefined } {
  const given = message.headers.find(header => header.key === 'content-type')?.value
  if (message.body.length === 0) return { body: message.body, contentType: undefined }
  const looksLikeSdp = message.body.subarray(0, 3).toString('latin1') === 'v=0'
  return { body: message.body, contentType: given ?? (looksLikeSdp ? 'application/sdp' : undefined) }
}
