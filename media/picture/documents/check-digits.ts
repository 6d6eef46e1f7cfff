const MOD_11_2 = '10X98765432'

/** Check character of 17 digits by ISO 7064 MOD 11-2, as GB 11643 uses it: 0 to 9 or X. */
export function idCheckCharacter(digits17: string): string {
  let sum = 0
  for (let i = 0; i < 17; i += 1) sum += (2 ** (17 - i) % 11) * Number(digits17[i])
  return MOD_11_2[sum % 11] ?? ''
}

/** Provinces of GB/T 2260, and 83 for residents from Taiwan. The four digits behind are not looked up: codes of dissolved counties stay valid. */
const PROVINCES = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91'.split(
    ' ',
  ),
)

/** What is wrong with a resident identity number, or undefined when everything that can be checked holds. */
export function idNumberTrouble(number: string, today = new Date()): 'form' | 'region' | 'date' | 'check' | undefined {
  if (!/^\d{17}[\dX]$/.test(number)) return 'form'
  if (!PROVINCES.has(number.slice(0, 2)) || number.slice(2, 6) === '0000') return 'region'
  const birth = idBirthDate(number)
  if (birth === undefined || birth < '1880' || birth > isoDay(today)) return 'date'
  return idCheckCharacter(number.slice(0, 17)) === number[17] ? undefined : 'check'
}

/** The birth date inside an identity number, yyyy-mm-dd; undefined when there is no such day. */
export function idBirthDate(number: string): string | undefined {
  return realDay(number.slice(6, 10), number.slice(10, 12), number.slice(12, 14))
}

/** yyyy-mm-dd of a day that exists, however its parts were written. */
export function realDay(year: string, month: string, day: string): string | undefined {
  const [y, m, d] = [Number(year), Number(month), Number(day)]
  const date = new Date(Date.UTC(y, m - 1, d))
  return y > 0 && date.getUTCFullYear() === y && date.getUTCMonth() === m - 1 && date.getUTCDate() === d
    ? isoDay(date)
    : undefined
}

const isoDay = (date: Date) => date.toISOString().slice(0, 10)

/** Check digit of ICAO Doc 9303 part 3, section 4.9: weights 7, 3, 1; A is 10, Z is 35, < is 0. */
export function mrzCheckDigit(text: string): string {
  const values = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  let sum = 0
  for (let i = 0; i < text.length; i += 1) sum += Math.max(0, values.indexOf(text[i] ?? '<')) * [7, 3, 1][i % 3]!
  return String(sum % 10)
}

/** Whether the last digit is the Luhn check digit (ISO/IEC 7812-1 annex B) of those before it. */
export function luhnHolds(digits: string): boolean {
  if (!/^\d{2,}$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < digits.length; i += 1) {
    const value = Number(digits[digits.length - 1 - i])
    const twice = i % 2 === 1 ? value * 2 : value
    sum += twice > 9 ? twice - 9 : twice
  }
  return sum % 10 === 0
}
