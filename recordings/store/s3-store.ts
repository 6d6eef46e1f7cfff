import {
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { NoSuchFile } from '../vault/call-files.ts'
import { S3Folder } from './s3-folder.ts'
import { asStoreError, StoreRefused } from './store-errors.ts'
import type { UploadMemory } from './upload-memory.ts'

export type S3Settings = {
  /** `https://s3.example.com`, without bucket: the bucket goes into the path, which every store understands. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Before every key, without slashes at its ends; may be empty. */
  readonly prefix: string
  /** Certificates (PEM) that are trusted besides the system's, for a store with a certificate of its own. */
  readonly caPem?: string | undefined
  /** One request with its body. Default 60 s. */
  readonly requestTimeoutMs?: number
  /** Tries of one request, with growing pauses between them. Default 4. */
  readonly attempts?: number
  /** Files longer than this go up in parts of this size. S3 wants at least 5 MiB. */
  readonly partBytes?: number
}

export type StoreAbilities = {
  /** Versions can be locked against deletion. */
  readonly objectLock: boolean
  readonly versioning: boolean
}

/** A person waits for the answer. */
const LOOK_MS = 5000

/** A bucket of an S3-compatible store; the only place with its door `S3Folder` that knows the protocol's client. */
export class S3Store {
  readonly bucket: string
  readonly client: S3Client
  readonly requestTimeoutMs: number
  readonly attempts: number
  readonly partBytes: number
  readonly memory: UploadMemory
  readonly #prefix: string
  readonly #closed = new AbortController()
  #abilities: StoreAbilities | undefined

  /** @param memory where uploads that are under way are remembered across a crash */
  constructor(settings: S3Settings, memory: UploadMemory) {
    this.bucket = settings.bucket
    this.#prefix = settings.prefix
    this.requestTimeoutMs = settings.requestTimeoutMs ?? 60_000
    this.attempts = settings.attempts ?? 4
    this.partBytes = settings.partBytes ?? 8 * 1024 * 1024
    this.memory = memory
    this.client = new S3Client({
      endpoint: settings.endpoint,
      region: settings.region,
      credentials: { accessKeyId: settings.accessKeyId, secretAccessKey: settings.secretAccessKey },
      forcePathStyle: true,
      maxAttempts: this.attempts,
      // We send SHA-256 ourselves; trailers with CRC32 are not understood by every store.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: Math.min(10_000, this.requestTimeoutMs),
        requestTimeout: this.requestTimeoutMs,
        throwOnRequestTimeout: true,
        httpAgent: { keepAlive: true, maxSockets: 8 },
        httpsAgent: { keepAlive: true, maxSockets: 8, ...(settings.caPem !== undefined && { ca: settings.caPem }) },
      },
    })
  }

  /** A call's folder; `key` is its place below the prefix. */
  folder(key: string): S3Folder {
    return new S3Folder(this, this.#prefix === '' ? key : `${this.#prefix}/${key}`)
  }

  /** One request with its time limit, its error one of ours. @throws StoreUnavailable, StoreRefused, NoSuchFile */
  async ask<T>(run: (o: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    const abortSignal = AbortSignal.any([
      this.#closed.signal,
      AbortSignal.timeout(this.requestTimeoutMs * this.attempts),
    ])
    try {
      return await run({ abortSignal })
    } catch (error) {
      throw asStoreError(error)
    }
  }

  /** Whether it serves now, within five seconds, and what it can do. @throws StoreUnavailable, StoreRefused */
  async look(): Promise<StoreAbilities> {
    const abortSignal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(LOOK_MS)])
    await this.#head({ abortSignal })
    return this.abilities()
  }

  /** What the bucket can do, asked once. @throws StoreUnavailable, StoreRefused */
  async abilities(): Promise<StoreAbilities> {
    if (this.#abilities) return this.#abilities
    const bucket = { Bucket: this.bucket }
    await this.ask(o => this.#head(o))
    const versioning = await this.ask(o => this.client.send(new GetBucketVersioningCommand(bucket), o)).then(
      answer => answer.Status === 'Enabled',
      notThere,
    )
    const objectLock = await this.ask(o => this.client.send(new GetObjectLockConfigurationCommand(bucket), o)).then(
      answer => answer.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled',
      notThere,
    )
    this.#abilities = { objectLock, versioning }
    return this.#abilities
  }

  async #head(o: { abortSignal: AbortSignal }): Promise<void> {
    try {
      await this.client.send(new HeadBucketCommand({ Bucket: this.bucket }), o)
    } catch (cause) {
      const error = asStoreError(cause)
      throw error instanceof NoSuchFile ? new StoreRefused('NoSuchBucket', { cause }) : error
    }
  }

  /** Requests under way break off. */
  close(): void {
    this.#closed.abort()
    this.client.destroy()
  }
}

/** A store without the ability says so by refusing the question. */
function notThere(error: unknown): false {
  if (error instanceof StoreRefused) return false
  throw error
}
