import * as z from 'zod'
import { DERIVED_FOLDER, MANIFEST_FILE } from '../archive/durable-file.ts'
import type { CallFiles } from '../vault/call-files.ts'

export const DERIVED_FORMAT = 'tongping-derived/2'
export const DERIVED_MANIFEST = `${DERIVED_FOLDER}/${MANIFEST_FILE}`

const Size = z.object({ atMs: z.number(), widthPx: z.number().int(), heightPx: z.number().int() })

export const ReplayVideo = z.object({
  codec: z.enum(['VP8', 'H264']),
  startsAtMs: z.number(),
  frames: z.number().int(),
  droppedFrames: z.number().int(),
  /** Every size the camera sent, in order of appearance. */
  sizes: z.array(Size),
  /** A black picture made by the muxer stands from 0 to `startsAtMs`. */
  blackUntilStart: z.boolean(),
})
export type ReplayVideo = z.infer<typeof ReplayVideo>

export const DerivedFile = z.object({
  /** `derived/caller.ogg` */
  path: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  /** The evidence (or, for what was made on demand, the derivative) that it was made from. */
  from: z.array(z.string()),
})
export type DerivedFile = z.infer<typeof DerivedFile>

const Voice = z.object({ packets: z.number().int(), otherPackets: z.number().int() })

/** `derived/manifest.json`: what was made, from what, with which tools. The same originals and tools give the same hashes. */
export const DerivedManifest = z.object({
  format: z.literal(DERIVED_FORMAT),
  madeAt: z.iso.datetime(),
  callId: z.string().nullable(),
  /** Binds the derivatives to one sealed state of the originals; null when the call was not sealed. */
  sealSignature: z.string().nullable(),
  tools: z.object({ muxer: z.string(), ffmpeg: z.string() }),
  originals: z.array(z.object({ path: z.string(), sha256: z.string() })),
  replay: z.object({ file: z.string(), durationMs: z.number(), video: ReplayVideo.nullable() }),
  voice: z.object({ caller: Voice, agent: Voice }),
  files: z.array(DerivedFile),
  /** Made later for those who asked; gone when the replay changes. */
  onDemand: z.array(DerivedFile),
  remarks: z.array(z.string()),
})
export type DerivedManifest = z.infer<typeof DerivedManifest>

/** Undefined when nothing was made yet, or by another version. */
export async function readDerivedManifest(files: CallFiles): Promise<DerivedManifest | undefined> {
  if (!(await files.has(DERIVED_MANIFEST))) return undefined
  try {
    return DerivedManifest.parse(JSON.parse((await files.read(DERIVED_MANIFEST)).toString('utf8')))
  } catch {
    return undefined
  }
}

export async function writeDerivedManifest(files: CallFiles, manifest: DerivedManifest): Promise<void> {
  await files.put(DERIVED_MANIFEST, [Buffer.from(JSON.stringify(manifest, null, 2))])
}
