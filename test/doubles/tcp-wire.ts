import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

type Pair = { readonly inner: Socket; readonly outer: Socket }

/** A stretch of network between a client and a TCP server that can be cut, or say nothing any more. */
export class TcpWire {
  readonly port: number
  /** Connections that were let through so far. */
  count = 0
  readonly #server: Server
  readonly #target: () => number
  readonly #pairs = new Set<Pair>()
  readonly #orphans = new Set<Socket>()
  #open = true

  private constructor(server: Server, target: () => number) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port
  }

  /** `target`: where connections go from now on. */
  static async lay(target: () => number): Promise<TcpWire> {
    const server = createServer({ pauseOnConnect: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const wire = new TcpWire(server, target)
    server.on('connection', inner => wire.#join(inner))
    return wire
  }

  #join(inner: Socket): void {
    if (!this.#open) {
      inner.destroy()
      return
    }
    this.count++
    const outer = connect({ port: this.#target(), host: '127.0.0.1', noDelay: true })
    const pair = { inner: inner.setNoDelay(true), outer }
    this.#pairs.add(pair)
    for (const socket of [inner, outer]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        if (!this.#pairs.delete(pair)) return
        inner.destroy()
        outer.destroy()
      })
    }
    inner.pipe(outer).pipe(inner)
    inner.resume()
  }

  /** Both ends learn of it. `closed` connections are not let through any more until `mend`. */
  cut(o: { closed?: boolean } = {}): void {
    this.#open = o.closed !== true
    for (const { inner } of [...this.#pairs]) inner.destroy()
  }

  /** Only the client learns of it: the server believes it is still there, as behind a firewall that has forgotten. */
  cutUnnoticed(): void {
    for (const pair of [...this.#pairs]) {
      this.#pairs.delete(pair)
      pair.inner.unpipe(pair.outer)
      pair.outer.unpipe(pair.inner)
      pair.outer.resume()
      this.#orphans.add(pair.outer)
      pair.inner.destroy()
    }
  }

  /** The connections of now carry nothing any more, and nobody is told. New ones do. */
  silence(): void {
    for (const { inner, outer } of this.#pairs) {
      inner.unpipe(outer)
      outer.unpipe(inner)
      inner.resume()
      outer.resume()
    }
  }

  mend(): void {
    this.#open = true
  }

  async close(): Promise<void> {
    this.cut({ closed: true })
    for (const orphan of this.#orphans) orphan.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
