import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { VoiceTap } from '../../media/edge/voice-listeners.ts'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import { readRtpJournal } from '../../recordings/tracks/read-rtp-journal.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { VoiceRecorder } from './voice-recorder.ts'

const logger = { error() {}, warn() {}, info() {}, debug() {} }

function packet(sequence: number, timestamp: number, payloadType = 0, first = 0): Buffer {
  const rtp = Buffer.alloc(payloadType === 101 ? 16 : 172)
  rtp[0] = 0x80
  rtp[1] = payloadType
  rtp.writeUInt16BE(sequence, 2)
  rtp.writeUInt32BE(timestamp, 4)
  rtp.writeUInt32BE(9, 8)
  rtp[12] = first
  return rtp
}

async function house(t: { teardown(end: () => unknown): void }) {
  const root = await mkdtemp(join(tmpdir(), 'tongping-voice-recorder-'))
  const archive = await CallArchive.open({
    root,
    callId: newId('call'),
    nowMs: () => performance.now(),
    logger,
    onDegraded() {},
  })
  t.teardown(async () => {
    await archive.discard()
    await rm(root, { recursive: true })
  })
  let tap: VoiceTap | undefined
  const edge = {
    codec: 'PCMU' as const,
    wireFormats: [{ codec: 'PCMU' as const, payloadType: 0 }],
    onTap: (one: VoiceTap) => {
      tap = one
    },
  }
  const clock = { ms: 0 }
  const recorder = new VoiceRecorder({ edge, archive, isShut: false, nowMs: () => clock.ms })
  if (!tap) throw new Error('no tap')
  /** What stands in a track: packets by their first payload byte, events by their type. */
  const read = async (file: string) => {
    await archive.closeTracks()
    const kept: string[] = []
    for await (const record of await readRtpJournal(join(archive.folder, file))) {
      if (record.kind === 'rtp') kept.push(`${record.body[12]}`)
      if (record.kind === 'event') {
        const { type, digit, withheldPackets } = JSON.parse(record.body.toString())
        kept.push([type, digit, withheldPackets].filter(one => one !== undefined).join(' '))
      }
    }
    return kept.filter(one => one !== 'closed')
  }
  return { recorder, tap, read, clock }
}

t.test(
  '[CS14] behind the shutter neither voice nor keys nor reports, and nothing that arrives from there later',
  async t => {
    const { recorder, tap, read, clock } = await house(t)
    recorder.set(true)
    /** Spoken now, as far as the timeline says. */
    const say = (first: number, o: { agoMs?: number; payloadType?: number } = {}) => {
      const ms = clock.ms - (o.agoMs ?? 0)
      tap.rtp('in', packet(first, 1000 + Math.round(ms * 8), o.payloadType, first), 'voice')
    }
    say(1)
    clock.ms += 1_000
    tap.event({ kind: 'dtmf', digit: '*', phase: 'begin' })
    recorder.shut()
    say(2)
    say(3, { payloadType: 101 })
    tap.event({ kind: 'dtmf', digit: '4', phase: 'begin' })
    tap.rtcp('in', Buffer.from([0x80, 0xc9, 0, 1, 0, 0, 0, 9]))
    clock.ms += 30
    recorder.unshut()
    say(4, { agoMs: 20 })
    say(5, { payloadType: 101 })
    tap.event({ kind: 'dtmf', digit: '4', phase: 'end', durationMs: 200 })
    clock.ms += 10
    say(6)
    tap.event({ kind: 'dtmf', digit: '7', phase: 'begin' })
    say(7, { payloadType: 101 })
    t.same(await read('tracks/caller-voice-1.rtpj'), ['1', 'dtmf *', 'paused', 'resumed 2', '6', 'dtmf 7', '7'])
  },
)

t.test(
  '[CS5] a recording that begins or stops in mid-call is a segment of its own; before it there is no track',
  async t => {
    const { recorder, tap, read } = await house(t)
    tap.rtp('in', packet(1, 160, 0, 1), 'voice')
    recorder.set(true)
    tap.rtp('in', packet(2, 320, 0, 2), 'voice')
    recorder.set(false)
    tap.rtp('in', packet(3, 480, 0, 3), 'voice')
    recorder.shut()
    recorder.set(true)
    tap.rtp('in', packet(4, 640, 0, 4), 'voice')
    t.same(await read('tracks/caller-voice-1.rtpj'), ['2'])
    t.same(await read('tracks/caller-voice-2.rtpj'), ['paused'])
  },
)
