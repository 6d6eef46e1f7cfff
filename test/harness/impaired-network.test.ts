import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Chance } from './impaired/chance.ts'
import { type Conditions, NETWORKS } from './impaired/conditions.ts'
import { Line } from './impaired/line.ts'
import { ImpairedNetwork } from './impaired-network.ts'
import { until } from './until.ts'

t.setTimeout(60_000)

/** A UDP echo that remembers who spoke, and a TCP echo; ports of their own. */
async function echoes(): Promise<{ udp: Socket; tcp: Server; froms: Set<number>; url: string; mediaPort: number }> {
  const udp = createSocket('udp4')
  const froms = new Set<number>()
  udp.on('message', (bytes, from) => {
    froms.add(from.port)
    udp.send(bytes, from.port, from.address)
  })
  udp.bind(0, '127.0.0.1')
  const tcp = createServer(socket => socket.on('error', () => {}).pipe(socket))
  tcp.listen(0, '127.0.0.1')
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening')])
  const { port } = tcp.address() as AddressInfo
  return { udp, tcp, froms, url: `https://127.0.0.1:${port}`, mediaPort: udp.address().port }
}

async function world(conditions: Conditions) {
  const far = await echoes()
  const network = await ImpairedNetwork.open({ url: far.url, mediaPort: far.mediaPort, conditions, seed: 7 })
  t.teardown(async () => {
    await network.close()
    far.udp.close()
    far.tcp.close()
  })
  return { far, network }
}

/** Sends numbered datagrams and collects what comes back. */
async function phoneOn(network: ImpairedNetwork) {
  const socket = createSocket('udp4')
  const heard: { number: number; atMs: number }[] = []
  socket.on('message', bytes => heard.push({ number: bytes.readUInt16BE(0), atMs: performance.now() }))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const send = (number: number, bytes = 100) => {
    const packet = Buffer.alloc(bytes)
    packet.writeUInt16BE(number)
    socket.send(packet, network.udpPort, '127.0.0.1')
  }
  return { heard, send }
}

t.test('[NET1] chance is seeded: the same seed loses the same datagrams, another seed others', async t => {
  const lost = (seed: number) => {
    const chance = new Chance(seed)
    return Array.from({ length: 500 }, () => chance.percent(10))
  }
  t.same(lost(1), lost(1))
  t.notSame(lost(1), lost(2))
  const share = lost(3).filter(Boolean).length / 500
  t.ok(share > 0.05 && share < 0.16, `10 % asked, ${share}`)
})

t.test('[NET1] a line delays, spreads the rate over its queue and drops what the queue cannot hold', async t => {
  const conditions = { ...NETWORKS.clean, delayMs: 40, upKbps: 80, queueBytes: 2_000 }
  const line = new Line({ chance: new Chance(1), conditions: () => conditions, kbps: () => conditions.upKbps })
  t.equal(line.datagram(1_000, 0), 140, '1000 bytes at 80 kbit/s take 100 ms, then 40 ms')
  t.equal(line.datagram(1_000, 0), 240)
  t.equal(line.datagram(1_000, 0), undefined, 'the queue is full')
  t.equal(line.datagram(1_000, 150), 340, 'room again')
})

t.test('[NET1] jitter keeps the order, reordering does not', async t => {
  const order = (reorderPercent: number) => {
    const conditions = { ...NETWORKS.clean, delayMs: 10, jitterMs: 20, reorderPercent }
    const line = new Line({ chance: new Chance(5), conditions: () => conditions, kbps: () => undefined })
    const arrivals = Array.from({ length: 200 }, (_, number) => line.datagram(100, number * 2) ?? 0)
    return arrivals.every((at, index) => index === 0 || at >= (arrivals[index - 1] ?? 0))
  }
  t.ok(order(0))
  t.notOk(order(10))
})

