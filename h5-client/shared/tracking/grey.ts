/** One channel, 8 bit, row by row without padding. */
export type Grey = { readonly width: number; readonly height: number; readonly data: Uint8Array }
/** Each level half as wide as the one before; level 0 is the frame itself, slightly smoothed. */
export type Pyramid = readonly Grey[]

/** Long side of the frames that are tracked: enough for half a pixel of a 640 px picture, and cheap on a phone. */
export const WORK_LONG_SIDE_PX = 384

/** Size at which a picture of this size is tracked; never larger than the picture, never odd. */
export function workSize(widthPx: number, heightPx: number): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, WORK_LONG_SIDE_PX / Math.max(widthPx, heightPx, 1))
  const even = (value: number) => Math.max(2, Math.round((value * scale) / 2) * 2)
  return { width: even(widthPx), height: even(heightPx) }
}

/** RGBA as a canvas gives it → luma (BT.601 weights, as the video codecs use them). */
export function greyOfRgba(rgba: Uint8Array | Uint8ClampedArray, width: number, height: number): Grey {
  const data = new Uint8Array(width * height)
  for (let at = 0, from = 0; at < data.length; at += 1, from += 4) {
    data[at] = (rgba[from]! * 77 + rgba[from + 1]! * 150 + rgba[from + 2]! * 29) >> 8
  }
  return { width, height, data }
}

/** 3×3 binomial smoothing: takes the edge off sensor and compression noise. The border is kept as it is. */
export function smooth(image: Grey): Grey {
  const { width, height, data } = image
  const out = new Uint8Array(data)
  const rows = new Uint16Array(width * 3)
  const fill = (y: number) => {
    const to = (y % 3) * width
    const from = y * width
    for (let x = 1; x < width - 1; x += 1)
      rows[to + x] = data[from + x - 1]! + 2 * data[from + x]! + data[from + x + 1]!
  }
  fill(0)
  fill(1)
  for (let y = 1; y < height - 1; y += 1) {
    fill(y + 1)
    const above = ((y - 1) % 3) * width
    const here = (y % 3) * width
    const below = ((y + 1) % 3) * width
    const to = y * width
    for (let x = 1; x < width - 1; x += 1) {
      out[to + x] = (rows[above + x]! + 2 * rows[here + x]! + rows[below + x]! + 8) >> 4
    }
  }
  return { width, height, data: out }
}

/** Half the size, each pixel the mean of four. */
export function halve(image: Grey): Grey {
  const width = image.width >> 1
  const height = image.height >> 1
  const from = image.data
  const stride = image.width
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y += 1) {
    let at = 2 * y * stride
    const to = y * width
    for (let x = 0; x < width; x += 1, at += 2) {
      data[to + x] = (from[at]! + from[at + 1]! + from[at + stride]! + from[at + stride + 1]! + 2) >> 2
    }
  }
  return { width, height, data }
}

/** Smaller by any factor up to 2 (bilinear). */
export function shrink(image: Grey, factor: number): Grey {
  const width = Math.max(1, Math.floor(image.width / factor))
  const height = Math.max(1, Math.floor(image.height / factor))
  const data = new Uint8Array(width * height)
  const columns = new Uint16Array(width)
  const shares = new Uint16Array(width)
  for (let x = 0; x < width; x += 1) {
    const place = Math.min(image.width - 1.01, (x + 0.5) * factor - 0.5)
    columns[x] = Math.max(0, Math.floor(place))
    shares[x] = Math.round((place - columns[x]!) * 256)
  }
  for (let y = 0; y < height; y += 1) {
    const place = Math.min(image.height - 1.01, Math.max(0, (y + 0.5) * factor - 0.5))
    const row = Math.floor(place)
    const low = Math.round((place - row) * 256)
    const top = row * image.width
    const bottom = top + image.width
    for (let x = 0; x < width; x += 1) {
      const column = columns[x]!
      const right = shares[x]!
      const a = image.data[top + column]! * (256 - right) + image.data[top + column + 1]! * right
      const b = image.data[bottom + column]! * (256 - right) + image.data[bottom + column + 1]! * right
      data[y * width + x] = (a * (256 - low) + b * low + 32_768) >> 16
    }
  }
  return { width, height, data }
}

/** Smoothed frame and its halves, down to about 40 px. */
export function pyramidOf(frame: Grey): Pyramid {
  const levels = [smooth(frame)]
  for (let last = levels[0]!; levels.length < 4 && Math.min(last.width, last.height) >= 64; ) {
    last = halve(last)
    levels.push(last)
  }
  return levels
}
