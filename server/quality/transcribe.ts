import { createHash } from 'node:crypto'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import {
  type ServiceUse,
  TRANSCRIPT_FORMAT,
  Transcript,
  type TranscriptSegment,
} from '../../signaling/protocol/quality.ts'
import { readDerivative } from './call-material.ts'
import { ServiceError } from './services/ask-service.ts'
import type { SpeechToText } from './services/speech-to-text.ts'

const NAME = /^derived\/transcript-(\d+)\.json$/

/** The newest transcript of a record and its path. */
export async function newestTranscript(
  files: CallFiles,
): Promise<{ path: string; number: number; transcript: Transcript } | undefined> {
  const numbers = (await files.list()).flatMap(({ path }) => NAME.exec(path)?.[1] ?? []).map(Number)
  for (const number of numbers.sort((a, b) => b - a)) {
    const path = `derived/transcript-${number}.json`
    const transcript = await readDerivative(files, path, Transcript)
    if (transcript) return { path, number, transcript }
  }
  return undefined
}

/** Has both lines heard and keeps what was heard. Never rejects for the service's sake: the answer says what failed. */
export async function transcribe(o: {
  readonly callId: CallId
  readonly files: CallFiles
  readonly service: SpeechToText
  readonly number: number
  readonly durationMs: number
  readonly signal: AbortSignal
}): Promise<{ use: ServiceUse; transcript: Transcript | undefined; path: string | undefined }> {
  const { choice } = o.service
  const asked = { host: new URL(choice.url).host, modelAsked: choice.model, at: new Date().toISOString() }
  try {
    const segments: TranscriptSegment[] = []
    const from: Transcript['from'] = []
    const requests: string[] = []
    let language: string | undefined
    let modelAnswered: string | undefined
    for (const party of ['caller', 'agent'] as const) {
      const path = `derived/${party}.ogg`
      if (!(await o.files.has(path))) continue
      const sound = await o.files.read(path)
      const heard = await o.service.hear(sound, party, o.durationMs, o.signal)
      segments.push(...heard.segments)
      from.push({ path, sha256: createHash('sha256').update(sound).digest('hex') })
      requests.push(heard.requestSha256)
      language ??= heard.language
      modelAnswered ??= heard.modelAnswered
    }
    if (from.length === 0) return { use: { state: 'nothing-to-ask' }, transcript: undefined, path: undefined }
    const use: ServiceUse = {
      ...asked,
      state: 'answered',
      requestSha256: requests.join(' '),
      ...(modelAnswered !== undefined && { modelAnswered }),
    }
    const transcript: Transcript = {
      ...{ format: TRANSCRIPT_FORMAT, callId: o.callId, run: o.number, service: use, from },
      ...(language !== undefined && { language }),
      segments: segments.sort((a, b) => a.fromMs - b.fromMs),
    }
    const path = `derived/transcript-${o.number}.json`
    await o.files.put(path, [Buffer.from(JSON.stringify(transcript, null, 2))])
    return { use, transcript, path }
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code === 'closed') throw error
    return { use: { ...asked, state: 'failed', failure: error.code }, transcript: undefined, path: undefined }
  }
}
