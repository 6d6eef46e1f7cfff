import { childJob } from '../../../recordings/child-job.ts'
import type { SealKey } from '../../../recordings/seal/seal-key.ts'
import type { ExportFailure, ExportOrder, ExportReply, ExportResult, SignedText } from './export-order.ts'

const PROCESS_FILE = new URL('./export-process.ts', import.meta.url)
/** A long call on a slow disk takes minutes; a hung process would take for ever. */
const TIMEOUT_MS = 60 * 60_000

export class ExportError extends Error {
  override name = 'ExportError'
  readonly code: ExportFailure
  constructor(code: ExportFailure, message: string) {
    super(message)
    this.code = code
  }
}

/** Makes one export in a low-priority process of its own. The private key does not leave this process. @throws ExportError */
export async function exportInChild(
  order: ExportOrder,
  o: { readonly sealKey: SealKey; readonly onProgress: (progress: number) => void; readonly signal: AbortSignal },
): Promise<ExportResult> {
  if (o.signal.aborted) throw new ExportError('failed', 'stopped')
  let reply: ExportReply | undefined
  const { how, late } = await childJob<ExportReply>({
    script: PROCESS_FILE,
    order,
    timeoutMs: TIMEOUT_MS,
    signal: o.signal,
    onMessage: (message, send) => {
      if (message.say === 'progress') o.onProgress(message.progress)
      else if (message.say === 'sign')
        send({ say: 'signed', signature: o.sealKey.sign(message.text) } satisfies SignedText)
      else reply = message
    },
  })
  if (reply?.say === 'done') return { bytes: reply.bytes, sha256: reply.sha256 }
  if (late) throw new ExportError('timeout', 'the export took too long')
  if (reply?.say === 'failed') throw new ExportError(reply.code, reply.message)
  throw new ExportError('failed', how)
}
