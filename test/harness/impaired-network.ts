import type { BrowserContext } from 'playwright-core'
import { Chance } from './impaired/chance.ts'
import { type Conditions, NETWORKS } from './impaired/conditions.ts'
import { Line } from './impaired/line.ts'
import { TcpProxy } from './impaired/tcp-proxy.ts'
import { UdpProxy } from './impaired/udp-proxy.ts'

export type ImpairedNetworkOptions = {
  /** The server's page address, for example `https://127.0.0.1:8443`. */
  readonly url: string
  /** UDP port of the media worker. */
  readonly mediaPort: number
  readonly conditions?: Conditions
  readonly seed?: number
  /** Source ports that reach the media unimpaired: a relay's own. */
  readonly exempt?: (port: number) => boolean
}

/**
 * A bad network between one phone and the server, in user space: the phone's pages are opened at `url`, and its WebRTC is led
 * to the proxy by `leadMedia`. Delay, jitter, loss, order, rate, blackouts and a change of the phone's address.
 */
export class ImpairedNetwork {
  readonly #udp: UdpProxy
  readonly #tcp: TcpProxy
  readonly #o: ImpairedNetworkOptions
  readonly #state: { conditions: Conditions; dark: boolean }
  readonly #lines: readonly Line[]
  #light: NodeJS.Timeout | undefined

  private constructor(
    udp: UdpProxy,
    tcp: TcpProxy,
    o: ImpairedNetworkOptions,
    state: { conditions: Conditions; dark: boolean },
    lines: readonly Line[],
  ) {
    this.#udp = udp
    this.#tcp = tcp
    this.#o = o
    this.#state = state
    this.#lines = lines
  }

  static async open(o: ImpairedNetworkOptions): Promise<ImpairedNetwork> {
    const chance = new Chance(o.seed ?? 1)
    const state = { conditions: o.conditions ?? NETWORKS.clean, dark: false }
    const conditions = () => state.conditions
    const isDark = () => state.dark
    const up = new Line({ chance, conditions, kbps: () => state.conditions.upKbps })
    const down = new Line({ chance, conditions, kbps: () => state.conditions.downKbps })
    const host = '127.0.0.1'
    const udp = await UdpProxy.open({
      target: { host, port: o.mediaPort },
      up,
      down,
      passes: () => !state.dark && state.conditions.udp,
      exempt: o.exempt ?? (() => false),
    })
    try {
      const target = { host, port: Number(new URL(o.url).port) }
      const tcp = await TcpProxy.open({ target, up, down, chance, conditions, isDark })
      return new ImpairedNetwork(udp, tcp, o, state, [up, down])
    } catch (error) {
      await udp.close()
      throw error
    }
  }

  /** What the phone is to open instead of the server's own address. */
  get url(): string {
    return `https://127.0.0.1:${this.#tcp.port}`
  }
  get udpPort(): number {
    return this.#udp.port
  }
  get tcpPort(): number {
    return this.#tcp.port
  }
  get counts() {
    return { udp: this.#udp.counts, tcp: this.#tcp.counts }
  }

  /** A link of the server, as it is reached through this network. */
  through(link: string): string {
    const { pathname, search, hash } = new URL(link)
    return `${this.url}${pathname}${search}${hash}`
  }

  set(conditions: Conditions): void {
    this.#state.conditions = conditions
    for (const line of this.#lines) line.clear()
  }

  /** Nothing passes, and what is on its way is lost. */
  darken(): void {
    this.#state.dark = true
    this.#udp.dropInFlight()
    this.#tcp.darken()
    for (const line of this.#lines) line.clear()
  }

  lighten(): void {
    clearTimeout(this.#light)
    if (!this.#state.dark) return
    this.#state.dark = false
    this.#tcp.lighten()
  }

  /** Dark for so long; resolves with the moment (`performance.now()`) of the first light. */
  blackout(ms: number): Promise<number> {
    this.darken()
    return new Promise(resolve => {
      this.#light = setTimeout(() => {
        this.lighten()
        resolve(performance.now())
      }, ms)
    })
  }

  /** A new address in mid-call: the NAT forgot the phone. */
  rebind(): void {
    this.#udp.rebind()
  }

  /** Wi-Fi to mobile data: new address, and every connection breaks. */
  changeNetwork(): void {
    this.#udp.rebind()
    this.#tcp.reset()
  }

  /**
   * Makes the pages of this browser send their media through the proxy: server candidates in remote descriptions get its
   * address. `tcp: 'none'` takes the server's TCP candidates away, as where only web pages pass; `direct` leaves them.
   */
  async leadMedia(context: BrowserContext, o: { tcp: 'none' | 'direct' } = { tcp: 'none' }): Promise<void> {
    await context.addInitScript(leadToProxy, { from: this.#o.mediaPort, to: this.#udp.port, tcp: o.tcp })
  }

  async close(): Promise<void> {
    clearTimeout(this.#light)
    await Promise.all([this.#udp.close(), this.#tcp.close()])
  }
}

/** Runs in the page before its own scripts; stands alone. */
function leadToProxy({ from, to, tcp }: { from: number; to: number; tcp: 'none' | 'direct' }): void {
  const Original = window.RTCPeerConnection
  if (!Original) return
  const { setRemoteDescription } = Original.prototype
  const lead = (sdp: string) =>
    sdp
      .split('\r\n')
      .flatMap(line => {
        // candidate:<foundation> <component> <protocol> <priority> <address> <port> typ host …
        const parts = line.startsWith('a=candidate:') ? line.split(' ') : []
        if (parts[5] !== String(from)) return [line]
        if (parts[2]?.toLowerCase() === 'tcp') return tcp === 'direct' ? [line] : []
        parts[4] = '127.0.0.1'
        parts[5] = String(to)
        return [parts.join(' ')]
      })
      .join('\r\n')
  Original.prototype.setRemoteDescription = function (
    this: RTCPeerConnection,
    description: RTCSessionDescriptionInit,
  ): Promise<void> {
    const { type, sdp } = description
    return (setRemoteDescription as (description: RTCSessionDescriptionInit) => Promise<void>).call(
      this,
      sdp === undefined ? description : { type, sdp: lead(sdp) },
    )
  } as typeof setRemoteDescription
}
