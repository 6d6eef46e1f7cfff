import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

export type TestRecord =
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }
  | { readonly type: 'NAPTR'; readonly order: number; readonly service: string; readonly replacement: string }

const typeCodes = { SRV: 33, NAPTR: 35 } as const

/** A name server that knows what a test tells it, and says NXDOMAIN to all else. */
export class DnsServer {
  readonly #socket: Socket
  records: Readonly<Record<string, readonly TestRecord[]>> = {}
  readonly asked: string[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (query, from) => socket.send(this.#answer(query), from.port, from.address))
  }

  static async create(): Promise<DnsServer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new DnsServer(socket)
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  close(): void {
    this.#socket.close()
  }

  #answer(query: Buffer): Buffer {
    const labels: string[] = []
    let at = 12
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const type = query.readUInt16BE(at + 1)
    const name = labels.join('.')
    this.asked.push(name)
    const found = (this.records[name] ?? []).filter(record => typeCodes[record.type] === type)
    const header = Buffer.alloc(12)
    query.copy(header, 0, 0, 2)
    header.writeUInt16BE(found.length > 0 ? 0x8180 : 0x8183, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(found.length, 6)
    return Buffer.concat([header, query.subarray(12, at + 5), ...found.map(encode)])
  }
}

function encode(record: TestRecord): Buffer {
  const data =
    record.type === 'SRV'
      ? Buffer.concat([numbers(record.priority, record.weight, record.port), domain(record.target)])
      : Buffer.concat([numbers(record.order, 1), text('s'), text(record.service), text(''), domain(record.replacement)])
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(typeCodes[record.type], 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(60, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2)
  return bytes
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)])
}

function domain(name: string): Buffer {
  return Buffer.concat([...name.split('.').map(text), Buffer.from([0])])
}
