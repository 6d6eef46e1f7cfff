import sharp from 'sharp'
import { PictureError } from './picture-error.ts'

sharp.concurrency(1)

/** A picture small enough for paper, upright, as JPEG. @throws PictureError `undecodable` */
export async function printPicture(
  image: Buffer,
  maxSidePx: number,
): Promise<{ readonly jpeg: Buffer; readonly widthPx: number; readonly heightPx: number }> {
  try {
    const { data, info } = await sharp(image)
      .rotate()
      .resize({ width: maxSidePx, height: maxSidePx, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: 'white' })
      .jpeg({ quality: 80 })
      .toBuffer({ resolveWithObject: true })
    return { jpeg: data, widthPx: info.width, heightPx: info.height }
  } catch (error) {
    throw new PictureError('undecodable', 'the picture cannot be printed', { cause: error })
  }
}
