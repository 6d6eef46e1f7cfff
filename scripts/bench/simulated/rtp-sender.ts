import { randomBytes } from 'node:crypto'
import { writeRtp } from '../../simulated-caller/rtp-packet.ts'

/** Unix time in seconds to NTP time (RFC 3550 section 4). */
const NTP_OFFSET_S = 2_208_988_800

/** One outgoing RTP stream: header fields, counters and sender reports. */
export class RtpSender {
  readonly ssrc = randomBytes(4).readUInt32BE()
  readonly #payloadType: number
  readonly #send: (rtp: Buffer) => void
  #sequence = randomBytes(2).readUInt16BE() >> 1
  #timestamp = randomBytes(4).readUInt32BE()
  packets = 0
  bytes = 0

  constructor(payloadType: number, send: (rtp: Buffer) => void) {
    this.#payloadType = payloadType
    this.#send = send
  }

  /** The payloads of one frame, the last with the marker; `ticks` of the media clock have passed since the frame before. */
  frame(payloads: readonly Buffer[], ticks: number, marker = true): void {
    this.#timestamp = (this.#timestamp + ticks) >>> 0
    payloads.forEach((payload, index) => {
      const header = {
        payloadType: this.#payloadType,
        marker: marker && index === payloads.length - 1,
        sequence: this.#sequence,
        timestamp: this.#timestamp,
        ssrc: this.ssrc,
      }
      this.#sequence = (this.#sequence + 1) & 0xffff
      this.packets += 1
      this.bytes += payload.length
      this.#send(writeRtp(header, payload))
    })
  }

  /** RFC 3550 section 6.4.1, with an SDES CNAME as section 6.1 demands. */
  report(): Buffer {
    const now = Date.now() / 1000 + NTP_OFFSET_S
    const report = Buffer.alloc(40)
    report.writeUInt32BE(0x80c80006, 0)
    report.writeUInt32BE(this.ssrc, 4)
    report.writeUInt32BE(Math.floor(now) >>> 0, 8)
    report.writeUInt32BE(Math.floor((now % 1) * 0x1_0000_0000) >>> 0, 12)
    report.writeUInt32BE(this.#timestamp, 16)
    report.writeUInt32BE(this.packets, 20)
    report.writeUInt32BE(this.bytes >>> 0, 24)
    report.writeUInt32BE(0x81ca0002, 28)
    report.writeUInt32BE(this.ssrc, 32)
    // CNAME "s", then the null that ends the chunk.
    report.writeUInt32BE(0x01017300, 36)
    return report
  }
}
