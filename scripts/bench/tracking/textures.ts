import sharp from 'sharp'
import type { Grey } from '../../../h5-client/shared/tracking/grey.ts'
import { seededRandom } from '../../../h5-client/shared/tracking/random.ts'

export const TEXTURE = { width: 1600, height: 1200 } as const
export const TEXTURES = ['label plate', 'circuit board', 'wood', 'brick', 'plain wall', 'perforated plate'] as const
export type TextureName = (typeof TEXTURES)[number]

type Draw = (random: () => number) => { readonly svg: string; readonly grainSigma: number; readonly grainPx: number }

const rect = (x: number, y: number, w: number, h: number, fill: string, more = '') =>
  `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${w.toFixed(1)}" height="${h.toFixed(1)}" fill="${fill}" ${more}/>`
const grey = (value: number) => `rgb(${[1, 1, 1].map(() => Math.round(value)).join(',')})`
const text = (x: number, y: number, size: number, words: string, fill = '#161616') =>
  `<text x="${x}" y="${y}" font-family="DejaVu Sans, sans-serif" font-size="${size}" fill="${fill}">${words}</text>`

/** The back of a machine: a type plate with text and a bar code on brushed metal, screws, a cable. */
const plate: Draw = random => {
  const parts = [rect(0, 0, 1600, 1200, '#8d9196')]
  for (let y = 0; y < 1200; y += 3) parts.push(rect(0, y, 1600, 1.4, grey(128 + 34 * random())))
  parts.push(rect(470, 330, 700, 520, '#e9e7df', 'rx="14" stroke="#333" stroke-width="3"'))
  const lines = ['MODEL TX-4410B', 'S/N 8831-2207-19465', '220-240 V~ 50 Hz 2.4 A', 'IP 44  CLASS II', 'MADE 2024-07']
  parts.push(...lines.map((line, index) => text(500, 400 + index * 64, index === 0 ? 48 : 36, line)))
  for (let x = 500; x < 1120; x += 3 + Math.floor(random() * 8)) parts.push(rect(x, 720, 1 + random() * 5, 90, '#111'))
  for (const [x, y] of [
    [430, 300],
    [1210, 300],
    [430, 890],
    [1210, 890],
    [200, 620],
    [1400, 500],
  ] as const) {
    parts.push(`<circle cx="${x}" cy="${y}" r="24" fill="#5c5f63" stroke="#2b2d30" stroke-width="4"/>`)
    parts.push(`<path d="M${x - 15} ${y - 9}L${x + 15} ${y + 9}" stroke="#22252a" stroke-width="6"/>`)
  }
  parts.push('<path d="M80 0C200 500 40 800 330 1200" stroke="#26282b" stroke-width="46" fill="none"/>')
  parts.push(rect(1290, 640, 210, 330, '#3a3d42', 'rx="20"'), text(1320, 720, 40, 'RESET', '#ddd'))
  return { svg: parts.join(''), grainSigma: 5, grainPx: 2 }
}

const board: Draw = random => {
  const parts = [rect(0, 0, 1600, 1200, '#1f5a3c')]
  for (let i = 0; i < 150; i += 1) {
    const x = random() * 1600
    const y = random() * 1200
    const dx = (random() - 0.5) * 500
    const dy = (random() - 0.5) * 400
    const track = `M${x} ${y}h${dx}l${dy / 2} ${Math.abs(dy) / 2}v${dy}`
    parts.push(`<path d="${track}" stroke="#3f8a62" stroke-width="${4 + random() * 6}" fill="none"/>`)
  }
  for (let i = 0; i < 46; i += 1) {
    const w = 40 + random() * 150
    const h = 30 + random() * 110
    const x = random() * 1500
    const y = random() * 1100
    for (let pin = 6; pin < w - 8; pin += 15) parts.push(rect(x + pin, y - 9, 7, h + 18, '#c9ccd0'))
    parts.push(rect(x, y, w, h, grey(18 + random() * 40)))
    const name = String.fromCharCode(65 + Math.floor(random() * 26)) + Math.floor(random() * 9999)
    parts.push(text(x + 8, y + h / 2 + 7, 20, name, '#d7d7d7'))
  }
  for (let i = 0; i < 160; i += 1) {
    const [x, y] = [random() * 1600, random() * 1200]
    parts.push(`<circle cx="${x}" cy="${y}" r="${5 + random() * 6}" fill="#d8c27a" stroke="#123" stroke-width="2"/>`)
  }
  return { svg: parts.join(''), grainSigma: 5, grainPx: 2 }
}

