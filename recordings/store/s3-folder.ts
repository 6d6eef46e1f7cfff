import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3'
import type { ByteSource } from '../vault/byte-source.ts'
import { NoSuchFile } from '../vault/call-files.ts'
import { assertSafePath, isSafePath } from '../vault/safe-path.ts'
import { S3Source } from './s3-source.ts'
import type { S3Store } from './s3-store.ts'
import { abandonUpload, upload } from './s3-upload.ts'
import { StoreRefused } from './store-errors.ts'
import type { StoredFile, StoredFolder } from './stored-folder.ts'

export type ObjectLock = {
  /** `compliance` holds against everybody, `governance` against all but those the store lets bypass it. */
  readonly mode: 'governance' | 'compliance'
  /** ISO 8601. */
  readonly until: string
}
/** What was taken away, and what a lock of the store still keeps. */
export type Removal = {
  readonly removed: number
  readonly locked: readonly { readonly name: string; readonly until: string | undefined }[]
}

/** A call's folder under a prefix of an S3-compatible store. */
export class S3Folder implements StoredFolder {
  readonly #store: S3Store
  readonly key: string

  /** @param key the whole prefix of this folder in the bucket, without a slash at its end */
  constructor(store: S3Store, key: string) {
    this.#store = store
    this.key = key
  }

  async list(): Promise<readonly StoredFile[]> {
    const found: StoredFile[] = []
    let from: string | undefined
    do {
      const page = await this.#store.ask(o =>
        this.#store.client.send(
          new ListObjectsV2Command({ ...this.#bucket, Prefix: `${this.key}/`, ContinuationToken: from }),
          o,
        ),
      )
      for (const { Key, Size } of page.Contents ?? [])
        if (Key !== undefined) found.push({ name: Key.slice(this.key.length + 1), bytes: Size ?? 0 })
      from = page.NextContinuationToken
    } while (from !== undefined)
    return found.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async has(name: string): Promise<boolean> {
    if (!isSafePath(name)) return false
    try {
      await this.#head(name)
      return true
    } catch (error) {
      if (error instanceof NoSuchFile) return false
      throw error
    }
  }

  async open(name: string): Promise<ByteSource> {
    assertSafePath(name)
    const { ContentLength = 0, ETag = '' } = await this.#head(name)
    return new S3Source({ store: this.#store, key: this.#at(name), bytes: ContentLength, etag: ETag })
  }

  async put(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    assertSafePath(name)
    return upload(this.#store, this.#at(name), pieces)
  }

  async remove(name: string): Promise<void> {
    assertSafePath(name)
    await this.#store.ask(o =>
      this.#store.client.send(new DeleteObjectCommand({ ...this.#bucket, Key: this.#at(name) }), o),
    )
  }

  /** Locks the newest version of a file; done after it was read back, so that no damaged copy is ever locked. */
  async lock(name: string, lock: ObjectLock): Promise<void> {
    await this.#store.ask(o =>
      this.#store.client.send(
        new PutObjectRetentionCommand({
          ...this.#bucket,
          Key: this.#at(name),
          ChecksumAlgorithm: 'SHA256',
          Retention: {
            Mode: lock.mode === 'compliance' ? 'COMPLIANCE' : 'GOVERNANCE',
            RetainUntilDate: new Date(lock.until),
          },
        }),
        o,
      ),
    )
  }

  /** Until when the newest version is locked. */
  async lockedUntil(name: string): Promise<string | undefined> {
    return (await this.#head(name)).ObjectLockRetainUntilDate?.toISOString()
  }

  /** Every version of every file goes, and what uploads in parts have left; what is locked stays and is named. */
  async removeEverything(): Promise<Removal> {
    let removed = 0
    const locked: { name: string; until: string | undefined }[] = []
    await abandonUpload(this.#store, `${this.key}/`)
    for (const { key, versionId } of await this.#versions()) {
      try {
        await this.#store.ask(o =>
          this.#store.client.send(
            new DeleteObjectCommand({ ...this.#bucket, Key: key, ...(versionId && { VersionId: versionId }) }),
            o,
          ),
        )
        removed++
      } catch (error) {
        if (!(error instanceof StoreRefused) || error.code !== 'AccessDenied') throw error
        const until = await this.#untilOf(key, versionId).catch(() => undefined)
        // Without a lock this is a right the store's user lacks, which must not pass for a lock.
        if (until === undefined) throw error
        locked.push({ name: key.slice(this.key.length + 1), until })
      }
    }
    return { removed, locked }
  }

  async #versions(): Promise<{ key: string; versionId: string | undefined }[]> {
    const found: { key: string; versionId: string | undefined }[] = []
    let at: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {}
    while (at !== undefined) {
      const markers: object = at
      const page = await this.#store.ask(o =>
        this.#store.client.send(
          new ListObjectVersionsCommand({ ...this.#bucket, Prefix: `${this.key}/`, ...markers }),
          o,
        ),
      )
      for (const { Key, VersionId } of [...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])])
        if (Key !== undefined) found.push({ key: Key, versionId: VersionId })
      at = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined
    }
    return found
  }

  async #untilOf(key: string, versionId: string | undefined): Promise<string | undefined> {
    const head = await this.#store.ask(o =>
      this.#store.client.send(new HeadObjectCommand({ ...this.#bucket, Key: key, VersionId: versionId }), o),
    )
    return head.ObjectLockRetainUntilDate?.toISOString()
  }

  #head(name: string) {
    return this.#store.ask(o =>
      this.#store.client.send(new HeadObjectCommand({ ...this.#bucket, Key: this.#at(name) }), o),
    )
  }

  get #bucket() {
    return { Bucket: this.#store.bucket }
  }

  #at(name: string): string {
    return `${this.key}/${name}`
  }
}
