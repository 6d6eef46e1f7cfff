/**
 * Proves a sealed call folder without the server. For reviewers, auditors, courts.
 *
 *   node scripts/verify-archive.ts <folder> [--key seal-key.pub.pem] [--ca roots.pem] [--json]
 *
 * Exit code 0: intact. 1: something was changed, is missing, or the key is not the given one. 2: wrong usage.
 * Without --key it shows whether the folder is whole and who says so (the key id); compare that id with the one the
 * operator published, or give the public key. Time stamps (RFC 3161) are checked; with --ca also who made them. It reads only; it never changes or repairs anything.
 */
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { readStamps } from '../recordings/anchor/read-stamps.ts'
import { problemSentence } from '../recordings/seal/problem-sentence.ts'
import { verifyArchive } from '../recordings/seal/verify-archive.ts'
import { PlainCallFiles } from '../recordings/vault/plain-call-files.ts'

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { key: { type: 'string' }, ca: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const [folder] = positionals
  if (folder === undefined || positionals.length > 1) {
    console.error('usage: node scripts/verify-archive.ts <folder> [--key seal-key.pub.pem] [--ca roots.pem] [--json]')
    return 2
  }
  const trustedKeys = values.key === undefined ? undefined : [await readFile(values.key, 'utf8')]
  const files = new PlainCallFiles(folder)
  const verdict = await verifyArchive(files, trustedKeys === undefined ? {} : { trustedKeys })
  const authorities = values.ca === undefined ? [] : [await readFile(values.ca, 'utf8')]
  const stamps = verdict.sealedAt === undefined ? [] : await readStamps(files, authorities)
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
      'stamp' in one
        ? `stamped   ${one.stamp.at} by ${one.stamp.by}${one.stamp.trusted ? '' : ' (not checked who that is: no --ca given)'}`
        : `problem   ${one.file}: the time stamp does not hold (${one.fault})`,
    )
  console.log(`checked   ${verdict.filesChecked} files, ${verdict.bytesChecked} bytes`)
  if (verdict.intact && trustedKeys === undefined)
    console.log('note      no --key given: compare the key id with the one your operator published')
  const first = verdict.problems.find(problem => 'file' in problem)
  if (first !== undefined && 'file' in first) console.log(`first     ${first.file}`)
  for (const problem of verdict.problems) console.log(`problem   ${problemSentence(problem)}`)
  return good ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
