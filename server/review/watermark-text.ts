import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Watermark } from '../../signaling/protocol/review.ts'

/** Who sees what, and when: written over everything that is shown. Times in UTC, to be read anywhere. */
export function watermarkText(name: string, callId: CallId, at: Date = new Date()): Watermark {
  const lines = [name, `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`, callId]
  return { text: lines.join(' · '), lines }
}
