/** Child process of `Exporter`: makes one export at low priority; order, signatures and answer go over IPC. */
import { once } from 'node:events'
import { setPriority } from 'node:os'
import type { ExportFailure, ExportOrder, ExportReply, SignedText } from './export-order.ts'
import { runExport } from './run-export.ts'

const NICE = 15
// Decrypting, packing and drawing wait behind live calls.
setPriority(0, NICE)
process.umask(0o077)

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
// The server is gone: nobody waits for the result any more.
process.once('disconnect', () => stop.abort())

const say = (reply: ExportReply, done?: () => void) => {
  if (process.connected) process.send?.(reply, undefined, undefined, () => done?.())
}
const [order] = (await once(process, 'message', { signal: stop.signal })) as [ExportOrder]
let told = 0
try {
  const result = await runExport(order, {
    signal: stop.signal,
    sign: async text => {
      const answer = once(process, 'message', { signal: stop.signal })
      say({ say: 'sign', text })
      const [signed] = (await answer) as [SignedText]
      return signed.signature
    },
    onProgress: progress => {
      if (progress - told < 0.01 && progress < 1) return
      told = progress
      say({ say: 'progress', progress })
    },
  })
  say({ say: 'done', ...result }, () => process.disconnect())
} catch (error) {
  process.exitCode = 1
  const message = error instanceof Error ? error.message : String(error)
  say({ say: 'failed', code: codeOf(error), message }, () => process.disconnect())
}

function codeOf(error: unknown): ExportFailure {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' ? 'disk-full' : 'failed'
}
