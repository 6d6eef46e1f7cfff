import { idNumberTrouble, luhnHolds } from '../../media/picture/documents/check-digits.ts'
import type { SensitiveKind } from '../../signaling/protocol/quality-kinds.ts'

export type SensitivePlace = {
  readonly kind: SensitiveKind
  /** Characters of the text as it was given, from and to (exclusive). */
  readonly from: number
  readonly to: number
  /** Some of its digits were written as words. */
  readonly spoken: boolean
}

const ENGLISH: Readonly<Record<string, string>> = {
  zero: '0',
  oh: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
}
const REPEATS: Readonly<Record<string, number>> = { double: 2, triple: 3 }
/** 幺 is how a one is said on the telephone. */
const CHINESE: Readonly<Record<string, string>> = {
  〇: '0',
  零: '0',
  一: '1',
  幺: '1',
  二: '2',
  两: '2',
  三: '3',
  四: '4',
  五: '5',
  六: '6',
  七: '7',
  八: '8',
  九: '9',
}
const TOKEN =
  /(?<word>\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b)|(?<repeat>\b(?:double|triple)\b)|(?<zh>[〇零一幺二两三四五六七八九])|(?<digit>[0-9０-９])|(?<x>[xX](?![a-zA-Z]))|(?<gap>[\s,，、.。\-‐-―·]{1,3})|(?<plus>\+)/giu
const EMAIL =
  /[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9])?@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9-]{1,62}){1,6}/giu

type Sign = { readonly char: string; readonly from: number; readonly to: number; readonly spoken: boolean }

/**
 * Identity numbers, bank cards, telephone numbers and mail addresses in a text, however the digits are grouped or said.
 * Only kinds and places come out. What check digits cannot tell apart is told by length and beginning.
 */
export function findSensitive(text: string): SensitivePlace[] {
  const found: SensitivePlace[] = []
  for (const run of digitRuns(text)) found.push(...numbersIn(run))
  for (const match of text.matchAll(EMAIL))
    found.push({ kind: 'email', from: match.index, to: match.index + match[0].length, spoken: false })
  return found.sort((a, b) => a.from - b.from)
}

/** The same text with what is sensitive made unreadable, letter for letter, so that places stay where they are. */
export function maskSensitive(text: string): string {
  let masked = text
  for (const { from, to } of findSensitive(text))
    masked = masked.slice(0, from) + '*'.repeat(to - from) + masked.slice(to)
  return masked
}

function digitRuns(text: string): Sign[][] {
  const runs: Sign[][] = []
  let run: Sign[] = []
  let end = 0
  let times = 1
  const close = () => {
    if (run.length >= 7) runs.push(run)
    run = []
    times = 1
  }
  for (const match of text.matchAll(TOKEN)) {
    const [from, to] = [match.index, match.index + match[0].length]
    if (from !== end) close()
    end = to
    const { word, repeat, zh, digit, x } = match.groups ?? {}
    if (repeat !== undefined) times = REPEATS[repeat.toLowerCase()] ?? 1
    const char =
      word !== undefined
        ? ENGLISH[word.toLowerCase()]
        : zh !== undefined
          ? CHINESE[zh]
          : digit !== undefined
            ? digit.normalize('NFKC')
            : x !== undefined && run.length >= 17
              ? 'X'
              : undefined
    if (char === undefined) {
      if (x !== undefined) close()
      continue
    }
    for (let n = 0; n < times; n++) run.push({ char, from, to, spoken: word !== undefined || zh !== undefined })
    times = 1
  }
  close()
  return runs
}

/** Numbers inside one run: two may be said one after the other. Longest first, then onwards behind it. */
function numbersIn(run: readonly Sign[]): SensitivePlace[] {
  const chars = run.map(sign => sign.char).join('')
  const found: SensitivePlace[] = []
  for (let at = 0; at < chars.length; ) {
    const hit = numberAt(chars, at)
    if (!hit) {
      at++
      continue
    }
    const signs = run.slice(at, at + hit.length)
    found.push({
      kind: hit.kind,
      from: signs[0]?.from ?? 0,
      to: signs.at(-1)?.to ?? 0,
      spoken: signs.some(sign => sign.spoken),
    })
    at += hit.length
  }
  return found
}

function numberAt(chars: string, at: number): { kind: SensitiveKind; length: number } | undefined {
  const rest = chars.slice(at)
  if (idNumberTrouble(rest.slice(0, 18)) === undefined) return { kind: 'identity-number', length: 18 }
  // A card stands for itself: inside of a longer row of digits every tenth stretch passes the check by chance.
  if (at === 0 && /^[3-6]\d{12,18}$/.test(rest) && luhnHolds(rest)) return { kind: 'bank-card', length: rest.length }
  for (const length of [19, 16]) {
    const part = rest.slice(0, length)
    if (/^(?:62|4|5[1-5])\d+$/.test(part) && part.length === length && luhnHolds(part))
      return { kind: 'bank-card', length }
  }
  const mobile = /^(?:86)?1[3-9]\d{9}(?!\d)/.exec(rest) ?? /^1[3-9]\d{9}(?=1[3-9]\d{9}(?!\d))/.exec(rest)
  if (mobile && (at === 0 || chars.length - at === mobile[0].length))
    return { kind: 'phone-number', length: mobile[0].length }
  // A fixed line with its area code, or an international number of the North American form said as one.
  if (at === 0 && /^0(?:10|2\d|[3-9]\d{2})\d{7,8}$/.test(rest)) return { kind: 'phone-number', length: rest.length }
  if (at === 0 && /^1?[2-9]\d{2}[2-9]\d{6}$/.test(rest) && rest.length === chars.length)
    return { kind: 'phone-number', length: rest.length }
  return undefined
}
