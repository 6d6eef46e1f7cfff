import type { Language } from '../../signaling/protocol/call.ts'
import type { NetworkMeasure } from '../../signaling/protocol/phone.ts'
import type { WorkbenchWords } from '../shared/words/zh-CN/workbench.ts'

export type NetworkQuality = 'unknown' | 'good' | 'fair' | 'poor'

/** In one word, by the worst of what was measured: what a person calls the network on the other side. */
export function networkQuality(network: NetworkMeasure | undefined): NetworkQuality {
  if (!network) return 'unknown'
  const { kbps, lossPercent, roundTripMs } = network
  if (kbps === undefined && lossPercent === undefined && roundTripMs === undefined) return 'unknown'
  const at = (value: number | undefined, isBad: (value: number) => boolean) => value !== undefined && isBad(value)
  if (at(kbps, v => v < 200) || at(lossPercent, v => v >= 10) || at(roundTripMs, v => v >= 800)) return 'poor'
  if (at(kbps, v => v < 600) || at(lossPercent, v => v >= 3) || at(roundTripMs, v => v >= 300)) return 'fair'
  return 'good'
}

/** The figures that were measured, with their units, in one line. */
export function networkWords(network: NetworkMeasure, words: WorkbenchWords, language: Language): string {
  const number = (value: number) => new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(value)
  return [
    network.kbps === undefined ? [] : words.figures.up(number(network.kbps)),
    network.lossPercent === undefined ? [] : words.figures.loss(number(network.lossPercent)),
    network.roundTripMs === undefined ? [] : words.figures.roundTrip(number(network.roundTripMs)),
  ]
    .flat()
    .join(' · ')
}
