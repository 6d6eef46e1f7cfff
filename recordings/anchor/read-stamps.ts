import { createHash } from 'node:crypto'
import { MANIFEST_FILE } from '../archive/durable-file.ts'
import type { StoredFolder } from '../store/stored-folder.ts'
import type { CallFiles } from '../vault/call-files.ts'
import { PlainCallFiles } from '../vault/plain-call-files.ts'
import { readAll } from '../vault/read-source.ts'
import { parseVaultList } from '../vault/vault-list.ts'
import { VAULT_FILE } from '../vault/vault-names.ts'
import { TimestampError, type TimestampFault } from './timestamp-error.ts'
import { type Timestamp, verifyTimestamp } from './verify-timestamp.ts'

const STAMP = /^derived\/stamp\/manifest-\d+\.tsr$/

export type ReadStamp = { readonly file: string } & ({ readonly stamp: Timestamp } | { readonly fault: TimestampFault })

/** The time stamps of a record's seal, each checked against the bytes of its manifest. None: it was never stamped. */
export async function readStamps(files: CallFiles, authorities: readonly string[] = []): Promise<ReadStamp[]> {
  const names = (await files.list()).map(({ path }) => path).filter(path => STAMP.test(path))
  if (names.length === 0) return []
  const sha256 = createHash('sha256')
    .update(await files.read(MANIFEST_FILE))
    .digest('hex')
  return checked(names, name => files.read(name), sha256, authorities)
}

/**
 * The same from the form a record is kept in, without a key: stamps lie there plain, and the signed list of an encrypted
 * record names the SHA-256 of its manifest. Whoever asks has checked that list's signature.
 */
export async function readStoredStamps(
  stored: StoredFolder,
  authorities: readonly string[] = [],
): Promise<ReadStamp[]> {
  const names = (await stored.list()).map(({ name }) => name).filter(name => STAMP.test(name))
  if (names.length === 0) return []
  const read = async (name: string) => readAll(await stored.open(name))
  if (!(await stored.has(VAULT_FILE))) return readStamps(new PlainCallFiles(stored), authorities)
  const list = parseVaultList((await read(VAULT_FILE)).toString('utf8'))
  return list === undefined ? [] : checked(names, read, list.manifest.sha256, authorities)
}

async function checked(
  names: readonly string[],
  read: (name: string) => Promise<Buffer>,
  sha256: string,
  authorities: readonly string[],
): Promise<ReadStamp[]> {
  const found: ReadStamp[] = []
  for (const file of names) {
    try {
      found.push({ file, stamp: await verifyTimestamp({ response: await read(file), sha256, authorities }) })
    } catch (error) {
      if (!(error instanceof TimestampError)) throw error
      found.push({ file, fault: error.fault })
    }
  }
  return found
}
