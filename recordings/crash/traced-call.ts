/** Started by a test: records and seals a short call while every request to the disk is noted; writes the notes to a file. */
import { writeFileSync as writeNotes } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { serialize } from 'node:v8'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallArchive } from '../archive/call-archive.ts'
import { quietLog, rtpPacket } from '../fixture.ts'
import { SealKey } from '../seal/seal-key.ts'
import { Flusher } from '../tracks/flusher.ts'
import { FsTrace } from './fs-trace.ts'

const [root, notes] = process.argv.slice(2)
if (root === undefined || notes === undefined) throw new Error('usage: traced-call.ts <root> <notes>')
const key = await SealKey.loadOrCreate(join(root, 'keys'))
const save = writeNotes
const trace = FsTrace.install(join(root, 'recordings'))

const startedMs = performance.now()
const nowMs = () => performance.now() - startedMs
const callId = newId('call')
const archive = await CallArchive.open({
  ...{ root: join(root, 'recordings'), callId, nowMs, logger: quietLog },
  onDegraded: reason => {
    throw new Error(reason)
  },
  flusher: new Flusher({ flushMs: 60 }),
})
const agent = { id: newId('user'), name: 'Lin' }
const answeredAt = new Date().toISOString()
const append = (event: Parameters<typeof archive.journal.append>[0]) => {
  const { seq } = archive.journal.append(event)
  trace.promised(`entry ${seq}`)
}
append({ type: 'call.answered', callId, wallClock: answeredAt, from: '1', to: '2', agent, voiceCodec: 'PCMU' })
const voice = { codec: 'PCMU', payloadType: 0, clockRate: 8000 }
const caller = archive.openTrack({ track: 'caller-voice', ...voice })
const tracks = [caller, archive.openTrack({ track: 'agent-voice', ...voice })]
for (let i = 0; i < 90; i++) {
  for (const track of tracks)
    track.rtp(rtpPacket({ sequence: i, timestamp: i * 160, payload: Buffer.alloc(160, i & 0xff) }))
  if (i % 9 === 0) append({ type: 'voice.found' })
  if (i === 20)
    tracks.push(archive.openTrack({ track: 'caller-camera', codec: 'VP8', payloadType: 96, clockRate: 90_000 }))
  if (i === 45 || i === 75) {
    const file = await archive.addFile(`pages/page_${i}.webp`, Buffer.alloc(3000, i))
    trace.promised(`file ${file.file} ${file.sha256}`)
  }
  await setTimeout(15)
}
const facts = { from: '1', to: '2', agent, answeredAt, participants: [] }
await archive.seal({ end: { cause: 'caller-hung-up' }, facts, key })
trace.promised('sealed')
save(notes, serialize({ callId, day: new Date().toISOString().slice(0, 10), ops: trace.ops }))
