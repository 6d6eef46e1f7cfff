import { createHash } from 'node:crypto'
import { type Readable, Transform } from 'node:stream'
import { ZipFile } from 'yazl'

export type PackageFile = { readonly path: string; readonly bytes: number; readonly sha256: string }
export type Addition = {
  readonly path: string
  /** Length, when it is known; without it a file may not be larger than 4 GiB. */
  readonly bytes?: number
  /** Media and pictures are packed already. */
  readonly compress?: boolean
}

/**
 * A ZIP file that is written as it is read: whatever its size, a few pieces of it are in memory. Files larger than 4 GiB
 * and more than 65,535 of them are fine (ZIP64). Whoever adds files must read `output` meanwhile.
 */
export class PackageZip {
  readonly #zip = new ZipFile()
  readonly #files: PackageFile[] = []
  readonly #mtime: Date
  readonly #failed: Promise<never>
  readonly output: Readable

  constructor(at: Date) {
    this.#mtime = at
    this.output = this.#zip.outputStream as Readable
    this.#failed = new Promise((_, reject) => {
      this.#zip.on('error', error => {
        reject(error)
        this.output.destroy(error)
      })
    })
    this.#failed.catch(() => undefined)
  }

  /** What was added, in order, with the hashes of the plain bytes. */
  get files(): readonly PackageFile[] {
    return this.#files
  }

  /** Resolves when the file has gone through. @throws whatever reading it throws; Error for a path twice or outside. */
  async add(file: Addition, open: () => Promise<Readable> | Readable): Promise<PackageFile> {
    if (this.#files.some(one => one.path === file.path)) throw new Error('this path is taken')
    const hash = createHash('sha256')
    let bytes = 0
    const added = new Promise<void>((resolve, reject) => {
      const options = {
        mtime: this.#mtime,
        compress: file.compress ?? false,
        ...(file.bytes !== undefined && { size: file.bytes }),
      }
      this.#zip.addReadStreamLazy(file.path, options, ready => {
        Promise.resolve(open()).then(
          source => {
            const counted = new Transform({
              transform(piece: Buffer, _, done) {
                hash.update(piece)
                bytes += piece.length
                done(null, piece)
              },
              flush(done) {
                resolve()
                done()
              },
            })
            source.once('error', error => {
              reject(error)
              counted.destroy(error)
            })
            ready(null, source.pipe(counted))
          },
          (error: unknown) => {
            reject(error)
            ready(error, undefined as never)
          },
        )
      })
    })
    added.catch(() => undefined)
    await Promise.race([added, this.#failed])
    const record = { path: file.path, bytes, sha256: hash.digest('hex') }
    this.#files.push(record)
    return record
  }

  /** Nothing comes after this; `output` ends. */
  end(): void {
    this.#zip.end()
  }
}
