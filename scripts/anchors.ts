/**
 * The daily chain without the server. For auditors, and for the person who files the printed digest.
 *
 *   node scripts/anchors.ts check <data> [--published <folder>]… [--key seal-key.pub.pem] [--ca roots.pem] [--until <day>]
 *   node scripts/anchors.ts print <day> [--data <data>]
 *
 * check compares digests, published copies, time stamps, the access log, certificates of destruction and the call folders.
 * Exit code 0: everything fits. 1: it does not; each line names what. 2: wrong usage. It reads only.
 * Without --published it cannot see that the whole folder was set back to an older state. Calls that lie in a cold store
 * only are named as missing.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import QRCode from 'qrcode'
import { checkAnchors } from '../recordings/anchor/check-anchors.ts'
import { DigestFolder } from '../recordings/anchor/digest-folder.ts'
import { digestCode, digestText } from '../recordings/anchor/digest-text.ts'
import { chainDays, readRawChain } from '../recordings/chain/read-chain-log.ts'
import { verifyChainLog } from '../recordings/chain/verify-chain-log.ts'
import { keyIdOf, publicKeyFromPem } from '../recordings/seal/seal-key.ts'
import { type AnchorAlarm, alarmKey } from '../signaling/protocol/anchors.ts'
import { assertNever } from '../signaling/protocol/assert-never.ts'

const USAGE =
  'usage: node scripts/anchors.ts check <data> [--published <folder>]… [--key <pem>] [--ca <pem>] [--until <day>] | print <day> [--data <data>]'

function sentence(alarm: AnchorAlarm): string {
  switch (alarm.kind) {
    case 'digest-missing':
      return `${alarm.day}: no digest of this day`
    case 'digest-altered':
      return `${alarm.day}: the digest is damaged, altered, or not the one the access log remembers`
    case 'unknown-key':
      return `${alarm.day}: signed by another key than the one given`
    case 'chain-broken':
      return `${alarm.day}: does not name the digest before it`
    case 'digest-removed':
      return `${alarm.day}: was made, and is not here any more`
    case 'rolled-back':
      return `${alarm.day}: was published, but the newest digest here is of ${alarm.newestDay ?? 'no day'}: this folder was set back`
    case 'published-differs':
      return `${alarm.day}: the published copy is another`
    case 'published-unreadable':
      return 'a folder of published copies cannot be read'
    case 'call-missing':
      return `${alarm.day}: ${alarm.callId} is gone, without a certificate of destruction`
    case 'manifest-differs':
      return `${alarm.day}: ${alarm.callId} has another manifest than it had then`
    case 'certificate-missing':
      return `${alarm.day}: the certificate of destruction of ${alarm.callId} is gone or another`
    case 'log-shorter':
      return `${alarm.day}: the access log had ${alarm.anchoredEntries} entries then and has ${alarm.entries} now`
    case 'log-differs':
      return `${alarm.day}: the first ${alarm.entries} entries of the access log are not the ones of then`
    case 'log-damaged':
      return `the access log is damaged at line ${alarm.line} of ${alarm.day}`
    case 'stamp-wrong':
      return `${alarm.day}: the time stamp does not hold (${alarm.fault})`
    case 'digest-unstamped':
    case 'digest-unpublished':
    case 'seals-unstamped':
      return alarmKey(alarm)
    default:
      return assertNever(alarm)
  }
}

async function check(
  data: string,
  o: { published: string[]; key?: string; ca?: string; until?: string },
): Promise<number> {
  const audit = join(data, 'audit')
  const folders = await callFolders(join(data, 'recordings'))
  const local = new DigestFolder(join(data, 'anchors'))
  const remembered = await rememberedDigests(audit)
  const known = [...(await local.days()), ...remembered.map(one => one.day)].sort()
  const alarms = await checkAnchors({
    local,
    remembered,
    published: o.published.map(folder => new DigestFolder(folder)),
    verifyLog: marks => verifyChainLog(audit, marks),
    manifestSha256: async callId => manifestHash(folders.get(callId)),
    certificates: await certificatesOf(join(data, 'certificates')),
    fromDay: (await chainDays(audit))[0],
    // Whether the newest day should be there already is a question of when one asks; say it with --until.
    toDay: o.until ?? known.at(-1) ?? '',
    trustedKeyIds: o.key === undefined ? [] : [keyIdOf(publicKeyFromPem(await readFile(o.key, 'utf8')))],
    authorities: o.ca === undefined ? [] : [await readFile(o.ca, 'utf8')],
  })
  console.log(alarms.length === 0 ? 'EVERYTHING FITS' : 'IT DOES NOT FIT')
  console.log(`digests   ${(await local.days()).length}, newest ${(await local.days()).at(-1) ?? 'none'}`)
  console.log(`calls     ${folders.size} folders`)
  if (o.published.length === 0) console.log('note      no --published given: a folder set back as a whole is not seen')
  if (o.key === undefined) console.log('note      no --key given: any signing key was taken')
  for (const alarm of alarms) console.log(`problem   ${sentence(alarm)}`)
  return alarms.length === 0 ? 0 : 1
}

async function print(day: string, data: string): Promise<number> {
  const kept = await new DigestFolder(join(data, 'anchors')).read(day)
  if (!kept?.digest) {
    console.error(kept ? `the digest of ${day} is damaged` : `no digest of ${day}`)
    return 1
  }
  console.log(digestText(kept.digest, kept.bytes))
  console.log(await QRCode.toString(digestCode(day, kept.sha256), { type: 'utf8', errorCorrectionLevel: 'M' }))
  return 0
}

async function callFolders(root: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const day of await readdir(root).catch(() => [] as string[]))
    for (const call of await readdir(join(root, day)).catch(() => [] as string[]))
      found.set(call, join(root, day, call))
  return found
}

/** An encrypted record says it in its signed list; a plain one has the file itself. */
async function manifestHash(folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined
  const read = (name: string) => readFile(join(folder, name)).catch(() => undefined)
  const plain = await read('manifest.json')
  if (plain) return createHash('sha256').update(plain).digest('hex')
  const list = await read('vault.json')
  if (!list) return undefined
  const parsed = JSON.parse(list.toString('utf8')) as { manifest?: { sha256?: unknown } }
  return typeof parsed.manifest?.sha256 === 'string' ? parsed.manifest.sha256 : 'unreadable'
}

