import type { DocumentField } from '../../../signaling/protocol/reading.ts'
import type { DocumentPage } from './document-lines.ts'
import { type Mrz, mrzOf } from './mrz.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<'
/** Shorter lines are not of a machine readable zone (30 characters at least, a few lost). */
const SHORTEST = 22

/** Fillers, or what an engine makes of a row of them. */
const FILLERS = /<.*<|K{3,}|L{3,}|C{4,}/
/** The font's fillers are taken for letters at one size and read at another. */
const SIZES_PX = [34, 26, 20] as const

/** The machine readable zone of a passport or card: its lines are read again, for its alphabet only and in several sizes. */
export async function mrzFields(page: DocumentPage): Promise<DocumentField[]> {
  const long = page.lines.filter(line => lengthOf(line.parts.flatMap(part => part.lines)) >= SHORTEST)
  if (long.length < 2) return []
  // Of each line every reading so far; the zone is looked for in each set, and in the best of all sets.
  const readings = long.map(line => [textOf(line.parts.flatMap(part => part.lines))])
  // Upside down, or no zone at all: not worth a second look.
  if (!readings.some(([first]) => FILLERS.test(first?.text ?? ''))) return []
  let best = better(undefined, zoneOf(readings))
  for (const letterPx of SIZES_PX) {
    for (const only of [ALPHABET, '']) {
      if (best?.fields.every(field => field.check !== 'failed')) break
      for (const [at, line] of long.entries()) {
        const parts = []
        for (const part of line.parts) parts.push(await page.readOnly(part, only, letterPx))
        readings[at]?.push({
          text: parts.map(part => part.text).join(''),
          confidence: Math.min(...parts.map(part => part.confidence)),
        })
      }
      best = better(best, zoneOf(readings))
    }
  }
  return best?.fields.map(field => ({ ...field })) ?? []
}

type Read = { readonly text: string; readonly confidence: number }
type Zone = { readonly fields: DocumentField[]; readonly passed: number }

const textOf = (lines: readonly Read[]): Read => ({
  text: lines.map(line => line.text).join(''),
  confidence: Math.min(100, ...lines.map(line => line.confidence)),
})
const lengthOf = (lines: readonly Read[]) => textOf(lines).text.replace(/\s/g, '').length

/** Lines with check digits are chosen by them, the line of names by how sure the engine was of it. */
function zoneOf(readings: readonly (readonly Read[])[]): Zone | undefined {
  let best: Zone | undefined
  const named = readings.map(all => [...all].sort((a, b) => nameWorth(b) - nameWorth(a))[0]?.text ?? '')
  const most = Math.max(...readings.map(all => all.length))
  for (let i = 0; i < most; i += 1) {
    const set = readings.map(all => all[Math.min(i, all.length - 1)]?.text ?? '')
    // Names stand first in TD2 and TD3, last in TD1: each line is once the one of names.
    for (let at = -1; at < readings.length; at += 1) {
      const mrz: Mrz | undefined = mrzOf(set.map((text, line) => (line === at ? (named[line] ?? text) : text)))
      if (mrz === undefined) continue
      const confidence = Math.max(0, ...readings.flatMap(all => all.map(one => one.confidence)))
      best = better(best, {
        fields: mrz.fields.map(field => ({ ...field, confidence })),
        passed: mrz.fields.filter(field => field.check === 'passed').length + (at === -1 ? 0 : 0.1),
      })
    }
  }
  return best
}

/** Names are followed by nothing but fillers; the engine's certainty decides among readings that look alike. */
function nameWorth({ text, confidence }: Read): number {
  const fillers = text.match(/<+$/)?.[0].length ?? 0
  return confidence + Math.min(20, fillers) * 3 + (/^[A-Z]</.test(text) ? 20 : 0)
}

function better(a: Zone | undefined, b: Zone | undefined): Zone | undefined {
  return (b?.passed ?? -1) > (a?.passed ?? -1) ? b : a
}
