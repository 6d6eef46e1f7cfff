import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { CallId } from '../../signaling/protocol/ids.ts'
import { writeDurably } from '../archive/durable-file.ts'

/** What a move to the cold store left there, each file as its stored bytes were hashed. */
export const TierRecord = z.object({
  format: z.literal('tongping-tier/1'),
  callId: CallId,
  /** Endpoint and bucket, so that a record is never looked for in another store. */
  store: z.string(),
  /** Below the store's prefix. */
  storeKey: z.string(),
  movedAt: z.iso.datetime(),
  files: z.array(z.object({ name: z.string(), bytes: z.number().int(), sha256: z.string() })),
  /** Undefined where no lock was set. */
  lockedUntil: z.iso.datetime().optional(),
  /** The call is being destroyed, or was: what the store still keeps of it must go, and is never to be read again. */
  erasedAt: z.iso.datetime().optional(),
})
export type TierRecord = z.infer<typeof TierRecord>

/**
 * The records of what lies in the cold store: one file a call, apart from the calls' folders, so that a folder holds
 * nothing but evidence. The database's table is an index over them.
 */
export class TierRecords {
  readonly #folder: string
  constructor(folder: string) {
    this.#folder = folder
  }

  /** @throws Error for a file that cannot be understood: whoever goes on without it could lose a call */
  async load(callId: CallId): Promise<TierRecord | undefined> {
    const text = await readFile(this.#file(callId), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    return text === undefined ? undefined : TierRecord.parse(JSON.parse(text))
  }

  async save(record: TierRecord): Promise<void> {
    const file = this.#file(record.callId)
    await mkdir(dirname(file), { recursive: true, mode: 0o750 })
    await writeDurably(file, Buffer.from(`${JSON.stringify(record)}\n`))
  }

  async drop(callId: CallId): Promise<void> {
    await rm(this.#file(callId), { force: true })
  }

  async all(): Promise<readonly CallId[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    return names.flatMap(name => CallId.safeParse(name.replace(/\.json$/, '')).data ?? [])
  }

  #file(callId: CallId): string {
    return join(this.#folder, `${callId}.json`)
  }
}
