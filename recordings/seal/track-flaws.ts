import type { ArchiveProblem, FileRecord } from '../../signaling/protocol/archive.ts'
import { findDamage } from '../tracks/find-damage.ts'
import { parseHeader } from '../tracks/read-rtp-journal.ts'
import { MAX_HEADER_BYTES, RTPJ_MAGIC } from '../tracks/rtpj-format.ts'
import type { ByteSource } from '../vault/byte-source.ts'

/** What is wrong with a track file that is not the sealed one, as closely as its header and checkpoints tell. */
export async function trackFlaws(source: ByteSource, record: FileRecord, callId: string): Promise<ArchiveProblem[]> {
  const file = record.path
  const foreign = await foreignCall(source, callId)
  if (foreign !== undefined) return [{ kind: 'call-swapped', file, callId: foreign }]
  const damage = await findDamage(source)
  if (source.bytes < record.bytes && damage?.cutOff !== false)
    return [{ kind: 'tail-removed', file, fromByte: source.bytes, missingBytes: record.bytes - source.bytes }]
  if (damage === undefined) return []
  return [{ kind: 'track-checkpoint-wrong', file, fromByte: damage.fromByte, toByte: damage.toByte }]
}

/** The call the track says it belongs to, when that is a proper header of another one. */
async function foreignCall(source: ByteSource, callId: string): Promise<string | undefined> {
  try {
    const { header } = parseHeader(await source.read(0, RTPJ_MAGIC.length + 4 + MAX_HEADER_BYTES))
    // One flipped bit in the id is damage, not another call: the body's checkpoints then deny the header.
    return header.callId === callId || (await findDamage(source)) !== undefined ? undefined : header.callId
  } catch {
    return undefined
  }
}
