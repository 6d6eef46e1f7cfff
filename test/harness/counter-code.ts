/**
 * A counter that survives a camera: two rows of twelve black or white cells over the upper part of the picture carry
 * 12 bits of counter, 4 bits of camera number and a CRC-8 over both. VP8, scaling and a few marks elsewhere do not hurt it.
 */
export const CODE = { columns: 12, rows: 2, top: 0.02, cellHeight: 0.14 } as const
export type FrameCode = { readonly camera: number; readonly counter: number }
/** Pixels in rows, `channels` bytes each, red first. */
export type Pixels = {
  readonly data: ArrayLike<number>
  readonly width: number
  readonly height: number
  readonly channels: number
}

export function crc8(value: number): number {
  let crc = 0xa5
  for (const byte of [(value >> 8) & 0xff, value & 0xff]) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff
  }
  return crc
}

/** The 24 cells, first row first, true for white. */
export function cellsOf({ camera, counter }: FrameCode): boolean[] {
  const value = ((camera & 0xf) << 12) | (counter & 0xfff)
  const word = (value << 8) | crc8(value)
  return Array.from({ length: 24 }, (_, index) => ((word >> (23 - index)) & 1) === 1)
}

/**
 * Undefined when the picture carries no valid code. Stands alone (no outer names but its argument), because its source
 * is also run inside pages.
 */
export function readCode({ data, width, height, channels }: Pixels): FrameCode | undefined {
  let word = 0
  for (let row = 0; row < 2; row += 1) {
    for (let column = 0; column < 12; column += 1) {
      const centreX = ((column + 0.5) / 12) * width
      const centreY = (0.02 + 0.14 * (row + 0.5)) * height
      let sum = 0
      let count = 0
      for (let dy = -3; dy <= 3; dy += 1) {
        for (let dx = -3; dx <= 3; dx += 1) {
          const x = Math.round(centreX + (dx * width) / 12 / 12)
          const y = Math.round(centreY + (dy * 0.14 * height) / 12)
          const at = (y * width + x) * channels
          sum += (data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)
          count += 3
        }
      }
      word = word * 2 + (sum / count > 128 ? 1 : 0)
    }
  }
  const value = Math.floor(word / 256)
  let crc = 0xa5
  for (const byte of [(value >> 8) & 0xff, value & 0xff]) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : (crc << 1) & 0xff
  }
  return crc === word % 256 ? { camera: value >> 12, counter: value & 0xfff } : undefined
}
