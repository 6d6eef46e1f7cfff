import type { AdmissionOptions } from './admission.ts'
import type { DigestAuthOptions } from './digest-authenticator.ts'
import type { RequestHandler } from './request-router.ts'
import type { SipLogger } from './sip-logger.ts'
import type { SipTimers } from './sip-timers.ts'
import type { TlsOptions } from './tls-material.ts'
import type { ListenAddress } from './transport-layer.ts'
import type { RportPolicy } from './via.ts'

export type SipServerOptions = {
  /** The drachtio control port; `port` 0 picks a free one. Bind it to loopback: whoever knows the secret owns the phones. */
  readonly control: {
    readonly host: string
    readonly port: number
    readonly secret: string
    /** Applications then connect over TLS. */
    readonly tls?: TlsOptions
    /** Whether applications that we connect to over TLS must prove their name. Default false, as in drachtio-server. */
    readonly verifyApplications?: boolean
  }
  /** Which new requests go to applications that we connect to (or that a web service names), instead of those connected. */
  readonly requestHandlers?: readonly RequestHandler[]
  /** OPTIONS of a peer with exactly this User-Agent are answered 200 here: the pings of a load balancer. */
  readonly answerOptionsOf?: string
  /** Where SIP is spoken; `port` 0 picks a free one. */
  readonly listen: readonly ListenAddress[]
  /** Announced in Via and Contact instead of the local address. */
  readonly externalAddress?: string
  /**
   * Where a UDP peer that does not ask for `rport` (RFC 3581) is answered: `always` where it sends from, as drachtio-server does
   * (default); `asked`: where it names the very address it sends from and another port, at that port (RFC 3261 18.2.2), for
   * gateways that send from one port and listen at another.
   */
  readonly rport?: RportPolicy
  /** Certificates for `tls` and `wss`, and whom we believe. */
  readonly tls?: TlsOptions
  /** Asked for NAPTR and SRV instead of the system's name servers. */
  readonly nameServers?: readonly string[]
  /** Who refreshes a session whose caller has left that open; without it no timer runs for such a call. */
  readonly defaultRefresher?: 'uac' | 'uas'
  readonly timers?: Partial<SipTimers>
  /** Who is heard at all, and how much is taken on. Without it everything goes to the application, as with drachtio-server. */
  readonly admission?: AdmissionOptions
  /** Challenges callers at the edge; without it every request goes to the application. */
  readonly auth?: DigestAuthOptions
  readonly logger?: SipLogger
}
