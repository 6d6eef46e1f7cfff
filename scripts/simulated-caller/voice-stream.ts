import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { decodeG711, encodeG711, type G711Codec, PAYLOAD_TYPE } from './g711.ts'
import { type RtpPacket, readRtp, writeRtp } from './rtp-packet.ts'
import { type SampleSource, silence, VOICE_RATE_HZ } from './sample-source.ts'

export const FRAME_MS = 20
const FRAME_SAMPLES = (VOICE_RATE_HZ * FRAME_MS) / 1000
/** After a stall (a loaded machine) at most this many frames are sent at once; the rest is skipped as a real phone would. */
const MAX_BURST_FRAMES = 5
const RTCP_INTERVAL_MS = 5000
const KEYS = '0123456789*#ABCD'
const KEY_FRAMES = 5
/** As phone-sdp.ts offers it. */
const KEY_PAYLOAD_TYPE = 101
/** Ten minutes of packets both ways; older ones are forgotten. */
const MAX_KEPT = 30_000

/** `atMs` is the wall clock (`performance.timeOrigin + performance.now()`), comparable between processes of one machine. */
export type HeardPacket = RtpPacket & { readonly atMs: number }
export type RtpTarget = { readonly host: string; readonly port: number }

export const wallClockMs = () => performance.timeOrigin + performance.now()

/** The voice of one simulated phone: a pair of UDP sockets, a sender paced at 20 ms and a receiver that keeps what it hears. */
export class VoiceStream {
  readonly #rtp: Socket
  readonly #rtcp: Socket
  readonly #ssrc = Math.floor(Math.random() * 0xffffffff)
  readonly #heard: HeardPacket[] = []
  #codec: G711Codec = 'PCMU'
  #source: SampleSource = silence
  #target: RtpTarget | undefined
  #timer: NodeJS.Timeout | undefined
  #rtcpTimer: NodeJS.Timeout | undefined
  #startedAtMs = 0
  #framesSent = 0
  #sequence = Math.floor(Math.random() * 0xffff)
  readonly #timestampBase = Math.floor(Math.random() * 0xffffffff)
  #packetsSent = 0
  #rtcpHeard = 0
  #muted = false
  /** Keys still to be sent, and the frame of the one that is down. */
  #keys = ''
  #keyFrame = 0
  #keyTimestamp = 0

