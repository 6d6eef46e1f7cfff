/** What we take in, told by content; a name or a header proves nothing. */
export const RECEIVED_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/heic',
  'image/avif',
  'application/pdf',
] as const
export type ReceivedType = (typeof RECEIVED_TYPES)[number]
export type PictureType = Exclude<ReceivedType, 'application/pdf'>

/** HEIF brands whose pictures are coded with HEVC (ISO/IEC 23008-12 annex B); `mif1` and `msf1` say nothing of the codec. */
const HEVC_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx'])
const AVIF_BRANDS = new Set(['avif', 'avis'])

/** The brands of an ISO base media file's `ftyp` box, major brand first (ISO/IEC 14496-12 section 4.3). */
function brandsOf(bytes: Uint8Array): string[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < 16 || view.toString('latin1', 4, 8) !== 'ftyp') return []
  const end = Math.min(view.readUInt32BE(0), view.length, 256)
  const brands = [view.toString('latin1', 8, 12)]
  for (let at = 16; at + 4 <= end; at += 4) brands.push(view.toString('latin1', at, at + 4))
  return brands
}

/** The type of a file by its first bytes; undefined for everything we do not take. */
export function typeOf(bytes: Uint8Array): ReceivedType | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16)).toString('latin1')
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'image/webp'
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'image/gif'
  if (head.startsWith('%PDF-')) return 'application/pdf'
  const brands = brandsOf(bytes)
  if (brands.some(brand => AVIF_BRANDS.has(brand))) return 'image/avif'
  if (brands.some(brand => HEVC_BRANDS.has(brand))) return 'image/heic'
  return undefined
}
