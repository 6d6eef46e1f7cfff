import { createHash } from 'node:crypto'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { writeDurably } from '../archive/durable-file.ts'

const UploadUnderWay = z.object({
  bucket: z.string(),
  key: z.string(),
  uploadId: z.string(),
  partBytes: z.number().int(),
  parts: z.array(z.object({ sha256: z.string(), etag: z.string() })),
})
/** An upload in parts that has begun; `parts` are those the store has confirmed, in order. */
export type UploadUnderWay = z.infer<typeof UploadUnderWay>

/** Remembers uploads in parts across a crash, so that they go on where they stopped: one small file each. */
export class UploadMemory {
  readonly #folder: string
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Undefined as well when the note cannot be read: the upload then begins anew. */
  async load(bucket: string, key: string): Promise<UploadUnderWay | undefined> {
    try {
      const found = UploadUnderWay.parse(JSON.parse(await readFile(this.#file(bucket, key), 'utf8')))
      return found.bucket === bucket && found.key === key ? found : undefined
    } catch {
      return undefined
    }
  }

  async save(upload: UploadUnderWay): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o750 })
    await writeDurably(this.#file(upload.bucket, upload.key), Buffer.from(JSON.stringify(upload)))
  }

  async drop(bucket: string, key: string): Promise<void> {
    await rm(this.#file(bucket, key), { force: true })
  }

  #file(bucket: string, key: string): string {
    return join(this.#folder, `${createHash('sha256').update(`${bucket}\0${key}`).digest('hex')}.json`)
  }
}
