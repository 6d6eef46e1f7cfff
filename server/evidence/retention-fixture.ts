import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import { HandClock, quietLog, rtpPacket } from '../../recordings/fixture.ts'
import type { RetentionPolicy } from '../../recordings/retention/policy.ts'
import { RetentionPolicy as Policy } from '../../recordings/retention/policy.ts'
import { SealKey } from '../../recordings/seal/seal-key.ts'
import { Flusher } from '../../recordings/tracks/flusher.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { Lifetime } from '../lifetime.ts'
import { AccessLog } from '../store/access-log.ts'
import { CallIndex } from '../store/call-index.ts'
import { openDatabase } from '../store/database.ts'
import { Erasures } from '../store/erasures.ts'
import { openRetention } from './open-retention.ts'
import type { PurgeParts, PurgerOptions } from './purger.ts'

export const NO_PARTS: PurgeParts = {
  shred: async () => undefined,
  removeCold: async () => ({ removed: [], remaining: [] }),
  forget: [],
}

const clock = (after: string, keep: string, more: object = {}) => ({ after, keep, ...more })

/** Figures of a test, not of any law: a day after the call, two years after a contract, and for ever. */
export const TEST_POLICY: RetentionPolicy = Policy.parse({
  version: 'test 1',
  timeZone: 'Asia/Shanghai',
  classes: [
    { id: 'service', title: { 'zh-CN': '服务', en: 'Service' }, keep: clock('call-end', 'P1D') },
    {
      id: 'dual-recording',
      title: { 'zh-CN': '双录', en: 'Dual recording' },
      keep: { latestOf: [clock('contract-end', 'P2Y'), clock('dispute-end', 'P1Y', { ifAny: true })] },
    },
    { id: 'own', title: { 'zh-CN': '自定', en: 'Own' }, keep: clock('call-end', 'P9Y', { statutory: false }) },
    { id: 'archive', title: { 'zh-CN': '永久', en: 'For ever' }, keep: 'for-ever' },
  ],
  erasure: { answerWithin: 'P1M' },
  runs: { mostPerRun: 10, confirmAboveShare: 1 },
})

type Options = {
  readonly dataDir: string
  readonly policy?: RetentionPolicy | undefined
  readonly parts?: Partial<PurgeParts>
  readonly onStep?: NonNullable<PurgerOptions['onStep']>
  readonly leftoversEveryMs?: number
  readonly busy?: (callId: CallId, folder: string) => boolean
}

/** A house without calls and pages: database, access log, archive and their end. */
export async function openHouse(o: Options) {
  const life = new Lifetime()
  const db = life.add('database', await openDatabase(join(o.dataDir, 'index.sqlite')))
  const sealKey = await SealKey.loadOrCreate(join(o.dataDir, 'secrets'))
  const accessLog = life.add(
    'access log',
    await AccessLog.open({ db, folder: join(o.dataDir, 'audit'), onTrouble: () => {} }),
  )
  const index = new CallIndex(db)
  const faults: unknown[] = []
  const policyFile = join(o.dataDir, 'policy.json')
  const policy = 'policy' in o ? o.policy : TEST_POLICY
  if (policy) {
    await writeFile(policyFile, JSON.stringify(policy))
  }
  const opened = await openRetention({
    dataDir: o.dataDir,
    policyFile: policy && policyFile,
    db,
    index,
    sealKey,
    accessLog,
    parts: { ...NO_PARTS, ...o.parts },
    files: async callId => {
      const call = await index.get(callId)
      if (!call) throw new Error('no such call')
      return new PlainCallFiles(call.folder)
    },
    busy: o.busy ?? (() => false),
    onFault: error => faults.push(error),
    life,
    ...(o.onStep && { onStep: o.onStep }),
    ...(o.leftoversEveryMs !== undefined && { leftoversEveryMs: o.leftoversEveryMs }),
  })
  opened.start()
  const reviewer = { id: newId('user'), name: 'Reviewer' }
  return {
    ...opened,
    erasures: () => new Erasures(db).all(),
    db,
    index,
    sealKey,
    accessLog,
    faults,
    reviewer,
    life,
    dataDir: o.dataDir,
    close: () => life.close(),
  }
}
export type House = Awaited<ReturnType<typeof openHouse>>

export type SealedCall = { readonly callId: CallId; readonly folder: string; readonly manifest: SealedManifest }

/** A sealed and indexed call with a tone on its voice track, a picture, read text and derivatives. */
export async function sealCall(
  house: House,
  o: {
    from?: string
    agentName?: string
    retentionClass?: string | undefined
    answeredAt?: string
    text?: string
    picture?: Buffer
    tone?: Buffer
  } = {},
): Promise<SealedCall> {
  const callId = newId('call')
  const time = new HandClock()
  const archive = await CallArchive.open({
    root: join(house.dataDir, 'recordings'),
    callId,
    nowMs: time.nowMs,
    logger: quietLog,
    onDegraded: () => {},
    flusher: new Flusher({ flushMs: 50 }),
  })
  const agent = { id: newId('user'), name: o.agentName ?? 'Lin' }
  const answeredAt = o.answeredAt ?? '2020-01-02T03:04:05.000Z'
  const from = o.from ?? '13800138000'
  archive.journal.append({
    type: 'call.answered',
    callId,
    wallClock: answeredAt,
    from,
    to: '4008001234',
    agent,
    voiceCodec: 'PCMU',
  })
  const chosen = 'retentionClass' in o ? o.retentionClass : 'service'
  if (chosen !== undefined)
    for (const retentionClass of ['chosen-first', chosen])
      archive.journal.append({
        type: 'scenario.chosen',
        scenario: 'x',
        title: { 'zh-CN': 'x', en: 'x' },
        retentionClass,
        tools: [],
      })
  if (o.text !== undefined)
    archive.journal.append({ type: 'text.corrected', by: newId('part'), reading: 0, text: o.text })
  if (o.tone) {
    const track = archive.openTrack({ track: 'caller-voice', codec: 'PCMU', payloadType: 0, clockRate: 8000 })
    for (let n = 0; n * 160 < o.tone.length; n++) {
      time.ms += 20
      track.rtp(rtpPacket({ sequence: n, timestamp: n * 160, payload: o.tone.subarray(n * 160, n * 160 + 160) }))
    }
  }
  if (o.picture) await archive.addFile('pictures/page.webp', o.picture)
  time.ms = 60_000
  const key = house.sealKey
  const facts = { from, to: '4008001234', agent, answeredAt, participants: [] }
  const manifest = await archive.seal({ end: { cause: 'caller-hung-up' }, facts, key })
  const files = new PlainCallFiles(archive.folder)
  if (o.picture) await files.put('derived/thumbnails/page.webp', [o.picture])
  await files.put('derived/transcript.json', [Buffer.from(JSON.stringify({ text: o.text ?? '' }))])
  await house.index.put(manifest, archive.folder, 'muxed')
  return { callId, folder: archive.folder, manifest }
}

/** Which files below a folder hold these bytes. */
export async function filesWith(root: string, needle: Buffer | string): Promise<string[]> {
  const wanted = Buffer.from(needle as Buffer)
  const found: string[] = []
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    if ((await readFile(path)).includes(wanted)) found.push(path.slice(root.length + 1))
  }
  return found.sort()
}
