import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { SUBPROTOCOL } from '../../signaling/protocol/wire.ts'
import { RequestRefused, SignalingClient, type SocketLike, type SocketState } from './socket.ts'

// A real WebSocket server on loopback; only the answers are this test's own.
async function serve(onMessage: (socket: WebSocket, message: { id: number; name: string }) => void) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  server.on('connection', socket => socket.on('message', data => onMessage(socket, JSON.parse(String(data)))))
  const clients: SignalingClient[] = []
  return {
    server,
    open(requestTimeoutMs = 1_000) {
      const client = new SignalingClient({
        url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
        open: url => new WebSocket(url, SUBPROTOCOL) as unknown as SocketLike,
        requestTimeoutMs,
      })
      clients.push(client)
      return client
    },
    async close() {
      for (const client of clients) client.close()
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

function nextState(client: SignalingClient, kind: SocketState['kind']): Promise<SocketState> {
  return new Promise(resolve => {
    const stop = client.onState(state => {
      if (state.kind !== kind) return
      stop()
      resolve(state)
    })
  })
}

t.test(
  '[PG1] replies reach their own request, refusals keep their code, notifications reach their listeners',
  async t => {
    const desk = await serve((socket, { id, name }) => {
      if (name === 'camera.pause') {
        socket.send(JSON.stringify({ kind: 'notification', name: 'media.lost', data: { callId: 'call_x' } }))
        setTimeout(() => socket.send(JSON.stringify({ kind: 'reply', id, data: { first: true } })), 20)
      } else if (name === 'camera.resume') {
        socket.send(JSON.stringify({ kind: 'reply', id, data: { second: true } }))
      } else {
        socket.send(JSON.stringify({ kind: 'refusal', id, code: 'gone', message: 'call ended' }))
      }
    })
    t.teardown(() => desk.close())
    const client = desk.open()
    await client.opened()
    t.equal([...desk.server.clients][0]?.protocol, SUBPROTOCOL)
    const lost: unknown[] = []
    client.on('media.lost', data => lost.push(data))
    const [slow, quick] = await Promise.all([client.request('camera.pause', {}), client.request('camera.resume', {})])
    t.strictSame([slow, quick], [{ first: true }, { second: true }])
    t.strictSame(lost, [{ callId: 'call_x' }])
    await t.rejects(client.request('camera.stop', {}), { name: 'RequestRefused', code: 'gone' })
  },
)

t.test('[PG2] a dropped connection refuses what was under way and comes back by itself', async t => {
  let connections = 0
  const desk = await serve((socket, { id }) => {
    if (connections === 1) socket.terminate()
    else socket.send(JSON.stringify({ kind: 'reply', id, data: {} }))
  })
  t.teardown(() => desk.close())
  desk.server.on('connection', () => (connections += 1))
  const client = desk.open()
  await client.opened()
  const lost = nextState(client, 'lost')
  await t.rejects(client.request('camera.pause', {}), { code: 'lost' })
  const state = await lost
  t.ok(state.kind === 'lost' && state.retryInMs <= 250)
  await t.rejects(client.request('camera.pause', {}), { code: 'lost' }, 'nothing is queued for later')
  await client.opened()
  t.strictSame(await client.request('camera.pause', {}), {})
  t.equal(connections, 2)
})

t.test('[PG3] a close code that forbids a retry is final and says which it was', async t => {
  let connections = 0
  const desk = await serve(() => {})
  t.teardown(() => desk.close())
  desk.server.on('connection', socket => {
    connections += 1
    socket.close(4409)
  })
  const client = desk.open()
  const closed = await nextState(client, 'closed')
  t.strictSame(closed, { kind: 'closed', reason: 'replaced' })
  await t.rejects(client.opened(), RequestRefused)
  await new Promise(resolve => setTimeout(resolve, 400))
  t.equal(connections, 1)
})

t.test('[PG4] a request without a reply is refused in time and the dead connection is replaced', async t => {
  let connections = 0
  const desk = await serve(() => {})
  t.teardown(() => desk.close())
  desk.server.on('connection', () => (connections += 1))
  const client = desk.open(80)
  await client.opened()
  await t.rejects(client.request('camera.pause', {}), { code: 'timeout' })
  await client.opened()
  t.equal(connections, 2)
})
