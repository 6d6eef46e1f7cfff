import sharp from 'sharp'

export type Ink = {
  readonly pixels: number /** Middle of the ink, 0..1 of the picture searched. */
  readonly x: number
  readonly y: number
}
type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

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
