import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** A port free for both UDP and TCP a moment ago: with port 0 a SIP server would take two different ones. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
