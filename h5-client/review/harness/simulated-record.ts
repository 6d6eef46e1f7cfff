import type { ArchiveVerdict, SealedManifest } from '../../../signaling/protocol/archive.ts'
import type { JournalEntry, JournalEvent } from '../../../signaling/protocol/journal-entry.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import type { OpenedRecord, Peaks, ReviewRow } from '../review-api.ts'
import { wholeRecord, wholeRow } from '../whole-answer.ts'

export const DURATION_MS = 24_000
const PART = newId('part')
const CALLER = newId('part')
const SNAP = newId('page')
const INVITE = newId('inv')
export const SIMULATED_CALL = newId('call')
const AGENT = { id: newId('user'), name: '林晓' }
const ANSWERED_AT = '2026-11-14T06:32:07.000Z'
/** `seq` of the text that was read: its place in EVENTS. */
const READING = 23
const HASH = 'f'.repeat(64)
const consent = (kind: 'camera' | 'recording', given: boolean) => ({
  kind,
  textVersion: '2026-11-1',
  language: 'zh-CN' as const,
  given,
})

/** A small call: voice, code, camera from 6 s, a page from 12 s to 18 s with three marks, a pause at 20 s. */
const EVENTS: readonly (readonly [number, JournalEvent])[] = [
  [
    0,
    {
      type: 'call.answered',
      callId: SIMULATED_CALL,
      wallClock: ANSWERED_AT,
      from: '13800138000',
      to: '4008001234',
      agent: AGENT,
      voiceCodec: 'PCMA',
    },
  ],
  [1, { type: 'participant.joined', participant: { id: PART, role: 'agent', displayName: '林晓' } }],
  [20, { type: 'track.opened', track: 'caller-voice', file: 'tracks/caller-voice-1.rtpj', codec: 'PCMA' }],
  [2_400, { type: 'invite.issued', inviteId: INVITE, by: PART, language: 'zh-CN', expiresAt: ANSWERED_AT }],
  [2_420, { type: 'invite.handed-over', inviteId: INVITE, channel: 'outbox' }],
  [4_000, { type: 'invite.opened', inviteId: INVITE, userAgent: 'simulated phone' }],
  [5_000, { type: 'participant.joined', participant: { id: CALLER, role: 'caller', displayName: '来电方' } }],
  [5_000, { type: 'invite.spent', inviteId: INVITE, via: 'link', userAgent: 'simulated phone' }],
  [5_010, { type: 'consent.given', inviteId: INVITE, consent: consent('camera', true) }],
  [5_010, { type: 'consent.given', inviteId: INVITE, consent: consent('recording', true) }],
  [5_100, { type: 'camera.started', by: CALLER }],
  [5_200, { type: 'caller.looked', by: CALLER, at: 'live' }],
  [6_000, { type: 'camera.live', by: CALLER }],
  [8_000, { type: 'voice.lost', silentForMs: 2_000 }],
  [9_000, { type: 'voice.found' }],
  [
    12_000,
    {
      type: 'page.added',
      page: {
        kind: 'camera',
        id: SNAP,
        by: PART,
        picture: {
          widthPx: 1280,
          heightPx: 720,
          file: 'snapshots/1.webp',
          sha256: HASH,
          type: 'image/webp',
          source: 'server-key-frame',
          rtpTimestamp: 1,
        },
      },
    },
  ],
  [12_001, { type: 'stage.page', by: PART, pageId: SNAP }],
  [12_300, { type: 'caller.looked', by: CALLER, at: SNAP }],
  [12_900, { type: 'page.loaded', by: CALLER, pageId: SNAP }],
  [13_550, { type: 'page.seen', by: CALLER, pageId: SNAP }],
  [
    13_000,
    {
      type: 'mark.begun',
      by: PART,
      on: SNAP,
      mark: {
        id: newId('mark'),
        colour: 'green',
        shape: 'circle',
        points: [
          [0.25, 0.4],
          [0.6, 0.5],
        ],
      },
    },
  ],
  [
    14_000,
    {
      type: 'mark.begun',
      by: PART,
      on: SNAP,
      mark: {
        id: newId('mark'),
        colour: 'red',
        shape: 'arrow',
        points: [
          [0.55, 0.92],
          [0.37, 0.8],
        ],
      },
    },
  ],
  [
    15_000,
    {
      type: 'mark.begun',
      by: PART,
      on: SNAP,
      mark: { id: newId('mark'), colour: 'red', shape: 'text', points: [[0.62, 0.47]], text: '序列号' },
    },
  ],
  [
    15_500,
    {
      type: 'text.recognised',
      by: PART,
      result: {
        pageId: SNAP,
        text: 'HG8245 GPON\nS/N: TP-2026-0815\nSSID: Home-5G-1F3A',
        confidence: 91,
        lines: [
          { text: 'HG8245 GPON', confidence: 95, box: { x: 0.3, y: 0.32, width: 0.2, height: 0.06 } },
          { text: 'S/N: TP-2026-0815', confidence: 92, box: { x: 0.3, y: 0.42, width: 0.3, height: 0.06 } },
          { text: 'SSID: Home-5G-1F3A', confidence: 87, box: { x: 0.3, y: 0.52, width: 0.32, height: 0.06 } },
        ],
      },
    },
  ],
  [
    15_700,
    { type: 'text.corrected', by: PART, reading: READING, text: 'HG8245 GPON\nS/N: TP-2026-0815\nSSID: Home-5G-1F3B' },
  ],
  [16_000, { type: 'caller.looked', by: CALLER, at: 'away' }],
  [17_000, { type: 'caller.looked', by: CALLER, at: SNAP }],
  [18_000, { type: 'stage.live', by: PART }],
  [18_200, { type: 'caller.looked', by: CALLER, at: 'live' }],
  [18_600, { type: 'voice.held', by: 'agent' }],
  [19_600, { type: 'voice.retrieved', by: 'agent' }],
  [20_000, { type: 'camera.paused', by: CALLER }],
  [22_500, { type: 'recording.degraded', reason: 'disk slow' }],
  [24_000, { type: 'call.ended', end: { cause: 'caller-hung-up' } }],
]

