/** Started by a test to be killed: records a call in real time and tells its parent what it has written. */
import { newId } from '../signaling/protocol/new-id.ts'
import { CallArchive } from './archive/call-archive.ts'
import { quietLog, rtpPacket } from './fixture.ts'

const [root] = process.argv.slice(2)
if (root === undefined) throw new Error('usage: doomed-call.ts <root>')
const startedMs = performance.now()
const nowMs = () => performance.now() - startedMs
const callId = newId('call')
const archive = await CallArchive.open({ root, callId, nowMs, logger: quietLog, onDegraded: () => undefined })
const agent = { id: newId('user'), name: 'Lin' }
const wallClock = new Date().toISOString()
archive.journal.append({ type: 'call.answered', callId, wallClock, from: '1', to: '2', agent, voiceCodec: 'PCMU' })
await archive.addFile('pages/one.webp', Buffer.from('picture'))
const voice = { codec: 'PCMU', payloadType: 0, clockRate: 8000 }
const tracks = [
  archive.openTrack({ track: 'caller-voice', ...voice }),
  archive.openTrack({ track: 'agent-voice', ...voice }),
  archive.openTrack({ track: 'caller-camera', codec: 'VP8', payloadType: 96, clockRate: 90_000 }),
]
let sequence = 0
setInterval(() => {
  sequence += 1
  for (const track of tracks) track.rtp(rtpPacket({ sequence, timestamp: sequence * 160, payload: Buffer.alloc(160) }))
  const sentAtMs = nowMs()
  const entry = sequence % 3 === 0 ? archive.journal.append({ type: 'voice.found' }) : undefined
  process.send?.({ sentAtMs, ...(entry === undefined ? {} : { told: entry.seq }) })
}, 20)
