/**
 * Proves a sealed call folder, or an unpacked evidence package, without the server. For reviewers, auditors, courts.
 *
 *   node scripts/verify-archive.ts <folder> [--key seal-key.pub.pem]… [--ca roots.pem] [--master-key file | --data-key base64] [--json]
 *
 * <folder> is a call as it is kept: plain files, or the encrypted form. The encrypted form is checked without any key; with
 * the master key, or the call's own data key, what it decrypts to is checked as well. <folder> may also be an unpacked package:
 * then its signed list, every file, the originals, the time stamps and the daily digest inside are checked together.
 * Exit code 0: intact. 1: something was changed, is missing, or the key is not the given one. 2: wrong usage.
 * Without --key it shows whether the folder is whole and who says so (the key id); compare that id with the one the
 * operator published, or give the public key. Time stamps (RFC 3161) are checked in both forms, without a key too; with --ca
 * also who made them. It reads only; it never changes or repairs anything.
 *
 * `scripts/build-verifier.mjs` makes one file of it that runs on any Node from 18 on, with nothing installed.
 */
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readStoredStamps } from '../recordings/anchor/read-stamps.ts'
import type { Timestamp } from '../recordings/anchor/verify-timestamp.ts'
import { PACKAGE_MANIFEST } from '../recordings/export/package-manifest.ts'
import { packageProblemSentence } from '../recordings/export/package-problem.ts'
import { ORIGINALS, type PackageVerdict, verifyPackage } from '../recordings/export/verify-package.ts'
import { problemSentence } from '../recordings/seal/problem-sentence.ts'
import { LocalFolder } from '../recordings/store/local-folder.ts'
import { readKeyRecord } from '../recordings/vault/key-record.ts'
import { KeyRing } from '../recordings/vault/key-ring.ts'
import { LocalKey } from '../recordings/vault/local-key.ts'
import { VAULT_FILE } from '../recordings/vault/vault-names.ts'
import { verifyRecord } from '../recordings/vault/verify-record.ts'

const USAGE =
  'usage: verify-archive <folder> [--key seal-key.pub.pem]… [--ca roots.pem] [--master-key file | --data-key base64] [--json]'
const CALL_FOLDER = /^call_[0-9a-z]{20}$/

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: 'string', multiple: true },
      ca: { type: 'string' },
      'master-key': { type: 'string' },
      'data-key': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const [folder] = positionals
  if (folder === undefined || positionals.length > 1) {
    console.error(USAGE)
    return 2
  }
  const stored = new LocalFolder(folder)
  const trustedKeys = values.key === undefined ? undefined : await keysIn(values.key)
  const authorities = values.ca === undefined ? [] : [await readFile(values.ca, 'utf8')]
  if (await stored.has(PACKAGE_MANIFEST)) {
    const verdict = await verifyPackage(folder, { ...(trustedKeys && { trustedKeys }), authorities })
    for (const line of values.json ? [JSON.stringify(verdict, null, 2)] : linesOf(verdict)) console.log(line)
    if (!values.json && verdict.intact && trustedKeys === undefined) console.log(NO_KEY)
    return verdict.intact ? 0 : 1
  }
  const dataKey = await dataKeyOf(stored, { masterKey: values['master-key'], dataKey: values['data-key'] })
  // A folder is named after its call: the record of another one in its place is told.
  const name = basename(resolve(folder))
  const verdict = await verifyRecord(stored, {
    ...(trustedKeys && { trustedKeys }),
    ...(dataKey && { dataKey }),
    ...(CALL_FOLDER.test(name) && { callId: name }),
  })
  const stamps = verdict.sealedAt === undefined ? [] : await readStoredStamps(stored, authorities)
  const good = verdict.intact && stamps.every(one => 'stamp' in one)
  if (values.json) {
    console.log(JSON.stringify({ ...verdict, stamps }, null, 2))
    return good ? 0 : 1
  }
  console.log(verdict.intact ? 'INTACT' : 'NOT INTACT')
  if (verdict.callId !== undefined) console.log(`call      ${verdict.callId}`)
  if (verdict.sealedAt !== undefined) console.log(`sealed    ${verdict.sealedAt} with key ${verdict.keyId}`)
  for (const one of stamps)
    console.log(
      'stamp' in one ? stamped(one.stamp) : `problem   ${one.file}: the time stamp does not hold (${one.fault})`,
    )
  console.log(`checked   ${verdict.filesChecked} files, ${verdict.bytesChecked} bytes, ${FORMS[verdict.form]}`)
  if (verdict.intact && trustedKeys === undefined) console.log(NO_KEY)
  const first = verdict.problems.find(problem => 'file' in problem)
  if (first !== undefined && 'file' in first) console.log(`first     ${first.file}`)
  for (const problem of verdict.problems) console.log(`problem   ${problemSentence(problem)}`)
  return good ? 0 : 1
}

/** Several keys may stand in one file: a package may have been made after the seal's key was changed. */
async function keysIn(files: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8')))
  return texts.flatMap(text => text.match(/-----BEGIN [^-]+-----[\s\S]+?-----END [^-]+-----\n?/g) ?? [text])
}

function stamped(stamp: Timestamp, what = ''): string {
  return `stamped   ${what}${stamp.at} by ${stamp.by}${stamp.trusted ? '' : ' (not checked who that is: no --ca given)'}`
}

function linesOf({ intact, manifest, record, stamps, digest, ...o }: PackageVerdict): string[] {
  const lines = [intact ? 'INTACT' : 'NOT INTACT']
  if (manifest) lines.push(`package   ${manifest.exportId}, ${manifest.kind}, made ${manifest.exportedAt}`)
  if (manifest) lines.push(`call      ${manifest.callId}`)
  if (record?.sealedAt !== undefined) lines.push(`sealed    ${record.sealedAt} with key ${record.keyId}`)
  for (const { file, of, stamp } of stamps)
    if (!file.startsWith(`${ORIGINALS}/`)) lines.push(stamped(stamp, of === 'digest' ? 'the digest, ' : ''))
  if (digest) lines.push(`digest    of ${digest.day} names this record, signed with key ${digest.keyId}`)
  lines.push(`checked   ${o.filesChecked} files, ${o.bytesChecked} bytes, the whole package`)
  if (manifest && !manifest.originals) lines.push('note      a copy without originals: it proves nothing about them')
  for (const problem of o.problems) lines.push(`problem   ${packageProblemSentence(problem)}`)
  for (const problem of record?.problems ?? []) lines.push(`problem   ${ORIGINALS}: ${problemSentence(problem)}`)
  return lines
}

const NO_KEY = 'note      no --key given: compare the key id with the one your operator published'
const FORMS = { plain: 'plain content', encrypted: 'encrypted form (no key needed or used)' } as const

async function dataKeyOf(
  stored: LocalFolder,
  given: { masterKey: string | undefined; dataKey: string | undefined },
): Promise<Buffer | undefined> {
  if (given.dataKey !== undefined) return Buffer.from(given.dataKey, 'base64')
  if (given.masterKey === undefined || !(await stored.has(VAULT_FILE))) return undefined
  const record = await readKeyRecord(stored)
  const key = LocalKey.fromText(await readFile(given.masterKey, 'utf8'))
  return new KeyRing(key).unwrap(record, record.callId)
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
