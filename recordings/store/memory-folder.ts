import { createHash } from 'node:crypto'
import { NoSuchFile } from '../vault/call-files.ts'
import { MemorySource } from '../vault/memory-source.ts'
import type { StoredFolder } from './stored-folder.ts'

/** A call's folder in memory: for campaigns that change it thousands of times. */
export class MemoryFolder implements StoredFolder {
  readonly files: Map<string, Buffer>
  constructor(files: Iterable<readonly [string, Buffer]> = []) {
    this.files = new Map(files)
  }

  async list() {
    const files = [...this.files].map(([name, bytes]) => ({ name, bytes: bytes.length }))
    return files.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async has(name: string): Promise<boolean> {
    return this.files.has(name)
  }

  async open(name: string): Promise<MemorySource> {
    return this.openSync(name)
  }

  openSync(name: string): MemorySource {
    const bytes = this.files.get(name)
    if (bytes === undefined) throw new NoSuchFile('no such file in this record')
    return new MemorySource(bytes)
  }

  async put(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    const parts: Uint8Array[] = []
    for await (const piece of pieces) parts.push(piece)
    const bytes = Buffer.concat(parts)
    this.files.set(name, bytes)
    return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name)
  }
}
