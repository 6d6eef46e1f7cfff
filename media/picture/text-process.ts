/**
 * The process that reads text, forked by TextReader. Everything heavy (decoding, enlarging, recognition)
 * happens here at the lowest priority, so that the media process never waits for it.
 */
import { setPriority } from 'node:os'
import type { ChildAnswer } from './child-pool.ts'
import type { TextJob, TextResult } from './text-messages.ts'

// Before the engines' and sharp's threads exist: on Linux each thread inherits the niceness of its creator.
setPriority(19)
const { createEngines } = await import('./text-engine.ts')
const { greyOf } = await import('./grey.ts')
const { readGrey } = await import('./text-reading.ts')
const { readDocument } = await import('./documents/read-document.ts')

function answer(message: ChildAnswer<TextResult>): void {
  if (process.connected) process.send?.(message, () => {})
}

const engines = await createEngines()
const close = () => Promise.all([engines.latin.close(), engines.chinese.close()])

async function read({ id, image, region, document }: TextJob & { id: number }): Promise<ChildAnswer<TextResult>> {
  let grey: Awaited<ReturnType<typeof greyOf>>
  try {
    grey = await greyOf(image, region)
  } catch {
    return { kind: 'failed', id, reason: 'bad-picture' }
  }
  try {
    if (document !== undefined) {
      return { kind: 'done', id, result: { kind: 'document', document: await readDocument(engines, grey, document) } }
    }
    return { kind: 'done', id, result: { kind: 'text', text: await readGrey(engines, grey, region) } }
  } catch {
    return { kind: 'failed', id, reason: 'engine' }
  }
}

process.on('message', (job: TextJob & { id: number }) => {
  void read(job).then(answer)
})
// The parent is gone or closed us: without the engines' threads nothing keeps this process alive.
process.on('disconnect', () => void close())
if (process.connected) answer({ kind: 'warm' })
else await close()
