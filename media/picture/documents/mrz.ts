import type { DocumentField } from '../../../signaling/protocol/reading.ts'
import { mrzCheckDigit, realDay } from './check-digits.ts'
import { asDigits, asLetters, resolved } from './look-alikes.ts'

/** A machine readable zone by ICAO Doc 9303: passports (TD3), cards (TD1, TD2). */
export type Mrz = {
  readonly format: 'TD1' | 'TD2' | 'TD3'
  readonly fields: readonly Omit<DocumentField, 'confidence'>[]
}

const FORMATS = [
  { format: 'TD3', lines: 2, length: 44 },
  { format: 'TD2', lines: 2, length: 36 },
  { format: 'TD1', lines: 3, length: 30 },
] as const
/** How many fillers an engine may have added or lost. */
const SLACK = 4

/**
 * Finds and checks the zone among lines as they were read, top to bottom. Undefined when no lines have the form of one.
 * Look-alikes (O and 0, I and 1, …) are exchanged only where the position allows no other reading, or where exactly one
 * reading satisfies the check digit.
 * @param today decides the century of birth
 */
export function mrzOf(read: readonly string[], today = new Date()): Mrz | undefined {
  const lines = read.map(line =>
    line
      .toUpperCase()
      .replace(/[«‹]/g, '<')
      .replace(/[^A-Z0-9<]/g, ''),
  )
  let best: { mrz: Mrz; passed: number } | undefined
  for (const { format, lines: count, length } of FORMATS) {
    for (let first = 0; first + count <= lines.length; first += 1) {
      const zone = lines.slice(first, first + count)
      // Fillers behind the names come in any number; lines with check digits must be nearly whole.
      const names = format === 'TD1' ? 2 : 0
      if (!zone.every((line, at) => at === names || Math.abs(line.length - length) <= SLACK)) continue
      if ((zone[names]?.length ?? 0) < length / 2) continue
      const mrz = parsed(format, zone, length, today)
      if (!plausible(mrz)) continue
      const passed = mrz.fields.filter(field => field.check === 'passed').length
      if (best === undefined || passed > best.passed) best = { mrz, passed }
    }
  }
  return best?.mrz
}

/** One check digit in ten holds by chance: a zone has two that hold, states of three letters, and a known sex. */
function plausible({ fields }: Mrz): boolean {
  const of = (name: DocumentField['name']) => fields.find(field => field.name === name)
  const holding = (['number', 'birth-date', 'valid-until'] as const).filter(name => of(name)?.check === 'passed')
  const states = [of('nationality'), of('issue-country')].every(state => /^[A-Z]{1,3}$/.test(state?.value ?? ''))
  return holding.length >= 2 && states && /^[A-Z]/.test(of('document-type')?.value ?? '')
}

function parsed(format: Mrz['format'], zone: readonly string[], length: number, today: Date): Mrz {
  const [a = '', b = '', c = ''] = zone
  switch (format) {
    case 'TD3':
    case 'TD2': {
      const top = nameLine(a, length)
      const line = fitted(b, length, candidate => dataHolds(candidate, format))
      return {
        format,
        fields: fieldsOf(
          { type: top.slice(0, 2), country: top.slice(2, 5), names: top.slice(5), ...dataOf(line, format) },
          today,
        ),
      }
    }
    case 'TD1': {
      const first = fitted(a, length, line => mrzCheckDigit(line.slice(5, 14)) === digitOf(line[14]))
      const second = fitted(b, length, line => dated(asDigits(line.slice(0, 7))) && dated(asDigits(line.slice(8, 15))))
      const birth = asDigits(second.slice(0, 7))
      const expiry = asDigits(second.slice(8, 15))
      const wholeHolds = (candidate: string) =>
        mrzCheckDigit(candidate + digitOf(first[14]) + first.slice(15, 30) + birth + expiry + second.slice(18, 29)) ===
        digitOf(second[29])
      const number = numberOf(first.slice(5, 15), wholeHolds)
      return {
        format,
        fields: fieldsOf(
          {
            type: first.slice(0, 2),
            country: first.slice(2, 5),
            names: nameLine(c, length),
            number: number,
            numberCheck: digitOf(first[14]),
            nationality: second.slice(15, 18),
            birth,
            sex: second[7] ?? '<',
            expiry,
            optional: first.slice(15, 30) + second.slice(18, 29),
            optionalHolds: true,
            wholeHolds: wholeHolds(number),
          },
          today,
        ),
      }
    }
  }
}

type Data = {
  readonly number: string
  readonly numberCheck: string
  readonly nationality: string
  /** Six digits and their check digit. */
  readonly birth: string
  readonly sex: string
  readonly expiry: string
  readonly optional: string
  /** Its own check digit, where there is one. */
  readonly optionalHolds: boolean
  /**
   * The check digit over number, dates and optional data. It has no field of its own; where it fails, number and optional data
   * are told as failed, for one of them was misread and their own digits hold by chance one time in ten.
   */
  readonly wholeHolds: boolean
}

