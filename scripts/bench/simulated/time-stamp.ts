import { wallClockMs } from '../../simulated-caller/voice-stream.ts'

/** Sixteen bytes that no silence begins with: a time in microseconds, four bits in each. */
export const STAMP_BYTES = 16
const MARK = 0x50

/** G.711 bytes 0x50..0x5f come through decoding and encoding unchanged, so a sample source can carry a time. */
export function stamped(bytes: number): Buffer {
  const payload = Buffer.alloc(bytes, 0xff)
  let rest = BigInt(Math.round(wallClockMs() * 1000))
  for (let at = STAMP_BYTES - 1; at >= 0; at -= 1) {
    payload[at] = MARK | Number(rest & 0xfn)
    rest >>= 4n
  }
  return payload
}
/** Undefined for packets without a time: silence of the server's own. */
export function stampOf(payload: Buffer): number | undefined {
  let micros = 0n
  for (let at = 0; at < STAMP_BYTES; at += 1) {
    const byte = payload[at] ?? 0
    if ((byte & 0xf0) !== MARK) return undefined
    micros = (micros << 4n) | BigInt(byte & 0xf)
  }
  return Number(micros) / 1000
}
