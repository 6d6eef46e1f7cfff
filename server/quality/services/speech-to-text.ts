import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { TranscriptSegment } from '../../../signaling/protocol/quality.ts'
import type { ServiceChoice } from '../../config/service-choice.ts'
import { askService, ServiceError, type ServiceLimits } from './ask-service.ts'

/** What such services take at most. */
const MAX_SOUND_BYTES = 25 * 1024 * 1024
const Answer = z.object({
  language: z.string().max(40).optional(),
  model: z.string().max(200).optional(),
  segments: z
    .array(z.object({ start: z.number().nonnegative(), end: z.number().nonnegative(), text: z.string().max(4000) }))
    .max(20_000),
})

export type Heard = {
  readonly segments: readonly TranscriptSegment[]
  readonly language: string | undefined
  readonly modelAnswered: string | undefined
  readonly requestSha256: string
}

/** `POST <url>/audio/transcriptions`, as OpenAI and its compatible servers (faster-whisper, vLLM, …) take it. */
export class SpeechToText {
  readonly choice: ServiceChoice
  readonly #limits: Partial<ServiceLimits> | undefined
  constructor(choice: ServiceChoice, limits?: Partial<ServiceLimits>) {
    this.choice = choice
    this.#limits = limits
  }

  /** The sound of one party, which is as long as the call. @throws ServiceError */
  async hear(sound: Buffer, party: 'caller' | 'agent', durationMs: number, signal: AbortSignal): Promise<Heard> {
    if (sound.length > MAX_SOUND_BYTES) throw new ServiceError('too-long')
    const { url, token, model } = this.choice
    const form = () => {
      const data = new FormData()
      data.set('file', new Blob([Uint8Array.from(sound)], { type: 'audio/ogg' }), `${party}.ogg`)
      data.set('model', model)
      data.set('response_format', 'verbose_json')
      data.set('timestamp_granularities[]', 'segment')
      data.set('temperature', '0')
      return data
    }
    const answer = Answer.safeParse(
      await askService(`${url}/audio/transcriptions`, form, undefined, {
        ...{ token, signal },
        ...(this.#limits && { limits: this.#limits }),
      }),
    )
    if (!answer.success) throw new ServiceError('not-as-expected')
    const segments = answer.data.segments.map(({ start, end, text }) => ({
      party,
      fromMs: Math.min(durationMs, Math.round(start * 1000)),
      toMs: Math.min(durationMs, Math.round(Math.max(start, end) * 1000)),
      text: text.trim(),
    }))
    return {
      segments: segments.filter(one => one.text !== ''),
      language: answer.data.language,
      modelAnswered: answer.data.model,
      requestSha256: createHash('sha256').update(model).update('\0').update(sound).digest('hex'),
    }
  }
}
