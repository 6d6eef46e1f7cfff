import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LocalKey } from './local-key.ts'

/** SIMULATED: a key service on this machine that speaks the protocol of docs/deployment.md; `mode` makes it misbehave. */
export async function startSimulatedKms(token: string) {
  const keys = new Map([['key-1', LocalKey.fromText(randomBytes(32).toString('base64'))]])
  const state = { mode: 'good' as 'good' | 'silent' | 'broken' | 'nonsense', current: 'key-1', asked: 0 }
  const server = createServer(async (request, response) => {
    state.asked += 1
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (state.mode === 'silent') return
    if (state.mode === 'broken') return answer(500, {})
    if (state.mode === 'nonsense') return answer(200, { keyId: 7 })
    const given = Buffer.from(request.headers.authorization ?? '')
    const wanted = Buffer.from(`Bearer ${token}`)
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return answer(401, {})
    if (request.url === '/v1/key') return answer(200, { keyId: state.current })
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { keyId, context, plaintext, ciphertext } = JSON.parse(Buffer.concat(parts).toString())
    const key = keys.get(keyId ?? state.current)
    if (key === undefined) return answer(404, {})
    if (request.url === '/v1/wrap') {
      const { wrapped } = await key.wrap(Buffer.from(plaintext, 'base64'), context)
      return answer(200, { keyId: state.current, ciphertext: wrapped })
    }
    const opened = await key.unwrap({ masterKeyId: key.id, wrapped: ciphertext }, context).catch(() => undefined)
    return opened ? answer(200, { plaintext: opened.toString('base64') }) : answer(422, {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    addKey(keyId: string) {
      keys.set(keyId, LocalKey.fromText(randomBytes(32).toString('base64')))
      state.current = keyId
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close').catch(() => {})
    },
  }
}