function dataOf(line: string, format: 'TD3' | 'TD2'): Data {
  const birth = asDigits(line.slice(13, 20))
  const expiry = asDigits(line.slice(21, 28))
  const optional = format === 'TD3' ? line.slice(28, 42) : line.slice(28, 35)
  const own = digitOf(line[42])
  const ownHolds = format === 'TD2' || mrzCheckDigit(optional) === own || (line[42] === '<' && /^<*$/.test(optional))
  const tail = format === 'TD3' ? optional + (line[42] === '<' ? '<' : own) : optional
  const wholeHolds = (candidate: string) =>
    mrzCheckDigit(candidate + digitOf(line[9]) + birth + expiry + tail) === digitOf(line[line.length - 1])
  const number = numberOf(line.slice(0, 10), wholeHolds)
  return {
    number,
    numberCheck: digitOf(line[9]),
    nationality: line.slice(10, 13),
    birth,
    sex: line[20] ?? '<',
    expiry,
    optional,
    optionalHolds: ownHolds,
    wholeHolds: wholeHolds(number),
  }
}

function dataHolds(line: string, format: 'TD3' | 'TD2'): boolean {
  const data = dataOf(line, format)
  return data.optionalHolds && data.wholeHolds && dated(data.birth)
}

function fieldsOf(data: Data & { type: string; country: string; names: string }, today: Date): Mrz['fields'] {
  const { surname, given } = namesOf(data.names)
  const plain = (text: string) => text.replace(/<+/g, ' ').trim()
  const verdict = (holds: boolean) => (holds ? 'passed' : 'failed')
  const field = (name: DocumentField['name'], value: string, check: DocumentField['check'] = 'none') => ({
    name,
    value,
    check,
  })
  return [
    field('document-type', plain(asLetters(data.type))),
    field('issue-country', plain(asLetters(data.country))),
    field('surname', surname),
    field('given-names', given),
    field('number', plain(data.number), verdict(mrzCheckDigit(data.number) === data.numberCheck && data.wholeHolds)),
    field('nationality', plain(asLetters(data.nationality))),
    field('birth-date', dayOf(data.birth, 'birth', today), verdict(dated(data.birth))),
    field('sex', /[MF]/.test(data.sex) ? data.sex : ''),
    field('valid-until', dayOf(data.expiry, 'expiry', today), verdict(dated(data.expiry))),
    field('optional-data', plain(data.optional), verdict(data.optionalHolds && data.wholeHolds)),
  ]
}

/** Nine characters of a document number as its check digit (the tenth) wants them, or as they were read. */
function numberOf(ten: string, zoneHolds: (number: string) => boolean): string {
  const number = ten.slice(0, 9)
  return resolved(number, one => mrzCheckDigit(one) === digitOf(ten[9]) && zoneHolds(one)) ?? number
}

const dated = (seven: string) => mrzCheckDigit(seven.slice(0, 6)) === seven[6]

const digitOf = (character: string | undefined) => asDigits(character ?? '')

/**
 * Fillers are lost and added at the end: a line of names is cut or filled up. Letters that the engine makes of fillers (K, L, C)
 * are taken for fillers where only those stand up to the end, and between fillers.
 */
function nameLine(line: string, length: number): string {
  const calm = line
    .replace(/[KLCES<]{6,}.{0,8}$/, tail => '<'.repeat(tail.length))
    .replace(/<[KLC]<[KLC](?=[A-Z])/, '<<')
    .replace(/<[KLC](?=<)/g, '<')
    .replace(/^([PIACV])[KLC](?=[A-Z]{3})/, '$1<')
  return calm.padEnd(length, '<').slice(0, length)
}

/** A line of data whose run of fillers is too long or too short: every run is tried, the one whose checks hold is taken. */
function fitted(line: string, length: number, holds: (line: string) => boolean): string {
  const missing = length - line.length
  if (missing === 0) return line
  for (const run of [...line.matchAll(/<+/g)].sort((a, b) => b[0].length - a[0].length)) {
    const size = run[0].length + missing
    if (size < 0) continue
    const candidate = line.slice(0, run.index) + '<'.repeat(size) + line.slice(run.index + run[0].length)
    if (holds(candidate)) return candidate
  }
  return line.padEnd(length, '<').slice(0, length)
}

function namesOf(text: string): { surname: string; given: string } {
  const [surname = '', given = ''] = asLetters(text).replace(/<+$/, '').split('<<')
  return { surname: surname.replaceAll('<', ' ').trim(), given: given.replaceAll('<', ' ').trim() }
}

/** yyyy-mm-dd; as printed where a part is unknown, which Doc 9303 allows for births. */
function dayOf(seven: string, what: 'birth' | 'expiry', today: Date): string {
  const [yy, mm, dd] = [seven.slice(0, 2), seven.slice(2, 4), seven.slice(4, 6)]
  const now = today.getUTCFullYear() % 100
  const century = what === 'birth' ? (Number(yy) > now ? 1900 : 2000) : Number(yy) > now + 50 ? 1900 : 2000
  return realDay(String(century + Number(yy)), mm, dd) ?? seven.slice(0, 6)
}
