import sharp from 'sharp'
import { seededRandom } from './seeded-random.ts'

/** What stands on a drawn label, line by line: the truth an OCR result is measured against. */
export type LabelPicture = { readonly kind: LabelKind; readonly lines: readonly string[]; readonly png: Buffer }
export const LABEL_KINDS = ['rating plate', 'error display', 'meter', 'notice'] as const
export type LabelKind = (typeof LABEL_KINDS)[number]

const WIDTH_PX = 1280
const HEIGHT_PX = 720
const SANS = 'DejaVu Sans, Noto Sans CJK SC'
const MONO = 'DejaVu Sans Mono, Noto Sans CJK SC'

type Look = { readonly ground: string; readonly ink: string; readonly font: string; readonly sizePx: number }
const LOOKS: Record<LabelKind, Look> = {
  'rating plate': { ground: '#cfd3d6', ink: '#1b1b1b', font: SANS, sizePx: 30 },
  'error display': { ground: '#0c1418', ink: '#9fe8c0', font: MONO, sizePx: 54 },
  meter: { ground: '#e9e6dc', ink: '#15171c', font: MONO, sizePx: 40 },
  notice: { ground: '#f4f1e6', ink: '#5b1414', font: 'Noto Sans CJK SC', sizePx: 36 },
}

/** A label of one kind in front of a duller background, as a camera held over a machine would see it. Same seed, same label. */
export async function drawLabel(kind: LabelKind, seed: number): Promise<LabelPicture> {
  const random = seededRandom(seed * 4 + LABEL_KINDS.indexOf(kind) + 1)
  const lines = linesOf(kind, random)
  const look = LOOKS[kind]
  const left = 170
  const height = look.sizePx * 1.75 * lines.length + 70
  const top = (HEIGHT_PX - height) / 2
  const text = lines.map((line, i) => {
    const y = top + 35 + look.sizePx * (1.25 + 1.75 * i)
    return `<text x="${left + 45}" y="${y}" font-family="${look.font}" font-size="${look.sizePx}" fill="${look.ink}">${line}</text>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${HEIGHT_PX}">
    <defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#7d8186"/><stop offset="1" stop-color="#5c6066"/></linearGradient></defs>
    <rect width="${WIDTH_PX}" height="${HEIGHT_PX}" fill="url(#g)"/>
    <rect x="${left}" y="${top}" width="${WIDTH_PX - 2 * left}" height="${height}" rx="14" fill="${look.ground}"/>
    ${text.join('\n')}</svg>`
  return { kind, lines, png: await sharp(Buffer.from(svg)).png({ compressionLevel: 1 }).toBuffer() }
}

function linesOf(kind: LabelKind, random: () => number): string[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const of = (alphabet: string, length: number) => Array.from({ length }, () => pick([...alphabet])).join('')
  const digits = (length: number) => of('0123456789', length)
  const letters = (length: number) => of('ABCDEFGHJKLMNPRSTUVWXYZ', length)
  switch (kind) {
    case 'rating plate':
      return [
        `MODEL: ${letters(2)}-${digits(4)}${letters(1)}`,
        `S/N: ${digits(1)}${letters(2)}${digits(1)}-${digits(5)}-${letters(2)}${digits(1)}`,
        `额定电压 220V~ 50Hz ${pick(['1200', '1850', '2400'])}W`,
        `生产日期 2026-0${1 + Math.floor(random() * 9)}-1${digits(1)}`,
      ]
    case 'error display':
      return [`ERROR E-${digits(3)}`, pick(['CHECK WATER LEVEL', 'DOOR NOT CLOSED', 'FILTER BLOCKED'])]
    case 'meter':
      return [`${digits(5)}.${digits(1)} kWh`, `No. ${digits(8)}`]
    case 'notice':
      return pick([
        ['注意高温请勿触摸', '断电五分钟后再打开机盖', '维修电话请见说明书'],
        ['严禁覆盖出风口', '使用前请检查接地线', '儿童须在成人陪同下使用'],
        ['更换滤网前关闭电源', '请使用原厂配件', '保修期为购买后三年'],
      ])
  }
}
