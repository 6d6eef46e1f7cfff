import type { Flow } from './flow.ts'

/** Open connections by where they lead, so that a second request to a peer does not open a second one. */
export class ConnectionTable<F extends Flow & { destroy(): void }> {
  readonly #flows = new Map<string, F>()

  get size(): number {
    return this.#flows.size
  }

  find(address: string, port: number, serverName = ''): F | undefined {
    const found = this.#flows.get(keyOf(address, port, serverName))
    return found?.open === true ? found : undefined
  }

  add(flow: F, serverName = ''): void {
    this.#flows.set(keyOf(flow.remoteAddress, flow.remotePort, serverName), flow)
  }

  remove(flow: F, serverName = ''): void {
    const key = keyOf(flow.remoteAddress, flow.remotePort, serverName)
    if (this.#flows.get(key) === flow) this.#flows.delete(key)
  }

  destroyAll(): void {
    for (const flow of this.#flows.values()) flow.destroy()
  }
}

/** A name is part of the key: a connection whose peer proved to be `a` must not carry what is meant for `b`. */
function keyOf(address: string, port: number, serverName: string): string {
  return `${address} ${port} ${serverName.toLowerCase()}`
}
