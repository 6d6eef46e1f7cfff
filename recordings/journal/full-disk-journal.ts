/** Started by a test under a file size limit, which it lifts itself half-way. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { CallJournal } from './call-journal.ts'

const [root] = process.argv.slice(2)
if (root === undefined) throw new Error('usage: full-disk-journal.ts <root>')
process.on('SIGXFSZ', () => undefined)
const degraded: string[] = []
const path = join(root, 'journal.jsonl')
const journal = new CallJournal({ path, nowMs: () => 0, onDegraded: reason => degraded.push(reason) })
for (let i = 0; i < 200; i++) {
  journal.append({ type: 'recording.degraded', reason: `entry ${i}` })
  if (i === 150 && journal.unwrittenBytes > 0) spawnSync('prlimit', [`--pid=${process.pid}`, '--fsize=unlimited'])
}
await journal.close()
process.send?.({ degraded, entries: journal.entries })
process.disconnect()
