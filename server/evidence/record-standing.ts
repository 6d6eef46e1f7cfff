import type { CallId } from '../../signaling/protocol/ids.ts'
import type { RecordStanding } from '../../signaling/protocol/retention.ts'
import type { Certificates } from './certificates.ts'
import type { Retention } from './retention.ts'

type Sources = {
  readonly retention: Pick<Retention, 'processing' | 'ofRecord'>
  readonly certificates: Pick<Certificates, 'last'>
}

/**
 * What became of a record that cannot be opened. `whole`: for people with the right `retention`. Undefined: no record of this id
 * was ever restricted or destroyed here.
 */
export async function standingOf(
  callId: CallId,
  { retention, certificates }: Sources,
  o: { readonly whole: boolean },
): Promise<Exclude<RecordStanding, { kind: 'open' }> | undefined> {
  const last = await certificates.last(callId)
  if (last) {
    const { issuedAt, decision, remaining } = last.certificate
    const { file, sha256 } = last
    const told = { at: issuedAt, because: decision.because, pending: remaining.length }
    return { kind: 'destroyed', ...told, ...(o.whole && { certificate: { file, sha256 } }) }
  }
  const processing = await retention.processing(callId)
  if (processing.kind === 'being-purged') return { kind: 'being-destroyed' }
  if (processing.kind === 'allowed') return undefined
  const { since, requestId } = processing
  if (!o.whole) return { kind: 'restricted', since }
  const { holds } = await retention.ofRecord(callId)
  return { kind: 'restricted', since, requestId, holds }
}
