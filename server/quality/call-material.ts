import * as z from 'zod'
import { MANIFEST_FILE } from '../../recordings/archive/durable-file.ts'
import { readCallJournal } from '../../recordings/journal/read-call-journal.ts'
import { SPEECH_FORMAT, type SpeechOfCall } from '../../recordings/mux/speech.ts'
import type { CallFiles } from '../../recordings/vault/call-files.ts'
import { type ArchiveVerdict, SealedManifest } from '../../signaling/protocol/archive.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Transcript } from '../../signaling/protocol/quality.ts'
import { type RecordSpans, SPAN_KINDS } from '../../signaling/protocol/record-span.ts'

/** Everything a check looks at. What is undefined is not known, which is never the same as "nothing". */
export type CallMaterial = {
  readonly manifest: SealedManifest
  readonly entries: readonly JournalEntry[]
  readonly journalHead: string
  readonly spans: RecordSpans['spans'] | undefined
  readonly speech: SpeechOfCall | undefined
  readonly verdict: Pick<ArchiveVerdict, 'problems'> | undefined
  readonly transcript: Transcript | undefined
}

const MAX_DERIVATIVE_BYTES = 32 * 1024 * 1024
const ms = z.number().nonnegative()
const Speech = z.object({
  segments: z.array(z.tuple([ms, ms])),
  syllables: z.number().nonnegative(),
  levelDb: z
    .number()
    .optional()
    .transform(value => value as number | undefined),
})
const SpeechFile = z.object({ format: z.literal(SPEECH_FORMAT), durationMs: ms, caller: Speech, agent: Speech })
const SpansFile = z.object({
  format: z.literal('tongping-spans/1'),
  spans: z.array(
    z.object({
      kind: z.enum(SPAN_KINDS),
      track: z.enum(['caller-voice', 'agent-voice', 'caller-camera', 'agent-screen']).optional(),
      fromMs: z.number(),
      toMs: z.number(),
      by: z.string().optional(),
      packets: z.number().optional(),
    }),
  ),
})

/** @throws Error when manifest or journal cannot be read: then there is nothing to judge. */
export async function readMaterial(
  files: CallFiles,
  known: { readonly verdict: CallMaterial['verdict']; readonly transcript: Transcript | undefined },
): Promise<CallMaterial> {
  const manifest = SealedManifest.parse(JSON.parse((await files.read(MANIFEST_FILE)).toString('utf8')))
  const journal = await readCallJournal(files)
  return {
    manifest,
    entries: journal.entries,
    journalHead: journal.head,
    spans: (await readDerivative(files, 'derived/spans.json', SpansFile))?.spans as CallMaterial['spans'],
    speech: await readDerivative(files, 'derived/speech.json', SpeechFile),
    ...known,
  }
}

/** Undefined when it is missing, too long, or not as expected. */
export async function readDerivative<T>(files: CallFiles, path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const known = (await files.list()).find(file => file.path === path)
  if (!known || known.bytes > MAX_DERIVATIVE_BYTES) return undefined
  try {
    return schema.parse(JSON.parse((await files.read(path)).toString('utf8')))
  } catch {
    return undefined
  }
}
