import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SealedManifest } from '../../signaling/protocol/archive.ts'
import { DERIVED_FOLDER, MANIFEST_FILE, syncFolder } from '../archive/durable-file.ts'
import { LocalFolder } from '../store/local-folder.ts'
import { encryptFile } from './encrypt-file.ts'
import { PlainCallFiles } from './plain-call-files.ts'
import { piecesOf } from './read-source.ts'
import { VAULT_SUFFIX } from './vault-format.ts'
import { markOf, type VaultFileRecord } from './vault-list.ts'
import { isKeptPlain } from './vault-names.ts'

/** Plain data: it goes to a child process. */
export type EncryptOrder = {
  readonly from: string
  readonly into: string
  readonly callId: string
  /** Base64. */
  readonly dataKey: string
}
export type EncryptedFolder = {
  readonly files: readonly VaultFileRecord[]
  readonly manifest: { readonly sha256: string; readonly sealedAt: string; readonly signature: string }
}

/** What lies there is not what was sealed; it stays as it is until a person has looked. */
export class NotAsSealed extends Error {
  override name = 'NotAsSealed'
}

/**
 * Writes the encrypted form of a sealed call's files into another folder, each synced. Every file must still be the one
 * that was sealed: encryption is no way to bury damage.
 * @throws NotAsSealed, or the file system's error
 */
export async function encryptFolder(order: EncryptOrder): Promise<EncryptedFolder> {
  const { callId } = order
  const dataKey = Buffer.from(order.dataKey, 'base64')
  const plain = new PlainCallFiles(order.from)
  const into = new LocalFolder(order.into)
  const manifestBytes = await plain.read(MANIFEST_FILE)
  const manifest = parseManifest(manifestBytes)
  if (manifest?.callId !== callId) throw new NotAsSealed('the manifest cannot be read or is of another call')
  const sealed = new Map(manifest.files.map(file => [file.path, file.sha256]))
  if ((await plain.strangers()).length > 0) throw new NotAsSealed('files were added after sealing')

  const files: VaultFileRecord[] = []
  for (const { path } of await plain.list()) {
    const derived = path.startsWith(`${DERIVED_FOLDER}/`)
    const source = await plain.open(path)
    if (isKeptPlain(path)) {
      await into.put(path, piecesOf(source))
      continue
    }
    const hash = createHash('sha256')
    const marks: Buffer[] = []
    const counted = async function* () {
      for await (const piece of piecesOf(source)) {
        hash.update(piece)
        yield piece
      }
    }
    const marked = async function* () {
      for await (const part of encryptFile(counted(), { callId, path, dataKey })) {
        marks.push(markOf(part))
        yield part
      }
    }
    const stored = await into.put(`${path}${VAULT_SUFFIX}`, marked())
    const sha256 = hash.digest('hex')
    if (derived) continue
    if (path !== MANIFEST_FILE && sealed.get(path) !== sha256) throw new NotAsSealed(`${path} is not the sealed file`)
    sealed.delete(path)
    files.push({
      path,
      bytes: source.bytes,
      storedBytes: stored.bytes,
      storedSha256: stored.sha256,
      marks: Buffer.concat(marks).toString('base64'),
    })
  }
  if (sealed.size > 0) throw new NotAsSealed('files are missing')
  await syncFolders(order.into)
  const { sealedAt, signature } = manifest.seal
  const sha256 = createHash('sha256').update(manifestBytes).digest('hex')
  return { files, manifest: { sha256, sealedAt, signature } }
}

function parseManifest(bytes: Buffer): SealedManifest | undefined {
  try {
    return SealedManifest.parse(JSON.parse(bytes.toString('utf8')))
  } catch {
    return undefined
  }
}

async function syncFolders(root: string): Promise<void> {
  const below = (await readdir(root, { recursive: true, withFileTypes: true })).filter(entry => entry.isDirectory())
  for (const entry of below) await syncFolder(join(entry.parentPath, entry.name))
  await syncFolder(root)
}