export function simulatedEntries(): JournalEntry[] {
  return EVENTS.map(([atMs, event], seq) => ({ ...event, seq, atMs, prev: HASH }) as JournalEntry)
}

export function simulatedRow(change: Partial<ReviewRow> = {}): ReviewRow {
  return wholeRow({
    callId: SIMULATED_CALL,
    from: '13800138000',
    to: '4008001234',
    agent: AGENT,
    answeredAt: ANSWERED_AT,
    durationMs: DURATION_MS,
    end: { cause: 'caller-hung-up' },
    snapshots: 1,
    state: 'muxed',
    cameraMs: 14_000,
    ...change,
  })
}

export const INTACT: ArchiveVerdict = {
  intact: true,
  form: 'plain',
  callId: SIMULATED_CALL,
  sealedAt: '2026-11-14T06:32:31.400Z',
  keyId: 'ed25519:3f9a1c77b20e54d8',
  filesChecked: 6,
  bytesChecked: 4_812_331,
  problems: [],
}
export const BROKEN: ArchiveVerdict = {
  ...INTACT,
  intact: false,
  problems: [
    { kind: 'file-changed', file: 'tracks/caller-voice-1.rtpj' },
    { kind: 'track-checkpoint-wrong', file: 'tracks/caller-voice-1.rtpj', fromByte: 65_536, toByte: 131_072 },
    { kind: 'journal-chain-broken', file: 'journal.jsonl', entry: 14 },
  ],
}

export function simulatedManifest(): SealedManifest {
  const track = (name: 'caller-voice' | 'agent-voice' | 'caller-camera', codec: string, startsAtMs: number) => ({
    file: `tracks/${name}-1.rtpj`,
    track: name,
    codec,
    clockRate: codec === 'VP8' ? 90_000 : 8_000,
    startsAtMs,
    endsAtMs: DURATION_MS,
    packets: 1_200,
    packetsReceived: name === 'caller-voice' ? 1_203 : 1_200,
    rtcpPackets: 10,
    gaps: name === 'caller-voice' ? [[8_000, 9_000] as [number, number]] : [],
  })
  return {
    format: 'tongping-archive/1',
    callId: SIMULATED_CALL,
    from: '13800138000',
    to: '4008001234',
    agent: AGENT,
    answeredAt: ANSWERED_AT,
    durationMs: DURATION_MS,
    end: { cause: 'caller-hung-up' },
    participants: [
      { id: PART, role: 'agent', displayName: '林晓' },
      { id: CALLER, role: 'caller', displayName: '来电方' },
    ],
    tracks: [track('caller-voice', 'PCMA', 12), track('agent-voice', 'PCMA', 30), track('caller-camera', 'VP8', 5_980)],
    pages: [],
    journal: { file: 'journal.jsonl', entries: EVENTS.length, head: HASH },
    files: [],
    remarks: ['3 packets of caller-voice could not be kept: the disk was too slow'],
    seal: {
      sealedAt: '2026-11-14T06:32:31.400Z',
      algorithm: 'Ed25519',
      keyId: 'ed25519:3f9a1c77b20e54d8',
      publicKey: '',
      signature: '',
    },
  }
}

export function simulatedPeaks(): Peaks {
  const points = DURATION_MS / 50
  const talk = (from: number, speed: number) =>
    Array.from(
      { length: points },
      (_, i) => Math.abs(Math.sin(i / speed) * Math.sin(i / 7 + from)) * (Math.sin(i / 40 + from) > 0 ? 0.9 : 0.04),
    )
  return { intervalMs: 50, caller: talk(0, 3), agent: talk(Math.PI, 2.3) }
}

export function simulatedOpened(change: Partial<OpenedRecord> = {}): OpenedRecord {
  const files = `/api/review/calls/${SIMULATED_CALL}/files`
  return wholeRecord({
    record: simulatedManifest(),
    entries: simulatedEntries(),
    verdict: INTACT,
    replay: { url: `${files}/derived/replay.webm`, durationMs: DURATION_MS, peaksUrl: `${files}/derived/peaks.json` },
    muxState: 'muxed',
    access: [
      { at: '2026-11-15T01:20:11.000Z', userName: '周敏', action: 'open', detail: '投诉处理 工单 4711' },
      { at: '2026-11-15T01:20:40.000Z', userName: '周敏', action: 'verify', detail: '' },
    ],
    ...change,
  })
}
