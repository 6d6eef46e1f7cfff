import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { StoredFolder } from '../store/stored-folder.ts'
import type { ByteSource, SyncByteSource } from './byte-source.ts'
import { type CallFile, type CallFiles, NoSuchFile } from './call-files.ts'
import { encryptFile, type FileOfCall } from './encrypt-file.ts'
import { readAll, streamOf } from './read-source.ts'
import { assertDerivedPath, assertSafePath, isSafePath } from './safe-path.ts'
import { FIXED_HEAD_BYTES, layoutOf, VAULT_SUFFIX } from './vault-format.ts'
import { isKeptPlain, KEY_FILE, VAULT_FILE } from './vault-names.ts'
import { SyncVaultSource, VaultSource } from './vault-source.ts'

/** The files of an encrypted call as plain bytes, over whatever keeps its folder. */
export class VaultCallFiles implements CallFiles {
  readonly #stored: StoredFolder
  readonly #callId: CallId
  readonly #dataKey: Buffer

  constructor(o: { readonly stored: StoredFolder; readonly callId: CallId; readonly dataKey: Buffer }) {
    this.#stored = o.stored
    this.#callId = o.callId
    this.#dataKey = o.dataKey
  }

  async list(): Promise<readonly CallFile[]> {
    const files: CallFile[] = []
    for (const { name, bytes } of await this.#stored.list()) {
      const path = this.#pathOf(name)
      if (path === undefined) continue
      const headBytes = FIXED_HEAD_BYTES + Buffer.byteLength(this.#callId) + Buffer.byteLength(path)
      files.push({ path, bytes: name === path ? bytes : (layoutOf(bytes, headBytes)?.plainBytes ?? 0) })
    }
    return files.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  async strangers(): Promise<readonly string[]> {
    const names = (await this.#stored.list()).map(({ name }) => name)
    return names.filter(name => name !== VAULT_FILE && name !== KEY_FILE && this.#pathOf(name) === undefined)
  }

  async has(path: string): Promise<boolean> {
    return isSafePath(path) && this.#stored.has(storedName(path))
  }

  async open(path: string): Promise<ByteSource> {
    assertSafePath(path)
    const stored = await this.#stored.open(storedName(path))
    return isKeptPlain(path) ? stored : VaultSource.open(stored, this.#file(path))
  }

  async read(path: string): Promise<Buffer> {
    return readAll(await this.open(path))
  }

  async stream(path: string, range?: { from: number; to: number }): Promise<Readable> {
    return streamOf(await this.open(path), range)
  }

  openSync(path: string): SyncByteSource {
    assertSafePath(path)
    if (this.#stored.openSync === undefined) throw new Error('the bytes of this record are not on this machine')
    const stored = this.#stored.openSync(storedName(path))
    return isKeptPlain(path) ? stored : new SyncVaultSource(stored, this.#file(path))
  }

  async put(path: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    assertDerivedPath(path)
    if (isKeptPlain(path)) return this.#stored.put(path, pieces)
    const hash = createHash('sha256')
    let bytes = 0
    const counted = async function* () {
      for await (const piece of pieces) {
        hash.update(piece)
        bytes += piece.length
        yield piece
      }
    }
    await this.#stored.put(storedName(path), encryptFile(counted(), this.#file(path)))
    return { sha256: hash.digest('hex'), bytes }
  }

  async remove(path: string): Promise<void> {
    assertDerivedPath(path)
    await this.#stored.remove(storedName(path))
  }

  #file(path: string): FileOfCall {
    return { callId: this.#callId, path, dataKey: this.#dataKey }
  }

  #pathOf(name: string): string | undefined {
    if (isKeptPlain(name)) return name
    if (!name.endsWith(VAULT_SUFFIX)) return undefined
    const path = name.slice(0, -VAULT_SUFFIX.length)
    return isSafePath(path) && !isKeptPlain(path) ? path : undefined
  }
}

/** @throws NoSuchFile for names that mean something else in the vault */
function storedName(path: string): string {
  if (path === VAULT_FILE || path === KEY_FILE) throw new NoSuchFile('no such file in this record')
  return isKeptPlain(path) ? path : `${path}${VAULT_SUFFIX}`
}
