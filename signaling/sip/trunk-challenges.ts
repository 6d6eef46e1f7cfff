import { isIP } from 'node:net'
import { digestAnswer, isStale } from './digest-answer.ts'
import type { SipHeaders, SrfReply, SrfRequest } from './srf-facade.ts'
import { type Trunk, trunkHost } from './trunk.ts'

const ANSWERS: Readonly<Record<number, { readonly asks: string; readonly answers: string }>> = {
  401: { asks: 'WWW-Authenticate', answers: 'Authorization' },
  407: { asks: 'Proxy-Authenticate', answers: 'Proxy-Authorization' },
}
const MAX_ANSWERS = 4

/**
 * What a trunk's challenges to one request were answered with. Not left to drachtio-srf, which knows MD5 only, takes the last
 * of several challenges, and sends the second request to the bare address of who asked: over TLS its certificate names nobody.
 */
export class TrunkChallenges {
  readonly #trunk: Trunk
  /** Proxy and registrar may each ask for themselves. */
  readonly #headers: Record<string, string> = {}
  #answers = 0
  #proxy: string

  constructor(trunk: Trunk) {
    this.#trunk = trunk
    this.#proxy = trunk.proxy
  }

  get headers(): SipHeaders {
    return this.#headers
  }

  /** Where the request goes: from a challenge on to the server that made it, as only that one may know its nonce. */
  get proxy(): string {
    return this.#proxy
  }

  /** True: the request may be sent once more, with `headers` and by `proxy`. */
  take(reply: SrfReply, method: string, uri: string): boolean {
    const names = ANSWERS[reply.status]
    const { credentials } = this.#trunk
    if (names === undefined || credentials === undefined || this.#answers >= MAX_ANSWERS) return false
    const challenges = reply.get(names.asks) ?? ''
    // Asked again for the same although the nonce was fresh: the password is wrong.
    if (names.answers in this.#headers && !isStale(challenges)) return false
    const answer = digestAnswer({ challenges, method, uri, credentials })
    if (answer === undefined) return false
    this.#answers++
    this.#headers[names.answers] = answer
    this.#proxy = whoAsked(this.#trunk, reply) ?? this.#proxy
    return true
  }
}

/** One server out of those behind a name; over TLS only the name itself will do, and the connection that is there is used. */
function whoAsked(trunk: Trunk, { source_address, source_port, protocol }: SrfReply): string | undefined {
  if (isIP(trunkHost(trunk)) !== 0 || isIP(source_address) === 0 || (protocol !== 'udp' && protocol !== 'tcp'))
    return undefined
  const address = isIP(source_address) === 6 ? `[${source_address}]` : source_address
  return `sip:${address}:${source_port};transport=${protocol}`
}

/** What a second try of a request keeps (RFC 3261 section 8.1.3.5); undefined when the first cannot be read. */
export function sameRequest(sent: SrfRequest, method: string): SipHeaders | undefined {
  const sequence = Number(/^\s*(\d+)/.exec(sent.get('CSeq') ?? '')?.[1] ?? Number.NaN)
  const [callId, from] = [sent.get('Call-ID'), sent.get('From')]
  if (callId === undefined || from === undefined || Number.isNaN(sequence)) return undefined
  return { 'Call-ID': callId, From: from, CSeq: `${sequence + 1} ${method}` }
}
