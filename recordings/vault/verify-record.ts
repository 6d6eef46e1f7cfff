import type { ArchiveProblem, ArchiveVerdict } from '../../signaling/protocol/archive.ts'
import { type VerifyOptions, verifyArchive } from '../seal/verify-archive.ts'
import type { StoredFolder } from '../store/stored-folder.ts'
import { PlainCallFiles } from './plain-call-files.ts'
import { readAll } from './read-source.ts'
import { VaultCallFiles } from './vault-call-files.ts'
import { parseVaultList } from './vault-list.ts'
import { VAULT_FILE } from './vault-names.ts'
import { verifyVault } from './verify-vault.ts'

/**
 * Everything that can be checked of a record, in the form it is kept in: the plain form; of an encrypted one its stored
 * bytes, and with the call's key what they decrypt to as well.
 */
export async function verifyRecord(
  stored: StoredFolder,
  options: VerifyOptions & { readonly dataKey?: Buffer } = {},
): Promise<ArchiveVerdict> {
  if (!(await isEncrypted(stored))) return verifyArchive(new PlainCallFiles(stored), options)
  const outer = await verifyVault(stored, options)
  const callId = await callIdOf(stored)
  if (options.dataKey === undefined || callId === undefined) return outer
  const inner = await verifyArchive(new VaultCallFiles({ stored, callId, dataKey: options.dataKey }), options)
  const problems = new Map<string, ArchiveProblem>()
  for (const problem of [...outer.problems, ...inner.problems]) problems.set(JSON.stringify(problem), problem)
  return { ...inner, intact: problems.size === 0, problems: [...problems.values()] }
}

/** True also for what is left of an encrypted record whose list was removed. */
async function isEncrypted(stored: StoredFolder): Promise<boolean> {
  if (await stored.has(VAULT_FILE)) return true
  return (await stored.has('manifest.json.tpv')) && !(await stored.has('manifest.json'))
}

async function callIdOf(stored: StoredFolder) {
  try {
    return parseVaultList((await readAll(await stored.open(VAULT_FILE))).toString('utf8'))?.callId
  } catch {
    return undefined
  }
}
