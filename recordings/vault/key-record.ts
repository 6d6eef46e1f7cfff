import { createHash, createHmac } from 'node:crypto'
import * as z from 'zod'
import { CallId } from '../../signaling/protocol/ids.ts'
import { canonicalJson } from '../seal/canonical-json.ts'
import type { StoredFolder } from '../store/stored-folder.ts'
import { NoSuchFile } from './call-files.ts'
import { VaultKeyError } from './key-wrapper.ts'
import { readAll } from './read-source.ts'
import { KEY_FILE } from './vault-names.ts'

export const KEY_FORMAT = 'tongping-key/1'

const Unchecked = z.object({
  format: z.literal(KEY_FORMAT),
  callId: CallId,
  masterKeyId: z.string(),
  wrapped: z.string(),
  wrappedAt: z.iso.datetime(),
})

/**
 * key.json: the data key, wrapped. It stands outside the signature of vault.json, so that a new master key re-wraps it and
 * nothing else; `check` (SHA-256 of the rest as canonical JSON) finds damage without any key.
 */
export const KeyRecord = Unchecked.extend({ check: z.string() })
export type KeyRecord = z.infer<typeof KeyRecord>

/** Canonical JSON of a key record with its check. */
export function keyRecordText(record: z.infer<typeof Unchecked>): string {
  return canonicalJson({ ...record, check: checkOf(record) })
}

/** Undefined when the text is not what `keyRecordText` writes, to the byte. */
export function parseKeyRecord(text: string): KeyRecord | undefined {
  try {
    const record = KeyRecord.parse(JSON.parse(text))
    const { check, ...rest } = record
    return checkOf(rest) === check && canonicalJson(record) === text ? record : undefined
  } catch {
    return undefined
  }
}

/** @throws VaultKeyError `no-key`, `key-damaged` */
export async function readKeyRecord(stored: StoredFolder): Promise<KeyRecord> {
  let text: string
  try {
    text = (await readAll(await stored.open(KEY_FILE))).toString('utf8')
  } catch (cause) {
    if (!(cause instanceof NoSuchFile)) throw cause
    throw new VaultKeyError('no-key', 'this record has no key any more', { cause })
  }
  const record = parseKeyRecord(text)
  if (record === undefined) throw new VaultKeyError('key-damaged', 'key.json cannot be read')
  return record
}

/**
 * Says in vault.json which data key it is, without saying the key. AES-GCM alone would let a forger choose two keys that
 * both "open" the same bytes.
 */
export function keyCheck(dataKey: Buffer, callId: string): string {
  return createHmac('sha256', dataKey).update(`tongping-vault/1 key check of ${callId}`).digest('hex')
}

function checkOf(record: z.infer<typeof Unchecked>): string {
  return createHash('sha256').update(canonicalJson(record)).digest('hex')
}
