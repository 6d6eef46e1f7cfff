import type { AppClient } from './app-client.ts'
import type { SipMessage } from './sip-message.ts'
import { wireTime } from './wire-lines.ts'

export type CdrSource = 'network' | 'application'
export type CdrRole = 'uas' | 'uac' | 'proxy-uas' | 'proxy-uac'
export type CdrReason =
  | 'call-rejected'
  | 'call-canceled'
  | 'normal-release'
  | 'session-expired'
  | 'system-initiated-termination'

/** Tells applications that have routed `cdr:attempt`, `cdr:start` or `cdr:stop` what becomes of calls; each time one of them. */
export class Cdrs {
  readonly #clients: { pick(verb: string): AppClient | undefined }

  constructor(clients: { pick(verb: string): AppClient | undefined }) {
    this.#clients = clients
  }

  attempt(source: CdrSource, invite: SipMessage): void {
    this.#tell('cdr:attempt', source, '', invite)
  }

  start(source: CdrSource, role: CdrRole, answer: SipMessage): void {
    this.#tell('cdr:start', source, `|${role}`, answer)
  }

  stop(source: CdrSource, reason: CdrReason, message: SipMessage): void {
    this.#tell('cdr:stop', source, `|${reason}`, message)
  }

  #tell(verb: string, source: CdrSource, more: string, message: SipMessage): void {
    this.#clients.pick(verb)?.send(`${verb}|${source}|${wireTime()}${more}`, message.toBuffer())
  }
}
