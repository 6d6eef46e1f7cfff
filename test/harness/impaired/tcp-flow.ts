import type { Socket } from 'node:net'
import type { Chance } from './chance.ts'
import type { Conditions } from './conditions.ts'
import type { Line } from './line.ts'
import { Timetable } from './timetable.ts'

const SEGMENT_BYTES = 1_400
/** RFC 6928. */
const FIRST_WINDOW = 10
/** RFC 6298 asks for a second; every stack in use waits less. */
const SHORTEST_RTO_MS = 200
/** Of a SYN: RFC 6298 section 2. */
const SYN_RTO_MS = 1_000
const LONGEST_RTO_MS = 60_000
/** What a sender's socket buffer holds before the page has to wait. */
const BUFFER_BYTES = 256 * 1024

export type FlowOptions = {
  readonly from: Socket
  readonly to: Socket
  readonly line: Line
  readonly chance: Chance
  readonly conditions: () => Conditions
  readonly isDark: () => boolean
}
type Segment = { readonly bytes: Buffer; readonly last: boolean }

/**
 * One direction of one TCP connection over the impaired network. The sockets at both ends are local and perfect; what a TCP
 * sender would go through in between is reckoned here: handshake, slow start, a window that shrinks by loss (0.7, as CUBIC
 * does), one round trip for a lost segment, and in a blackout retries at doubling distances (RFC 6298), so that a connection
 * wakes some time after the network and not with it.
 */
export class TcpFlow {
  readonly #o: FlowOptions
  #waiting: Segment[] = []
  #inFlight: Segment[] = []
  readonly #timetable = new Timetable()
  #window = FIRST_WINDOW
  #slowStart = true
  #unacked = 0
  #shrunkAtMs = Number.NEGATIVE_INFINITY
  #arrivedMs = 0
  #stalled = false
  #retry: NodeJS.Timeout | undefined
  #queuedBytes = 0
  #closed = false

  constructor(options: FlowOptions, o: { opens: boolean }) {
    this.#o = options
    const { from } = options
    from.on('data', (bytes: Buffer) => this.#push(bytes))
    from.once('end', () => this.#append({ bytes: Buffer.alloc(0), last: true }))
    if (!o.opens) return
    // The local connection stands at once; nothing leaves before the handshake would be over.
    const lost = options.chance.percent(options.conditions().lossPercent)
    this.#stall(SYN_RTO_MS, lost ? SYN_RTO_MS + this.#roundTripMs() : this.#roundTripMs())
  }

  /** The radio goes off: what is on its way is lost and will be sent again. */
  darken(): void {
    const lost = this.#inFlight
    this.#timetable.clear()
    this.#inFlight = []
    this.#unacked = 0
    this.#waiting = [...lost, ...this.#waiting]
    if (lost.length > 0 && !this.#stalled) this.#stallAfterTimeout()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#timetable.clear()
    this.#inFlight = []
    this.#waiting = []
  }

  #roundTripMs(): number {
    const { delayMs, jitterMs } = this.#o.conditions()
    return 2 * delayMs + jitterMs
  }

  #push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
      const part = bytes.subarray(at, at + SEGMENT_BYTES)
      this.#waiting.push({ bytes: part, last: false })
    }
    this.#queuedBytes += bytes.length
    if (this.#queuedBytes > BUFFER_BYTES) this.#o.from.pause()
    this.#pump()
  }

  #append(segment: Segment): void {
    this.#waiting.push(segment)
    this.#pump()
  }

  #pump(): void {
    if (this.#closed || this.#stalled) return
    while (this.#waiting.length > 0 && this.#unacked < this.#window) {
      if (this.#o.isDark()) {
        this.#stallAfterTimeout()
        return
      }
      const segment = this.#waiting.shift()
      if (segment !== undefined) this.#send(segment)
    }
  }

  #send(segment: Segment): void {
    const { line, chance, conditions } = this.#o
    const nowMs = performance.now()
    const bytes = segment.bytes.length + 52
    const full = line.isFull(bytes, nowMs)
    let arrivesMs = line.passed(bytes, nowMs)
    if (full) this.#shrink(nowMs)
    while (chance.percent(conditions().lossPercent)) {
      this.#shrink(nowMs)
      arrivesMs += this.#roundTripMs()
    }
    // Later segments wait for the missing one.
    this.#arrivedMs = Math.max(this.#arrivedMs, arrivesMs)
    this.#unacked += 1
    this.#inFlight.push(segment)
    this.#timetable.add(this.#arrivedMs, () => this.#deliver(segment))
    this.#timetable.add(this.#arrivedMs + conditions().delayMs, () => this.#acknowledged())
  }

  #acknowledged(): void {
    this.#unacked = Math.max(0, this.#unacked - 1)
    this.#window += this.#slowStart ? 1 : 1 / this.#window
    this.#pump()
  }

  #shrink(nowMs: number): void {
    // Once per round trip, however many segments of a window are lost.
    if (nowMs - this.#shrunkAtMs < this.#roundTripMs()) return
    this.#shrunkAtMs = nowMs
    this.#slowStart = false
    this.#window = Math.max(2, this.#window * 0.7)
  }

  #deliver(segment: Segment): void {
    this.#inFlight.shift()
    this.#queuedBytes -= segment.bytes.length
    const { from, to } = this.#o
    if (from.isPaused() && this.#queuedBytes <= BUFFER_BYTES / 2) from.resume()
    if (to.destroyed) return
    if (segment.last) to.end()
    else to.write(segment.bytes)
  }

  #stallAfterTimeout(): void {
    const rtoMs = Math.max(SHORTEST_RTO_MS, this.#roundTripMs() * 1.5)
    this.#window = 2
    this.#slowStart = true
    this.#stall(rtoMs, rtoMs)
  }

  /** Tries after `waitMs`; as long as it is dark, after twice the time each. */
  #stall(rtoMs: number, waitMs: number): void {
    this.#stalled = true
    this.#retry = setTimeout(() => {
      if (this.#o.isDark()) {
        const next = Math.min(LONGEST_RTO_MS, rtoMs * 2)
        this.#stall(next, next)
        return
      }
      this.#stalled = false
      this.#pump()
    }, waitMs)
  }
}
