import { type AnchorAlarm, alarmKey } from '../../signaling/protocol/anchors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { ChainVerdict } from '../chain/verify-chain-log.ts'
import { dayAfter } from './daily-digest.ts'
import type { DigestFolder, KeptDigest } from './digest-folder.ts'
import { TimestampError } from './timestamp-error.ts'
import { verifyTimestamp } from './verify-timestamp.ts'

export type AnchorEvidence = {
  readonly local: DigestFolder
  /** Copies elsewhere; the more are given, the more is seen. */
  readonly published: readonly DigestFolder[]
  /** Digests the access log says were made. */
  readonly remembered: readonly { readonly day: string; readonly sha256: string }[]
  /** Follows the access log against these marks. */
  readonly verifyLog: (marks: readonly { readonly entries: number; readonly head: string }[]) => Promise<ChainVerdict>
  /** SHA-256 of the call's `manifest.json`; undefined when there is no such record. `unreachable` says nothing either way. */
  readonly manifestSha256: (callId: CallId) => Promise<string | 'unreachable' | undefined>
  /** SHA-256 of every certificate of destruction, by call. */
  readonly certificates: ReadonlyMap<string, ReadonlySet<string>>
  /** The first day that must have a digest, and the last. */
  readonly fromDay: string | undefined
  readonly toDay: string
  /** Key ids that may have signed; empty: any key is taken. */
  readonly trustedKeyIds: readonly string[]
  readonly authorities: readonly string[]
}

/** Compares everything with everything. Never throws on bad content. An empty list: all is as it was anchored. */
export async function checkAnchors(o: AnchorEvidence): Promise<AnchorAlarm[]> {
  const alarms: AnchorAlarm[] = []
  const local = await o.local.all()
  const elsewhere = await readPublished(o.published, alarms)
  alarms.push(...checkChain(local, o))
  alarms.push(...checkCopies(local, elsewhere, o.remembered))
  // What was published counts even if the local copy is gone: that is what it is for.
  const known = new Map([...elsewhere, ...local].filter(one => one.digest).map(one => [one.day, one]))
  const digests = [...known.values()].sort((a, b) => (a.day < b.day ? -1 : 1))
  alarms.push(...(await checkRecords(digests, o)))
  alarms.push(...(await checkLog(digests, o)))
  alarms.push(...(await checkStamps(digests, o.authorities)))
  return [...new Map(alarms.map(alarm => [alarmKey(alarm), alarm])).values()]
}

async function readPublished(folders: readonly DigestFolder[], alarms: AnchorAlarm[]): Promise<KeptDigest[]> {
  const found: KeptDigest[] = []
  for (const folder of folders) {
    try {
      found.push(...(await folder.all()))
    } catch {
      alarms.push({ kind: 'published-unreadable' })
    }
  }
  return found
}

function checkChain(local: readonly KeptDigest[], o: AnchorEvidence): AnchorAlarm[] {
  const alarms: AnchorAlarm[] = []
  let before: KeptDigest | undefined
  for (const kept of local) {
    const { day, digest } = kept
    if (!digest) alarms.push({ kind: 'digest-altered', day })
    else {
      if (o.trustedKeyIds.length > 0 && !o.trustedKeyIds.includes(digest.seal.keyId))
        alarms.push({ kind: 'unknown-key', day })
      const { previous } = digest
      const follows = before ? previous?.day === before.day && previous.sha256 === before.sha256 : previous === null
      if (!follows) alarms.push({ kind: 'chain-broken', day })
    }
    before = kept
  }
  const present = new Set(local.map(one => one.day))
  const first = [o.fromDay, local[0]?.day].filter(day => day !== undefined).sort()[0]
  for (let day = first; day !== undefined && day <= o.toDay; day = dayAfter(day))
    if (!present.has(day)) alarms.push({ kind: 'digest-missing', day })
  return alarms
}

function checkCopies(
  local: readonly KeptDigest[],
  published: readonly KeptDigest[],
  remembered: AnchorEvidence['remembered'],
): AnchorAlarm[] {
  const here = new Map(local.map(one => [one.day, one.sha256]))
  const newestDay = local.at(-1)?.day ?? null
  const alarms: AnchorAlarm[] = []
  for (const { day, sha256 } of published) {
    const ours = here.get(day)
    if (ours === undefined && (newestDay === null || day > newestDay))
      alarms.push({ kind: 'rolled-back', day, newestDay })
    else if (ours === undefined) alarms.push({ kind: 'digest-removed', day })
    else if (ours !== sha256) alarms.push({ kind: 'published-differs', day })
  }
  for (const { day, sha256 } of remembered) {
    const ours = here.get(day)
    if (ours === undefined) alarms.push({ kind: 'digest-removed', day })
    else if (ours !== sha256) alarms.push({ kind: 'digest-altered', day })
  }
  return alarms
}

async function checkRecords(digests: readonly KeptDigest[], o: AnchorEvidence): Promise<AnchorAlarm[]> {
  const alarms: AnchorAlarm[] = []
  for (const { day, digest } of digests) {
    for (const { callId, certificateSha256 } of digest?.erasures ?? [])
      if (!o.certificates.get(callId)?.has(certificateSha256)) alarms.push({ kind: 'certificate-missing', day, callId })
    for (const { callId, manifestSha256 } of digest?.calls ?? []) {
      const found = await o.manifestSha256(callId)
      if (found === 'unreachable') continue
      if (found === undefined && !o.certificates.has(callId)) alarms.push({ kind: 'call-missing', day, callId })
      if (found !== undefined && found !== manifestSha256) alarms.push({ kind: 'manifest-differs', day, callId })
    }
  }
  return alarms
}

async function checkLog(digests: readonly KeptDigest[], o: AnchorEvidence): Promise<AnchorAlarm[]> {
  const marks = digests.flatMap(({ digest }) => (digest ? [{ ...digest.accessLog, day: digest.day }] : []))
  const dayOf = (entries: number) => marks.find(mark => mark.entries >= entries)?.day ?? marks.at(-1)?.day ?? ''
  const verdict = await o.verifyLog(marks)
  return verdict.problems.map(problem => {
    switch (problem.kind) {
      case 'tail-removed': {
        const { entries, expectedEntries } = problem
        return { kind: 'log-shorter', day: dayOf(expectedEntries), entries, anchoredEntries: expectedEntries }
      }
      case 'other-history':
        return { kind: 'log-differs', day: dayOf(problem.entries), entries: problem.entries }
      default:
        return { kind: 'log-damaged', day: problem.day, line: problem.line }
    }
  })
}

async function checkStamps(digests: readonly KeptDigest[], authorities: readonly string[]): Promise<AnchorAlarm[]> {
  const alarms: AnchorAlarm[] = []
  for (const { day, bytes, stamp } of digests) {
    if (!stamp) continue
    try {
      await verifyTimestamp({ response: stamp, data: bytes, authorities })
    } catch (error) {
      alarms.push({ kind: 'stamp-wrong', day, fault: error instanceof TimestampError ? error.fault : 'unreadable' })
    }
  }
  return alarms
}
