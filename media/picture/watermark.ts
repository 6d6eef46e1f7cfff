import { createRequire } from 'node:module'
import sharp from 'sharp'
import { PictureError } from './picture-error.ts'

sharp.concurrency(1)

/** Chinese names must be legible on machines without any font of their own. */
const FONT = createRequire(import.meta.url).resolve(
  '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
)
const SLANT_DEG = -24
/** So many tiles stand side by side: whatever piece is cut out holds a name. */
const TILES_ACROSS = 3.2
const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 }

/**
 * A copy of a picture with the lines written all over it, slanted, light with a dark edge so that they show on any ground.
 * The picture below stays legible. `widthPx` makes it smaller. JPEG. @throws PictureError `undecodable`
 */
export async function watermarked(
  image: Buffer,
  lines: readonly string[],
  o: { readonly widthPx?: number | undefined } = {},
): Promise<Buffer> {
  try {
    const picture = sharp(image)
    const { width, height } = await picture.metadata()
    const shownPx = Math.min(width, o.widthPx ?? width)
    const shownHeightPx = Math.max(1, Math.round((height * shownPx) / width))
    const tile = await fitted(await tileOf(lines, shownPx / TILES_ACROSS), shownPx, shownHeightPx)
    return await picture
      .resize({ width: shownPx, withoutEnlargement: true })
      .composite([{ input: tile, tile: true }])
      .jpeg({ quality: 88 })
      .toBuffer()
  } catch (error) {
    throw new PictureError('undecodable', 'the picture cannot be shown', { cause: error })
  }
}

async function tileOf(lines: readonly string[], widthPx: number): Promise<Buffer> {
  const longest = Math.max(...lines.map(lengthOf), 1)
  const sizePx = Math.max(9, Math.min(44, widthPx / (longest * 0.62)))
  const gapPx = Math.round(sizePx * 1.4)
  const [light, dark] = await Promise.all([written(lines, sizePx, 'white', 70), written(lines, sizePx, 'black', 60)])
  const edgePx = Math.max(1, Math.round(sizePx / 18))
  const { width = 1, height = 1 } = await sharp(light).metadata()
  const text = await sharp({
    create: { width: width + 2 * edgePx, height: height + 2 * edgePx, channels: 4, background: CLEAR },
  })
    .composite([
      { input: dark, left: 2 * edgePx, top: 2 * edgePx },
      { input: light, left: edgePx, top: edgePx },
    ])
    .png()
    .toBuffer()
  return sharp(text)
    .rotate(SLANT_DEG, { background: CLEAR })
    .extend({ top: gapPx, bottom: gapPx, left: gapPx, right: gapPx, background: CLEAR })
    .png()
    .toBuffer()
}

/** A tile may not be larger than what it is laid on. */
function fitted(tile: Buffer, widthPx: number, heightPx: number): Promise<Buffer> {
  return sharp(tile)
    .resize({ width: widthPx, height: heightPx, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer()
}

function written(lines: readonly string[], sizePx: number, colour: string, alphaPercent: number): Promise<Buffer> {
  const text = `<span foreground="${colour}" alpha="${alphaPercent}%">${lines.map(escaped).join('\n')}</span>`
  // At 72 dpi a point is a pixel.
  return sharp({ text: { text, fontfile: FONT, font: `Noto Sans SC ${sizePx.toFixed(1)}`, rgba: true, dpi: 72 } })
    .png()
    .toBuffer()
}

/** Pango reads markup. */
function escaped(line: string): string {
  return line.replace(/[&<>]/g, letter => `&#${letter.charCodeAt(0)};`)
}

/** In widths of a Latin letter: a Chinese one takes two. */
function lengthOf(line: string): number {
  return [...line].reduce((sum, letter) => sum + ((letter.codePointAt(0) ?? 0) > 0x2e7f ? 1.8 : 1), 0)
}
