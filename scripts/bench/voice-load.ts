import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/**
 * The load generator of the voice benchmark, a process of its own so that its work is not counted as the edge's.
 * Arguments: seconds, then one RTP port per leg. Each pair of legs is a forwarded call: what leg 2n sends comes out at
 * leg 2n+1 and back. Prints the one-way times in microseconds as JSON.
 */
const [secondsText, ...ports] = process.argv.slice(2)
const seconds = Number(secondsText)
const FRAME_MS = 20

type Leg = { readonly socket: Socket; readonly to: number; readonly ssrc: number; sequence: number }
const times: number[] = []
let sent = 0

const legs: Leg[] = await Promise.all(
  ports.map(async (port, index) => {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    socket.on('message', packet => {
      // Fillers carry no time; ours begin with a mark no silence has.
      if (packet.length === 172 && packet.readUInt32BE(12) === 0x54505450) {
        times.push(Number(process.hrtime.bigint() - packet.readBigUInt64BE(16)) / 1000)
      }
    })
    return { socket, to: Number(port), ssrc: 1000 + index, sequence: 0 }
  }),
)

function send(leg: Leg): void {
  const packet = Buffer.alloc(172, 0xd5)
  packet[0] = 0x80
  packet[1] = 0
  packet.writeUInt16BE(leg.sequence & 0xffff, 2)
  packet.writeUInt32BE((leg.sequence * 160) >>> 0, 4)
  packet.writeUInt32BE(leg.ssrc, 8)
  packet.writeUInt32BE(0x54505450, 12)
  packet.writeBigUInt64BE(process.hrtime.bigint(), 16)
  leg.sequence += 1
  sent += 1
  leg.socket.send(packet, leg.to, '127.0.0.1')
}

const startMs = performance.now()
let frame = 0
// Legs are spread over the 20 ms as real calls are.
while (performance.now() - startMs < seconds * 1000) {
  for (const [index, leg] of legs.entries()) {
    const dueMs = startMs + frame * FRAME_MS + (index * FRAME_MS) / legs.length
    const waitMs = dueMs - performance.now()
    if (waitMs > 1) await new Promise(done => setTimeout(done, waitMs))
    send(leg)
  }
  frame += 1
}
await new Promise(done => setTimeout(done, 300))
times.sort((a, b) => a - b)
const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]
console.log(JSON.stringify({ sent, received: times.length, p50Us: at(0.5), p99Us: at(0.99), maxUs: times.at(-1) }))
for (const leg of legs) leg.socket.close()
