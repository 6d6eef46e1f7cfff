import type { ArchiveProblem, ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import { DERIVED_FOLDER } from '../archive/durable-file.ts'
import { checkSignature } from '../seal/check-signature.ts'
import { hashSource } from '../seal/hash-source.ts'
import type { VerifyOptions } from '../seal/verify-archive.ts'
import type { StoredFolder } from '../store/stored-folder.ts'
import { chunkFlaw } from './chunk-flaw.ts'
import { keyCheck, parseKeyRecord } from './key-record.ts'
import { readAll } from './read-source.ts'
import { VAULT_SUFFIX } from './vault-format.ts'
import { parseVaultList, signedVaultText, type VaultFileRecord, type VaultList } from './vault-list.ts'
import { KEY_FILE, VAULT_FILE } from './vault-names.ts'

/**
 * Checks the encrypted form of a call byte by byte, without any key. With `dataKey` it also says whether that is the key.
 * Never throws on bad content. Files are named as in the archive, without `.tpv`.
 */
export async function verifyVault(
  stored: StoredFolder,
  options: VerifyOptions & { readonly dataKey?: Buffer } = {},
): Promise<ArchiveVerdict> {
  const text = await textOf(stored, VAULT_FILE)
  const list = text === undefined ? undefined : parseVaultList(text)
  if (list === undefined)
    return verdict(undefined, [{ kind: text === undefined ? 'vault-missing' : 'vault-unreadable' }], 0)
  const problems: ArchiveProblem[] = checkSignature(list.seal, signedVaultText(list), options.trustedKeys).map(
    ({ kind }) => ({ kind: kind === 'signature-wrong' ? 'vault-signature-wrong' : kind }),
  )
  // A list that was altered accuses nobody.
  if (problems.some(({ kind }) => kind === 'vault-signature-wrong')) return verdict(list, problems, 0)
  if (options.callId !== undefined && options.callId !== list.callId)
    problems.push({ kind: 'call-swapped', file: VAULT_FILE, callId: list.callId })
  problems.push(...(await keyProblems(stored, list, options.dataKey)))

  const present = new Map((await stored.list()).map(({ name, bytes }) => [name, bytes]))
  present.delete(VAULT_FILE)
  present.delete(KEY_FILE)
  let bytesChecked = 0
  for (const record of list.files) {
    const bytes = present.get(`${record.path}${VAULT_SUFFIX}`)
    present.delete(`${record.path}${VAULT_SUFFIX}`)
    if (bytes === undefined) problems.push({ kind: 'file-missing', file: record.path })
    else problems.push(...(await fileProblems(stored, record, list)))
    bytesChecked += bytes ?? 0
  }
  for (const file of present.keys())
    if (!file.startsWith(`${DERIVED_FOLDER}/`)) problems.push({ kind: 'file-added', file })
  return verdict(list, problems, bytesChecked)
}

async function keyProblems(
  stored: StoredFolder,
  list: VaultList,
  dataKey: Buffer | undefined,
): Promise<ArchiveProblem[]> {
  const found: ArchiveProblem[] = []
  if (dataKey !== undefined && keyCheck(dataKey, list.callId) !== list.keyCheck) found.push({ kind: 'key-wrong' })
  const text = await textOf(stored, KEY_FILE)
  const record = text === undefined ? undefined : parseKeyRecord(text)
  if (text === undefined) found.push({ kind: 'key-missing' })
  else if (record === undefined) found.push({ kind: 'key-damaged' })
  else if (record.callId !== list.callId) found.push({ kind: 'call-swapped', file: KEY_FILE, callId: record.callId })
  return found
}

async function fileProblems(stored: StoredFolder, record: VaultFileRecord, list: VaultList): Promise<ArchiveProblem[]> {
  const file = record.path
  // Something of that name that is no plain file.
  const source = await stored.open(`${file}${VAULT_SUFFIX}`).catch(() => undefined)
  if (source === undefined) return [{ kind: 'file-changed', file }]
  try {
    if (source.bytes === record.storedBytes && (await hashSource(source)) === record.storedSha256) return []
    const kind = source.bytes === record.storedBytes ? 'file-changed' : 'file-size'
    return [{ kind, file }, ...(await chunkFlaw(source, record, list.callId))]
  } finally {
    await source.close()
  }
}

async function textOf(stored: StoredFolder, name: string): Promise<string | undefined> {
  try {
    return (await readAll(await stored.open(name))).toString('utf8')
  } catch {
    return undefined
  }
}

function verdict(
  list: VaultList | undefined,
  problems: readonly ArchiveProblem[],
  bytesChecked: number,
): ArchiveVerdict {
  return {
    intact: problems.length === 0,
    form: 'encrypted',
    callId: list?.callId,
    sealedAt: list?.manifest.sealedAt,
    keyId: list?.seal.keyId,
    filesChecked: list?.files.length ?? 0,
    bytesChecked,
    problems,
  }
}