  private constructor(rtp: Socket, rtcp: Socket) {
    this.#rtp = rtp
    this.#rtcp = rtcp
    rtp.on('message', bytes => {
      const packet = readRtp(bytes)
      if (packet === undefined) return
      this.#heard.push({ ...packet, payload: Buffer.from(packet.payload), atMs: wallClockMs() })
      if (this.#heard.length > MAX_KEPT) this.#heard.splice(0, MAX_KEPT / 10)
    })
    rtcp.on('message', () => {
      this.#rtcpHeard += 1
    })
    // An ICMP "port unreachable" of a server that is gone must not end the phone.
    for (const socket of [rtp, rtcp]) socket.on('error', () => {})
  }

  /** Binds an even RTP port and the odd one above it for RTCP (RFC 3550 section 11). */
  static async create(address: string): Promise<VoiceStream> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const port = 50_000 + 2 * Math.floor(Math.random() * 5_000)
      const rtp = await bound(address, port)
      const rtcp = rtp && (await bound(address, port + 1))
      if (rtp && rtcp) return new VoiceStream(rtp, rtcp)
      rtp?.close()
    }
    throw new Error('no free pair of UDP ports for RTP')
  }

  get port(): number {
    return this.#rtp.address().port
  }
  get ssrc(): number {
    return this.#ssrc
  }
  get codec(): G711Codec {
    return this.#codec
  }
  /** Wall clock of the first sample of the source. */
  get startedAtMs(): number {
    return this.#startedAtMs
  }
  get packetsSent(): number {
    return this.#packetsSent
  }
  get rtcpHeard(): number {
    return this.#rtcpHeard
  }
  /** Everything received so far, oldest first. */
  get heard(): readonly HeardPacket[] {
    return this.#heard
  }

  /** Starts speaking, or changes codec and target in mid-stream without disturbing sequence and timestamp. */
  speakTo(target: RtpTarget, codec: G711Codec, source: SampleSource): void {
    this.#target = target
    this.#codec = codec
    this.#source = source
    if (this.#timer) return
    this.#startedAtMs = wallClockMs()
    this.#framesSent = 0
    this.#rtcpTimer = setInterval(() => this.#sendReport(), RTCP_INTERVAL_MS)
    this.#tick()
  }

  /** A phone on hold, or one whose network died: nothing is sent until it speaks again; time goes on. */
  set muted(muted: boolean) {
    this.#muted = muted
  }

  /** Presses keys of the telephone one after the other: RFC 4733 events of 100 ms, which take the place of the voice. */
  press(keys: string): void {
    this.#keys += keys
  }

  /** What was heard in G.711 between two moments of the wall clock, decoded and joined in order of sequence number. */
  samplesBetween(fromMs: number, toMs: number): Int16Array {
    const packets = this.#heard
      .filter(packet => packet.atMs >= fromMs && packet.atMs < toMs)
      .filter(packet => packet.payloadType === PAYLOAD_TYPE.PCMU || packet.payloadType === PAYLOAD_TYPE.PCMA)
      .sort((a, b) => ((a.sequence - b.sequence + 0x18000) & 0xffff) - 0x8000)
    const parts = packets.map(packet => [
      ...decodeG711(packet.payloadType === PAYLOAD_TYPE.PCMA ? 'PCMA' : 'PCMU', packet.payload),
    ])
    return Int16Array.from(parts.flat())
  }

  close(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#rtcpTimer)
    this.#timer = undefined
    this.#target = undefined
    for (const socket of [this.#rtp, this.#rtcp]) {
      try {
        socket.close()
      } catch {
        // Already closed.
      }
    }
  }

  #tick(): void {
    const dueFrames = Math.floor((wallClockMs() - this.#startedAtMs) / FRAME_MS) + 1
    if (dueFrames - this.#framesSent > MAX_BURST_FRAMES) this.#framesSent = dueFrames - MAX_BURST_FRAMES
    while (this.#framesSent < dueFrames) this.#sendFrame()
    const nextAtMs = this.#startedAtMs + this.#framesSent * FRAME_MS
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, nextAtMs - wallClockMs()))
  }

  #sendFrame(): void {
    const fromSample = this.#framesSent * FRAME_SAMPLES
    this.#framesSent += 1
    if (!this.#target || this.#muted) return
    if (this.#keys !== '') {
      this.#sendKey(this.#target, this.#timestampBase + fromSample)
      return
    }
    const header = {
      payloadType: PAYLOAD_TYPE[this.#codec],
      marker: this.#packetsSent === 0,
      sequence: this.#sequence,
      timestamp: this.#timestampBase + fromSample,
      ssrc: this.#ssrc,
    }
    this.#sequence = (this.#sequence + 1) & 0xffff
    const samples = this.#source(fromSample, FRAME_SAMPLES)
    this.#rtp.send(writeRtp(header, encodeG711(this.#codec, samples)), this.#target.port, this.#target.host)
    this.#packetsSent += 1
  }

  /** Five frames a key; the last one is sent three times with the End bit, as RFC 4733 section 2.5.1.4 asks. */
  #sendKey(target: RtpTarget, timestamp: number): void {
    if (this.#keyFrame === 0) this.#keyTimestamp = timestamp
    this.#keyFrame += 1
    const isLast = this.#keyFrame === KEY_FRAMES
    const payload = Buffer.alloc(4)
    payload[0] = KEYS.indexOf(this.#keys[0] ?? '')
    payload[1] = (isLast ? 0x80 : 0) | 10
    payload.writeUInt16BE(this.#keyFrame * FRAME_SAMPLES, 2)
    for (let copy = 0; copy < (isLast ? 3 : 1); copy += 1) {
      const header = {
        payloadType: KEY_PAYLOAD_TYPE,
        marker: this.#keyFrame === 1,
        sequence: this.#sequence,
        timestamp: this.#keyTimestamp,
        ssrc: this.#ssrc,
      }
      this.#sequence = (this.#sequence + 1) & 0xffff
      this.#rtp.send(writeRtp(header, payload), target.port, target.host)
      this.#packetsSent += 1
    }
    if (!isLast) return
    this.#keyFrame = 0
    this.#keys = this.#keys.slice(1)
  }

  /** A sender report with one SDES CNAME (RFC 3550 sections 6.4.1 and 6.5). */
  #sendReport(): void {
    if (!this.#target || this.#muted) return
    const now = wallClockMs() / 1000 + 2_208_988_800
    const report = Buffer.alloc(28)
    report.writeUInt32BE(0x80c80006, 0)
    report.writeUInt32BE(this.#ssrc, 4)
    report.writeUInt32BE(Math.floor(now) >>> 0, 8)
    report.writeUInt32BE(Math.floor((now % 1) * 0x1_0000_0000) >>> 0, 12)
    report.writeUInt32BE((this.#timestampBase + this.#framesSent * FRAME_SAMPLES) >>> 0, 16)
    report.writeUInt32BE(this.#packetsSent, 20)
    report.writeUInt32BE(this.#packetsSent * FRAME_SAMPLES, 24)
    const description = Buffer.alloc(20)
    description.writeUInt32BE(0x81ca0004, 0)
    description.writeUInt32BE(this.#ssrc, 4)
    description[8] = 1
    description[9] = 5
    description.write('phone', 10, 'latin1')
    this.#rtcp.send(Buffer.concat([report, description]), this.#target.port + 1, this.#target.host)
  }
}

async function bound(address: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4')
  try {
    socket.bind(port, address)
    await once(socket, 'listening')
    return socket
  } catch {
    socket.close()
    return undefined
  }
}
