/** Started by a test under a file size limit: records until packets are lost, goes on when there is room, seals. */
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallArchive } from '../archive/call-archive.ts'
import { quietLog } from '../fixture.ts'
import { SealKey } from '../seal/seal-key.ts'

const [root] = process.argv.slice(2)
if (root === undefined) throw new Error('usage: full-disk-call.ts <root>')
// Without a handler the signal would end the process before write() can fail.
process.on('SIGXFSZ', () => undefined)
const startedMs = performance.now()
const callId = newId('call')
const archive = await CallArchive.open({
  ...{ root, callId, logger: quietLog },
  nowMs: () => performance.now() - startedMs,
  onDegraded: degraded => process.send?.({ degraded }),
})
const agent = { id: newId('user'), name: 'Lin' }
const answeredAt = new Date().toISOString()
archive.journal.append({
  ...{ type: 'call.answered', callId, wallClock: answeredAt },
  ...{ from: '1', to: '2', agent, voiceCodec: 'PCMU' },
})
const track = archive.openTrack({ track: 'caller-camera', codec: 'VP8', payloadType: 96, clockRate: 90_000 })
let told = false
let afterTrouble = 0
while (afterTrouble < 50) {
  for (let i = 0; i < 40; i++) track.rtp(Buffer.alloc(1000, i))
  await setTimeout(10)
  const { packetsLost, queuedBytes } = track.stats
  if (packetsLost > 0 && !told) {
    told = true
    process.send?.({ state: 'dropping' })
  }
  if (told && queuedBytes < 200_000) afterTrouble += 1
}
const record = await track.close()
const { packets, packetsLost: lost } = track.stats
const facts = { from: '1', to: '2', agent, answeredAt, participants: [] }
const key = await SealKey.loadOrCreate(join(root, 'keys'))
await archive.seal({ end: { cause: 'caller-hung-up' }, facts, key })
process.send?.({ folder: archive.folder, packets, lost, record })
process.disconnect()
