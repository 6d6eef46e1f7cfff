import sharp from 'sharp'
import { idCheckCharacter, mrzCheckDigit } from '../../media/picture/documents/check-digits.ts'
import type { DocumentField, DocumentKind } from '../../signaling/protocol/reading.ts'
import { seededRandom } from './seeded-random.ts'

/** A drawn document of nobody, and what stands on it. */
export type Specimen = {
  readonly kind: DocumentKind
  readonly png: Buffer
  readonly truth: Readonly<Partial<Record<DocumentField['name'], string>>>
}

const WIDTH_PX = 1280
const HEIGHT_PX = 806
const SONG = 'Noto Serif CJK SC'
const HEI = 'Noto Sans CJK SC'

/**
 * Draws a specimen: laid out like the real document, marked SPECIMEN, with an invented person and number whose check digits
 * hold. No security print, no photo, no emblem: whoever wants to deceive has nothing of it.
 */
export async function drawSpecimen(kind: DocumentKind, seed: number): Promise<Specimen> {
  const random = seededRandom(seed * 7 + 3)
  const { truth, body, ground } = DRAWERS[kind](random)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${HEIGHT_PX}">
    <rect width="${WIDTH_PX}" height="${HEIGHT_PX}" fill="#6c7076"/>
    <rect x="60" y="60" width="${WIDTH_PX - 120}" height="${HEIGHT_PX - 120}" rx="36" fill="${ground}"/>
    <text x="${WIDTH_PX - 90}" y="${HEIGHT_PX - 82}" text-anchor="end" font-family="DejaVu Sans" font-size="15" fill="#a33">SPECIMEN</text>
    ${body}</svg>`
  return { kind, truth, png: await sharp(Buffer.from(svg)).png({ compressionLevel: 1 }).toBuffer() }
}

type Drawing = { readonly truth: Specimen['truth']; readonly body: string; readonly ground: string }
type Random = () => number

const text = (x: number, y: number, sizePx: number, words: string, font = HEI, fill = '#151515', more = '') =>
  `<text x="${x}" y="${y}" font-family="${font}" font-size="${sizePx}" fill="${fill}" ${more}>${words.replaceAll('<', '&lt;')}</text>`
const caption = (x: number, y: number, words: string) => text(x, y, 28, words, HEI, '#3d6f9e')

const DRAWERS: Record<DocumentKind, (random: Random) => Drawing> = {
  'cn-id-front': random => {
    const person = personOf(random)
    const [y, m, d] = person.birth.split('-').map(Number)
    const address = [person.address.slice(0, 11), person.address.slice(11)]
    return {
      ground: '#e6edf2',
      truth: {
        name: person.name,
        sex: person.sex,
        ethnicity: person.ethnicity,
        'birth-date': person.birth,
        address: person.address,
        number: person.number,
      },
      body: [
        caption(120, 165, '姓名'),
        text(220, 165, 38, person.name),
        caption(120, 250, '性别'),
        text(220, 250, 34, person.sex),
        caption(330, 250, '民族'),
        text(420, 250, 34, person.ethnicity),
        caption(120, 335, '出生'),
        text(220, 335, 34, `${y}`),
        caption(310, 335, '年'),
        text(355, 335, 34, `${m}`),
        caption(405, 335, '月'),
        text(450, 335, 34, `${d}`),
        caption(500, 335, '日'),
        caption(120, 430, '住址'),
        text(220, 430, 34, address[0] ?? ''),
        text(220, 480, 34, address[1] ?? ''),
        portrait(860, 130),
        caption(120, 665, '公民身份号码'),
        text(360, 668, 46, person.number, 'OCR B, DejaVu Sans Mono', '#151515', 'letter-spacing="5"'),
      ].join('\n'),
    }
  },
  'cn-id-back': random => {
    const from = dayOf(random, 2008, 2024)
    const years = [5, 10, 20][Math.floor(random() * 3)] ?? 10
    const until = `${Number(from.slice(0, 4)) + years}${from.slice(4)}`
    const issuer = `${pick(random, ['青江', '云台', '白沙', '南岭'])}市公安局${pick(random, ['东湖', '西山', '长桥'])}分局`
    return {
      ground: '#eceff0',
      truth: { issuer, 'valid-from': from, 'valid-until': until },
      body: [
        text(430, 230, 58, '中华人民共和国', SONG),
        text(400, 330, 70, '居民身份证', HEI),
        text(300, 590, 32, '签发机关'),
        text(470, 590, 34, issuer),
        text(300, 665, 32, '有效期限'),
        text(470, 665, 34, `${from.replaceAll('-', '.')}-${until.replaceAll('-', '.')}`),
      ].join('\n'),
    }
  },
  'cn-licence': random => {
    const person = personOf(random)
    const first = dayOf(random, 2012, 2024)
    const until = `${Number(first.slice(0, 4)) + 10}${first.slice(4)}`
    const vehicle = pick(random, ['C1', 'C2', 'B2', 'A1'])
    return {
      ground: '#f1efe9',
      truth: {
        number: person.number,
        name: person.name,
        sex: person.sex,
        nationality: '中国',
        address: person.address,
        'birth-date': person.birth,
        'first-issue-date': first,
        'vehicle-class': vehicle,
        'valid-from': first,
        'valid-until': until,
      },
      body: [
        text(330, 135, 44, '中华人民共和国机动车驾驶证', SONG),
        text(250, 205, 30, '证号', SONG),
        text(360, 207, 42, person.number),
        text(110, 280, 28, '姓名', SONG),
        text(190, 280, 34, person.name),
        text(520, 280, 28, '性别', SONG),
        text(600, 280, 34, person.sex),
        text(800, 280, 28, '国籍', SONG),
        text(880, 280, 34, '中国'),
        text(110, 355, 28, '住址', SONG),
        text(190, 355, 32, person.address),
        portrait(110, 420, 0.72),
        text(400, 455, 28, '出生日期', SONG),
        text(620, 455, 34, person.birth),
        text(400, 530, 28, '初次领证日期', SONG),
        text(620, 530, 34, first),
        text(400, 605, 28, '准驾车型', SONG),
        text(620, 605, 34, vehicle),
        text(400, 680, 28, '有效期限', SONG),
        text(560, 680, 32, `${first} 至 ${until}`),
      ].join('\n'),
    }
  },
  mrz: random => {
    const letters = (count: number) => some(random, 'ABCDEFGHIJKLMNOPRSTUVWYZ', count)
    const number = `E${letters(1)}${some(random, '0123456789', 7)}`
    const birth = dayOf(random, 1955, 2003)
    const expiry = dayOf(random, 2027, 2034)
    const sex = pick(random, ['M', 'F'])
    const surname = pick(random, ['SPECIMEN', 'MUSTER', 'EXAMPLE'])
    const given = pick(random, ['ANNA MARIA', 'XIAO MING', 'JO', 'VALENTINA'])
    const six = (day: string) => day.replaceAll('-', '').slice(2)
    const checked = (part: string) => part + mrzCheckDigit(part)
    const top = `P<UTO${surname}<<${given.replaceAll(' ', '<')}`.padEnd(44, '<')
    const optional = checked(some(random, '0123456789', 6).padEnd(14, '<'))
    const data = `${checked(number)}UTO${checked(six(birth))}${sex}${checked(six(expiry))}${optional}`
    const bottom = data + mrzCheckDigit(data.slice(0, 10) + data.slice(13, 20) + data.slice(21, 43))
    return {
      ground: '#eef0ea',
      truth: {
        surname,
        'given-names': given,
        number,
        nationality: 'UTO',
        'birth-date': birth,
        sex,
        'valid-until': expiry,
        'issue-country': 'UTO',
      },
      body: [
        text(420, 140, 30, 'PASSPORT  UTOPIA', 'DejaVu Sans'),
        text(420, 230, 28, surname, 'DejaVu Sans'),
        text(420, 300, 28, given, 'DejaVu Sans'),
        portrait(100, 130),
        text(100, 610, 33, top, 'OCR B, DejaVu Sans Mono'),
        text(100, 680, 33, bottom, 'OCR B, DejaVu Sans Mono'),
      ].join('\n'),
    }
  },
  'bank-card': random => {
    const { begins, network, length } = pick(random, [
      { begins: '622202', network: 'UnionPay', length: 19 },
      { begins: '621700', network: 'UnionPay', length: 16 },
      { begins: '400000', network: 'Visa', length: 16 },
      { begins: '520000', network: 'Mastercard', length: 16 },
    ])
    const digits = withLuhn(begins + some(random, '0123456789', length - 7))
    const month = String(1 + Math.floor(random() * 12)).padStart(2, '0')
    const year = 27 + Math.floor(random() * 7)
    return {
      ground: '#24476e',
      truth: {
        number: `${digits.slice(0, 6)}${'*'.repeat(length - 10)}${digits.slice(-4)}`,
        'card-network': network,
        'valid-until': `20${year}-${month}`,
      },
      body: [
        text(120, 170, 50, '示例银行', HEI, '#f2f2f2'),
        text(120, 460, 62, digits.replace(/(.{4})(?=.)/g, '$1 '), 'OCR B, DejaVu Sans Mono', '#f4f4f0'),
        text(420, 560, 22, 'VALID THRU', 'DejaVu Sans', '#dfe4ea'),
        text(580, 565, 40, `${month}/${year}`, 'OCR B, DejaVu Sans Mono', '#f4f4f0'),
        text(120, 660, 38, 'SPECIMEN CARDHOLDER', 'DejaVu Sans', '#f4f4f0'),
      ].join('\n'),
    }
  },
}

/** A grey bust, so that a reader has to live with something that is no print. */
function portrait(x: number, y: number, scale = 1): string {
  return `<g transform="translate(${x} ${y}) scale(${scale})"><rect width="270" height="350" fill="#cfd6da"/><circle cx="135" cy="130" r="70" fill="#8d8177"/><path d="M20 350 q115 -210 230 0z" fill="#5f6b78"/></g>`
}

function personOf(random: Random) {
  const sex = pick(random, ['男', '女'])
  const birth = dayOf(random, 1950, 2004)
  const region = pick(random, ['110101', '310104', '440305', '510107', '330106'])
  const order = Math.floor(random() * 490) * 2 + (sex === '男' ? 1 : 0)
  const digits = region + birth.replaceAll('-', '') + String(order).padStart(3, '0')
  return {
    name: pick(random, ['王']) + pick(random, ['小明', '建国', '晓红', '丽华', '文杰', '芳']),
    sex,
    ethnicity: pick(random, ['汉', '回', '满', '壮']),
    birth,
    address: `${pick(random, ['北京市东城区', '上海市徐汇区', '深圳市南山区'])}${pick(random, ['和平', '建设', '新华'])}路${Math.floor(random() * 90) + 10}号院${Math.floor(random() * 8) + 1}号楼${Math.floor(random() * 800) + 101}室`,
    number: digits + idCheckCharacter(digits),
  }
}

function withLuhn(digits: string): string {
  let sum = 0
  for (let i = 0; i < digits.length; i += 1) {
    const value = Number(digits[digits.length - 1 - i])
    const twice = i % 2 === 0 ? value * 2 : value
    sum += twice > 9 ? twice - 9 : twice
  }
  return digits + String((10 - (sum % 10)) % 10)
}

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
const some = (random: Random, alphabet: string, count: number) =>
  Array.from({ length: count }, () => pick(random, [...alphabet])).join('')

/** A day of those years; never after the 28th, so that it exists in every year. */
function dayOf(random: Random, first: number, last: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const year = first + Math.floor(random() * (last - first + 1))
  return `${year}-${two(1 + Math.floor(random() * 12))}-${two(1 + Math.floor(random() * 28))}`
}