async function certificatesOf(folder: string): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>()
  for (const name of await readdir(folder).catch(() => [] as string[])) {
    const callId = /^(call_[0-9a-z]{20})(\.\d+)?\.json$/.exec(name)?.[1]
    if (callId === undefined) continue
    const sha256 = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex')
    found.set(callId, (found.get(callId) ?? new Set()).add(sha256))
  }
  return found
}

async function rememberedDigests(audit: string): Promise<{ day: string; sha256: string }[]> {
  const found: { day: string; sha256: string }[] = []
  for await (const { bytes } of readRawChain(audit, await chainDays(audit))) {
    if (!bytes.includes('"anchored"')) continue
    try {
      const { action, detail } = JSON.parse(bytes.toString('utf8')) as { action?: string; detail?: string }
      const [day, sha256] = detail?.split(' ') ?? []
      if (action === 'anchored' && day && sha256) found.push({ day, sha256 })
    } catch {
      // The chain's own check names this line.
    }
  }
  return found
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      published: { type: 'string', multiple: true, default: [] },
      key: { type: 'string' },
      ca: { type: 'string' },
      until: { type: 'string' },
      data: { type: 'string', default: 'data' },
    },
  })
  const [command, what] = positionals
  const { published, key, ca, until } = values
  if (command === 'check' && what !== undefined)
    return check(what, { published, ...(key && { key }), ...(ca && { ca }), ...(until && { until }) })
  if (command === 'print' && what !== undefined) return print(what, values.data)
  console.error(USAGE)
  return 2
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