const wood: Draw = random => {
  const parts = [rect(0, 0, 1600, 1200, '#a9825a')]
  for (let board = 0; board < 6; board += 1) {
    const top = board * 200
    parts.push(rect(0, top, 1600, 198, grey(112 + random() * 40)))
    for (let i = 0; i < 44; i += 1) {
      const y = top + random() * 198
      const sway = () => (random() - 0.5) * 26
      const path = `M0 ${y}C400 ${y + sway()} 700 ${y + sway()} 900 ${y + sway()}S1400 ${y + sway()} 1600 ${y + sway()}`
      parts.push(
        `<path d="${path}" stroke="${grey(60 + random() * 80)}" stroke-opacity="0.5" stroke-width="${1 + random() * 4}" fill="none"/>`,
      )
    }
    for (let i = 0; i < 3; i += 1) {
      const [x, y] = [random() * 1600, top + 30 + random() * 140]
      parts.push(`<ellipse cx="${x}" cy="${y}" rx="${12 + random() * 24}" ry="${8 + random() * 14}" fill="#4a3524"/>`)
    }
    parts.push(rect(0, top + 196, 1600, 4, '#33261a'))
  }
  return { svg: parts.join(''), grainSigma: 9, grainPx: 3 }
}

const brick: Draw = random => {
  const parts = [rect(0, 0, 1600, 1200, '#b9b3a8')]
  for (let row = 0; row < 20; row += 1) {
    for (let x = row % 2 === 0 ? 0 : -75; x < 1600; x += 150) {
      const wobble = () => (random() - 0.5) * 5
      parts.push(rect(x + 4 + wobble(), row * 60 + 4 + wobble(), 142, 52, grey(88 + random() * 60), 'rx="3"'))
    }
  }
  return { svg: parts.join(''), grainSigma: 12, grainPx: 3 }
}

/** Painted plaster with a socket at the edge: hardly anything to hold on to. */
const wall: Draw = random => {
  const parts = [rect(0, 0, 1600, 1200, '#cfccc4')]
  for (let i = 0; i < 40; i += 1) {
    const [x, y] = [random() * 1600, random() * 1200]
    parts.push(
      `<ellipse cx="${x}" cy="${y}" rx="${60 + random() * 160}" ry="${40 + random() * 120}" fill="${grey(190 + random() * 30)}" fill-opacity="0.25"/>`,
    )
  }
  parts.push(rect(1120, 700, 150, 150, '#e6e4de', 'rx="12" stroke="#a9a69e" stroke-width="3"'))
  parts.push('<circle cx="1175" cy="775" r="10" fill="#444"/><circle cx="1215" cy="775" r="10" fill="#444"/>')
  return { svg: parts.join(''), grainSigma: 3.5, grainPx: 4 }
}

/** The same hole 800 times; only wear and a scratch tell places apart. */
const perforated: Draw = random => {
  const parts = [rect(0, 0, 1600, 1200, '#9da1a6')]
  for (let y = 20; y < 1200; y += 40) {
    for (let x = 20; x < 1600; x += 40) parts.push(`<circle cx="${x}" cy="${y}" r="12" fill="#26282b"/>`)
  }
  for (let i = 0; i < 4; i += 1) {
    const [x, y] = [random() * 1400, random() * 1000]
    parts.push(`<path d="M${x} ${y}l${random() * 160} ${random() * 90}" stroke="#d4d7da" stroke-width="4"/>`)
  }
  return { svg: parts.join(''), grainSigma: 3, grainPx: 3 }
}

const DRAWINGS: Readonly<Record<TextureName, Draw>> = {
  'label plate': plate,
  'circuit board': board,
  wood,
  brick,
  'plain wall': wall,
  'perforated plate': perforated,
}

/** Renders one of the surfaces that people point cameras at; the same pixels every time. */
export async function makeTexture(name: TextureName): Promise<Grey> {
  const { width, height } = TEXTURE
  const random = seededRandom(TEXTURES.indexOf(name) + 7)
  const { svg, grainSigma, grainPx } = DRAWINGS[name](random)
  const document = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${svg}</svg>`
  const drawn = await sharp(Buffer.from(document)).greyscale().raw().toBuffer()
  const [w, h] = [Math.ceil(width / grainPx), Math.ceil(height / grainPx)]
  const grains = Uint8Array.from({ length: w * h }, () => {
    const bell = random() + random() + random() + random() - 2
    return Math.max(0, Math.min(255, 128 + bell * grainSigma * 1.73))
  })
  const grain = await sharp(Buffer.from(grains), { raw: { width: w, height: h, channels: 1 } })
    .resize(width, height, { kernel: 'cubic', fit: 'fill' })
    .greyscale()
    .raw()
    .toBuffer()
  const data = new Uint8Array(width * height)
  for (let i = 0; i < data.length; i += 1) data[i] = Math.max(0, Math.min(255, drawn[i]! + grain[i]! - 128))
  return { width, height, data }
}
