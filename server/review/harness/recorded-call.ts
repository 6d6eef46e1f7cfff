import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import sharp from 'sharp'
import { CallArchive } from '../../../recordings/archive/call-archive.ts'
import { HandClock, quietLog, rtpPacket } from '../../../recordings/fixture.ts'
import type { SealKey } from '../../../recordings/seal/seal-key.ts'
import { Flusher } from '../../../recordings/tracks/flusher.ts'
import type { SealedManifest } from '../../../signaling/protocol/archive.ts'
import type { CallEnd } from '../../../signaling/protocol/call.ts'
import type { CallId, UserId } from '../../../signaling/protocol/ids.ts'
import type { JournalEvent } from '../../../signaling/protocol/journal-entry.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import type { RecognisedText } from '../../../signaling/protocol/reading.ts'

export type RecordedCall = { readonly callId: CallId; readonly manifest: SealedManifest; readonly folder: string }
/** A picture with what was read from it, and where. */
export type ReadPicture = Pick<RecognisedText, 'text' | 'lines'> & { readonly bytes: Buffer }
export type CallScript = {
  readonly root: string
  readonly key: SealKey
  readonly from?: string
  readonly to?: string
  readonly agent?: { readonly id: UserId; readonly name: string }
  readonly answeredAt?: string
  /** Voice on both sides, at 50 packets a second. */
  readonly seconds?: number
  readonly cameraSeconds?: number
  readonly scenario?: string
  /** A picture of the camera for each, with this text read from it. */
  readonly pictures?: readonly (string | ReadPicture)[]
  readonly events?: readonly JournalEvent[]
  readonly end?: CallEnd
}
const flusher = new Flusher({ flushMs: 4 })
const VOICE = { codec: 'PCMU', payloadType: 0, clockRate: 8000 } as const

/** A call as the recorder leaves it: journal, tracks and pictures through the real writers, sealed with the key. What was said is made up. */
export async function recordCall(o: CallScript): Promise<RecordedCall> {
  const clock = new HandClock()
  const callId = newId('call')
  const agent = o.agent ?? { id: newId('user'), name: 'Lin' }
  const answeredAt = o.answeredAt ?? new Date().toISOString()
  const facts = { from: o.from ?? '13800138000', to: o.to ?? '4008001234', agent, answeredAt, participants: [] }
  const archive = await CallArchive.open({
    root: o.root,
    callId,
    nowMs: clock.nowMs,
    logger: quietLog,
    onDegraded() {},
    flusher,
  })
  const by = newId('part')
  const { journal } = archive
  journal.append({
    type: 'call.answered',
    callId,
    wallClock: answeredAt,
    from: facts.from,
    to: facts.to,
    agent,
    voiceCodec: 'PCMU',
  })
  const scenario = o.scenario ?? 'default'
  const title = { 'zh-CN': `场景 ${scenario}`, en: `Scenario ${scenario}` }
  journal.append({ type: 'scenario.chosen', scenario, title, retentionClass: 'default', tools: [] })
  await talk(archive, clock, o.seconds ?? 2, o.cameraSeconds ?? 0)
  for (const text of o.pictures ?? []) await picture(archive, by, text)
  for (const event of o.events ?? []) journal.append(event)
  const manifest = await archive.seal({ end: o.end ?? { cause: 'caller-hung-up' }, facts, key: o.key })
  return { callId, manifest, folder: archive.folder }
}

async function talk(archive: CallArchive, clock: HandClock, seconds: number, cameraSeconds: number): Promise<void> {
  const caller = archive.openTrack({ track: 'caller-voice', ...VOICE })
  const agent = archive.openTrack({ track: 'agent-voice', ...VOICE })
  const camera =
    cameraSeconds > 0
      ? archive.openTrack({ track: 'caller-camera', codec: 'VP8', payloadType: 96, clockRate: 90_000 })
      : undefined
  for (let n = 0; n < seconds * 50; n++) {
    clock.ms += 20
    // Hours in seconds: without a breath now and then the recorder's queues would run over.
    if (n % 100 === 99) await setTimeout(8)
    const payload = Buffer.alloc(160, n & 0xff)
    caller.rtp(rtpPacket({ sequence: n, timestamp: n * 160, payload }))
    agent.rtp(rtpPacket({ sequence: n, timestamp: n * 160, payload, ssrc: 7 }))
    if (n < cameraSeconds * 50)
      camera?.rtp(
        rtpPacket({ sequence: n, timestamp: n * 1800, payload: Buffer.alloc(1100, n & 0xff), payloadType: 96 }),
      )
  }
}

async function picture(
  archive: CallArchive,
  by: ReturnType<typeof newId<'part'>>,
  given: string | ReadPicture,
): Promise<void> {
  const pageId = newId('page')
  const { text, lines, bytes } = typeof given === 'string' ? { text: given, lines: [], bytes: await plain() } : given
  const { width: widthPx, height: heightPx } = await sharp(bytes).metadata()
  const { file } = await archive.addFile(`pictures/${pageId}.jpg`, bytes)
  archive.journal.append({
    type: 'page.added',
    page: {
      id: pageId,
      by,
      kind: 'camera',
      picture: {
        file,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        type: 'image/jpeg',
        widthPx,
        heightPx,
        source: 'server-key-frame',
      },
    },
  })
  archive.journal.append({
    type: 'text.recognised',
    by,
    result: { pageId, text, confidence: 90, lines },
  })
}

function plain(): Promise<Buffer> {
  return sharp({ create: { width: 640, height: 480, channels: 3, background: '#6a7b8c' } })
    .jpeg()
    .toBuffer()
}
