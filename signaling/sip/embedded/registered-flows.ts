import type { Flow } from './flow.ts'
import { parseNameAddr } from './name-addr.ts'
import type { SipRequest, SipResponse } from './sip-message.ts'
import { parseSipUri, type SipUri } from './sip-uri.ts'

const maxRemembered = 100_000
const defaultExpirySeconds = 3600

/**
 * Connections of peers that have registered (or subscribed) over one: nobody can connect to them, so calls to their Contact
 * go down the connection they keep open.
 */
export class RegisteredFlows {
  readonly #flows = new Map<string, { readonly flow: Flow; readonly untilMs: number }>()

  /** A 2xx to a REGISTER or SUBSCRIBE that came over a connection. */
  learn(request: SipRequest, response: SipResponse, flow: Flow): void {
    if (!flow.reliable) return
    for (const value of request.list('contact')) {
      const contact = parseNameAddr(value)
      const uri = parseSipUri(contact?.uri ?? '')
      if (contact === undefined || uri === undefined) continue
      const seconds = Number(
        contact.params.get('expires') ?? response.get('expires') ?? request.get('expires') ?? defaultExpirySeconds,
      )
      this.#flows.delete(keyOf(uri))
      if (!(seconds > 0)) continue
      if (this.#flows.size >= maxRemembered) this.#dropOldest()
      this.#flows.set(keyOf(uri), { flow, untilMs: performance.now() + seconds * 1000 })
    }
  }

  /** The open connection under which this uri has registered. */
  find(uri: SipUri): Flow | undefined {
    const key = keyOf(uri)
    const found = this.#flows.get(key)
    if (found === undefined) return undefined
    if (found.flow.open && found.untilMs > performance.now()) return found.flow
    this.#flows.delete(key)
    return undefined
  }

  #dropOldest(): void {
    const oldest = this.#flows.keys().next().value
    if (oldest !== undefined) this.#flows.delete(oldest)
  }
}

function keyOf(uri: SipUri): string {
  return `${uri.user ?? ''}@${uri.host}`
}
