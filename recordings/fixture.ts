import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '../signaling/protocol/new-id.ts'
import { CallArchive } from './archive/call-archive.ts'
import type { Log } from './log.ts'
import { SealKey } from './seal/seal-key.ts'
import { Flusher } from './tracks/flusher.ts'

/** A folder of its own that goes away with the test. */
export async function temporaryFolder(t: { teardown(fn: () => unknown): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'recordings-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** A call clock moved by hand. */
export class HandClock {
  ms = 0
  readonly nowMs = (): number => this.ms
}

/** A plain RTP packet (RFC 3550) without extensions. */
export function rtpPacket(o: {
  sequence: number
  timestamp: number
  payload: Uint8Array
  payloadType?: number
  ssrc?: number
  marker?: boolean
}): Buffer {
  const packet = Buffer.alloc(12 + o.payload.length)
  packet[0] = 0x80
  packet[1] = (o.payloadType ?? 0) | (o.marker === true ? 0x80 : 0)
  packet.writeUInt16BE(o.sequence & 0xffff, 2)
  packet.writeUInt32BE(o.timestamp >>> 0, 4)
  packet.writeUInt32BE((o.ssrc ?? 0x11223344) >>> 0, 8)
  packet.set(o.payload, 12)
  return packet
}

/** An open archive of an answered call with a hand clock, a key and a flusher of its own. */
export async function answeredCall(t: { teardown(fn: () => unknown): void }) {
  const root = await temporaryFolder(t)
  const clock = new HandClock()
  const degraded: string[] = []
  const flusher = new Flusher({ flushMs: 50 })
  const callId = newId('call')
  const archive = await CallArchive.open({
    root,
    callId,
    nowMs: clock.nowMs,
    logger: quietLog,
    onDegraded: reason => degraded.push(reason),
    flusher,
  })
  const key = await SealKey.loadOrCreate(join(root, 'keys'))
  const agent = { id: newId('user'), name: 'Lin' }
  const facts = { from: '1001', to: '2002', agent, answeredAt: '2026-01-02T03:04:05.000Z', participants: [] }
  const answer = () =>
    archive.journal.append({
      type: 'call.answered',
      callId,
      wallClock: facts.answeredAt,
      from: facts.from,
      to: facts.to,
      agent,
      voiceCodec: 'PCMU',
    })
  return { root, clock, degraded, flusher, callId, archive, key, facts, answer }
}

/** Twenty milliseconds of G.711 per packet on both voice tracks, `packets` long; moves the clock. */
export function talk(call: Awaited<ReturnType<typeof answeredCall>>, packets: number) {
  const voice = { codec: 'PCMU', payloadType: 0, clockRate: 8000 }
  const caller = call.archive.openTrack({ track: 'caller-voice', ...voice })
  const agent = call.archive.openTrack({ track: 'agent-voice', ...voice })
  for (let i = 0; i < packets; i++) {
    call.clock.ms += 20
    const payload = Buffer.alloc(160, i & 0xff)
    caller.rtp(rtpPacket({ sequence: i, timestamp: i * 160, payload }))
    agent.rtp(rtpPacket({ sequence: i, timestamp: i * 160, payload, ssrc: 7 }))
  }
  return { caller, agent }
}
