import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { encodeG711, type G711Law } from '../../media/edge/g711.ts'
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../media/edge/rtp-packet.ts'

/** One RTP packet with 20 ms (or any other payload) of something. */
export function rtpPacket(o: {
  sequence: number
  timestamp: number
  ssrc?: number
  payloadType?: number
  marker?: boolean
  payload?: Buffer
}): Buffer {
  const payload = o.payload ?? Buffer.alloc(160, 0x55)
  const packet = Buffer.alloc(RTP_HEADER_BYTES + payload.length)
  writeRtpHeader(packet, {
    payloadType: o.payloadType ?? 8,
    marker: o.marker ?? false,
    sequence: o.sequence,
    timestamp: o.timestamp,
    ssrc: o.ssrc ?? 0x1234,
  })
  payload.copy(packet, RTP_HEADER_BYTES)
  return packet
}

/** A telephone-event payload (RFC 4733). */
export function dtmfPayload(event: number, o: { end: boolean; durationMs: number }): Buffer {
  const payload = Buffer.from([event, (o.end ? 0x80 : 0) | 10, 0, 0])
  payload.writeUInt16BE(o.durationMs * 8, 2)
  return payload
}

/** The far end of a voice leg on loopback: real sockets, packets by hand. */
export class RtpParty {
  readonly address: string
  readonly port: number
  readonly ssrc: number
  readonly received: Buffer[] = []
  readonly receivedRtcp: Buffer[] = []
  /** Ports that its voice port heard from. */
  readonly heardPorts = new Set<number>()
  sequence = 100
  timestamp = 5000
  readonly #rtp: Socket
  readonly #rtcp: Socket

  static async create(o: { address?: string; ssrc?: number } = {}): Promise<RtpParty> {
    const address = o.address ?? '127.0.0.1'
    for (;;) {
      const rtp = createSocket('udp4').bind(0, address)
      await once(rtp, 'listening')
      const port = rtp.address().port
      const rtcp = createSocket('udp4')
      const bound = new Promise<boolean>(resolve => {
        rtcp.once('listening', () => resolve(true)).once('error', () => resolve(false))
      })
      rtcp.bind(port + 1, address)
      if (port % 2 === 0 && (await bound)) return new RtpParty(rtp, rtcp, address, o.ssrc ?? 0x1234)
      await bound
      rtp.close()
      rtcp.close()
    }
  }

  private constructor(rtp: Socket, rtcp: Socket, address: string, ssrc: number) {
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.address = address
    this.port = rtp.address().port
    this.ssrc = ssrc
    rtp.on('message', (packet, from) => {
      this.received.push(packet)
      this.heardPorts.add(from.port)
    })
    rtcp.on('message', packet => this.receivedRtcp.push(packet))
  }

  sdp(
    o: { direction?: string; address?: string; port?: number; payloadTypes?: string; extra?: string[] } = {},
  ): string {
    const address = o.address ?? this.address
    return [
      'v=0',
      `o=phone 1 1 IN IP4 ${address}`,
      's=-',
      `c=IN IP4 ${address}`,
      't=0 0',
      `m=audio ${o.port ?? this.port} RTP/AVP ${o.payloadTypes ?? '8 101'}`,
      'a=rtpmap:101 telephone-event/8000',
      ...(o.extra ?? []),
      ...(o.direction === undefined ? [] : [`a=${o.direction}`]),
      '',
    ].join('\r\n')
  }

  send(packet: Buffer, port: number): void {
    this.#rtp.send(packet, port, '127.0.0.1')
  }

  sendRtcp(packet: Buffer, port: number): void {
    this.#rtcp.send(packet, port, '127.0.0.1')
  }

  /** The next voice packets of this party's stream, all at once. */
  speak(port: number, packets = 1): void {
    for (let n = 0; n < packets; n++) {
      this.send(rtpPacket({ sequence: this.sequence, timestamp: this.timestamp, ssrc: this.ssrc }), port)
      this.sequence = (this.sequence + 1) & 0xffff
      this.timestamp += 160
    }
  }

  /** A tone (1000 Hz) in the next voice packets, all at once. */
  tone(port: number, o: { law: G711Law; packets: number; hz?: number }): void {
    const turn = (2 * Math.PI * (o.hz ?? 1000)) / 8000
    for (let n = 0; n < o.packets; n++) {
      const payload = Buffer.from(
        Uint8Array.from({ length: 160 }, (_, i) => encodeG711(o.law, 8000 * Math.sin(turn * (this.timestamp + i)))),
      )
      const payloadType = o.law === 'PCMU' ? 0 : 8
      const at = { sequence: this.sequence, timestamp: this.timestamp, ssrc: this.ssrc }
      this.send(rtpPacket({ ...at, payloadType, payload }), port)
      this.sequence = (this.sequence + 1) & 0xffff
      this.timestamp += 160
    }
  }

  /** One key: two packets while it is down and three at its end. */
  key(port: number, event: number, o: { payloadType?: number; durationMs?: number } = {}): void {
    const durationMs = o.durationMs ?? 100
    for (const end of [false, false, true, true, true]) {
      const payload = dtmfPayload(event, { end, durationMs })
      const at = { sequence: this.sequence, timestamp: this.timestamp, ssrc: this.ssrc }
      this.send(rtpPacket({ ...at, payloadType: o.payloadType ?? 101, payload }), port)
      this.sequence = (this.sequence + 1) & 0xffff
    }
    this.timestamp += durationMs * 8
  }

  close(): void {
    this.#rtp.close()
    this.#rtcp.close()
  }
}