t.test('[NET1] datagrams: delay both ways, loss in the share asked for', async t => {
  const { network } = await world({ ...NETWORKS.clean, delayMs: 30, lossPercent: 20 })
  const phone = await phoneOn(network)
  const startMs = performance.now()
  for (let number = 0; number < 400; number += 1) {
    phone.send(number)
    // The system's own buffers are not to lose any.
    if (number % 10 === 9) await sleep(1)
  }
  await until('the last to arrive', () => {
    const { up, down, lost } = network.counts.udp
    return up > 0 && down + lost === 400 && phone.heard.length === down
  })
  const share = phone.heard.length / 400
  t.ok(share > 0.54 && share < 0.74, `0.8 × 0.8 of them came back: ${share}`)
  t.ok((phone.heard[0]?.atMs ?? 0) - startMs >= 58, 'not before a round trip')
})

t.test('[NET1] a rebind shows the server another port; a network without UDP passes nothing', async t => {
  const { far, network } = await world(NETWORKS.clean)
  const phone = await phoneOn(network)
  phone.send(1)
  await until('an echo', () => phone.heard.length === 1)
  network.rebind()
  phone.send(2)
  await until('an echo after the rebind', () => phone.heard.length === 2)
  t.equal(far.froms.size, 2, 'two ports')
  network.set(NETWORKS.noUdp)
  phone.send(3)
  await until('it to be lost', () => network.counts.udp.lost === 1)
  t.equal(phone.heard.length, 2)
})

t.test('[NET1] TCP: everything arrives in order whatever is lost, and takes the time of its rate', async t => {
  const { network } = await world({ ...NETWORKS.clean, delayMs: 20, lossPercent: 5, upKbps: 800, downKbps: 800 })
  const socket = connect(network.tcpPort, '127.0.0.1')
  t.teardown(() => socket.destroy())
  const sent = Buffer.from(Array.from({ length: 60_000 }, (_, index) => index % 251))
  const startMs = performance.now()
  socket.end(sent)
  const got: Buffer[] = []
  socket.on('data', (bytes: Buffer) => got.push(bytes))
  await once(socket, 'end')
  t.ok(Buffer.concat(got).equals(sent), 'all of it')
  const tookMs = performance.now() - startMs
  t.ok(tookMs > 640, `60 kB at 800 kbit/s are 600 ms and a round trip: ${tookMs.toFixed(0)} ms`)
})

t.test(
  '[NET1] a blackout holds TCP back and loses datagrams; afterwards a connection wakes by its own retries',
  async t => {
    const { network } = await world({ ...NETWORKS.clean, delayMs: 5 })
    const phone = await phoneOn(network)
    const socket = connect(network.tcpPort, '127.0.0.1')
    t.teardown(() => socket.destroy())
    let heard = ''
    socket.on('data', bytes => {
      heard += String(bytes)
    })
    socket.write('before ')
    await until('the echo', () => heard === 'before ')
    network.darken()
    socket.write('in the dark ')
    phone.send(1)
    await sleep(1_000)
    t.equal(heard, 'before ', 'nothing passes')
    network.lighten()
    const lightMs = performance.now()
    await until('the echo after the blackout', () => heard === 'before in the dark ')
    t.ok(performance.now() - lightMs > 150, 'not with the light, but at the next retry (0.2, 0.6, 1.4 s)')
    t.equal(phone.heard.length, 0, 'the datagram is lost')
  },
)

t.test('[NET1] an end that comes in the dark is heard of afterwards; close leaves nothing', async t => {
  const { far, network } = await world({ ...NETWORKS.clean, delayMs: 5 })
  const ends: number[] = []
  far.tcp.on('connection', socket => socket.once('close', () => ends.push(performance.now())))
  const socket = connect(network.tcpPort, '127.0.0.1')
  socket.write('hello')
  await once(socket, 'data')
  network.darken()
  socket.destroy()
  await sleep(300)
  t.same(ends, [], 'the server does not know')
  network.lighten()
  await until('the server to know', () => ends.length === 1)
  await network.close()
  t.equal(network.counts.tcp.open, 0)
  await t.rejects(once(connect(network.tcpPort, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
})
