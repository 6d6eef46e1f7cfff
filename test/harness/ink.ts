import sharp from 'sharp'

export type Ink = {
  readonly pixels: number /** Middle of the ink, 0..1 of the picture searched. */
  readonly x: number
  readonly y: number
}
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Strong red in a PNG or a part of it (`within`, 0..1): the colour of the default pen, and of nothing the fake camera shows. */
export async function redInk(png: Buffer, within: Box = { x: 0, y: 0, width: 1, height: 1 }): Promise<Ink> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const left = Math.round(within.x * info.width)
  const top = Math.round(within.y * info.height)
  const width = Math.round(within.width * info.width)
  const height = Math.round(within.height * info.height)
  let pixels = 0
  let sumX = 0
  let sumY = 0
  for (let y = top; y < top + height; y += 1) {
    for (let x = left; x < left + width; x += 1) {
      const at = (y * info.width + x) * 3
      const [red = 0, green = 0, blue = 0] = [data[at], data[at + 1], data[at + 2]]
      if (red < 150 || green > red * 0.45 || blue > red * 0.45) continue
      pixels += 1
      sumX += (x - left) / width
      sumY += (y - top) / height
    }
  }
  return { pixels, x: sumX / Math.max(1, pixels), y: sumY / Math.max(1, pixels) }
}

/** Where a picture of the given shape lies when it is fitted whole into a box, in 0..1 of the box. */
export function fitted(box: { width: number; height: number }, picture: { width: number; height: number }): Box {
  const scale = Math.min(box.width / picture.width, box.height / picture.height)
  const width = (picture.width * scale) / box.width
  const height = (picture.height * scale) / box.height
  return { x: (1 - width) / 2, y: (1 - height) / 2, width, height }
}

/** Where two screenshots of the same size differ (`within`: 0..1 of them): pixels, their middle, and the box around them. */
export async function changedInk(
  before: Buffer,
  after: Buffer,
  within: Box = { x: 0, y: 0, width: 1, height: 1 },
): Promise<Ink & { readonly box: Box }> {
  const [one, other] = await Promise.all(
    [before, after].map(png => sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })),
  )
  if (!one || !other || one.info.width !== other.info.width || one.info.height !== other.info.height)
    throw new Error('screenshots of different sizes')
  const { width: fullWidth, height: fullHeight } = one.info
  const left = Math.round(within.x * fullWidth)
  const top = Math.round(within.y * fullHeight)
  const width = Math.round(within.width * fullWidth)
  const height = Math.round(within.height * fullHeight)
  let pixels = 0
  let [sumX, sumY] = [0, 0]
  let [minX, minY, maxX, maxY] = [1, 1, 0, 0]
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = ((y + top) * fullWidth + x + left) * 3
      const off = [0, 1, 2].map(channel => Math.abs((one.data[at + channel] ?? 0) - (other.data[at + channel] ?? 0)))
      if (Math.max(...off) < 24) continue
      pixels += 1
      const [unitX, unitY] = [x / width, y / height]
      sumX += unitX
      sumY += unitY
      minX = Math.min(minX, unitX)
      maxX = Math.max(maxX, unitX)
      minY = Math.min(minY, unitY)
      maxY = Math.max(maxY, unitY)
    }
  }
  const box = { x: minX, y: minY, width: Math.max(0, maxX - minX), height: Math.max(0, maxY - minY) }
  return { pixels, x: sumX / Math.max(1, pixels), y: sumY / Math.max(1, pixels), box }
}
