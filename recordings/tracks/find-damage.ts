import { createHash } from 'node:crypto'
import type { ByteSource } from '../vault/byte-source.ts'
import { isCheckpointBody } from './read-rtp-journal.ts'
import { CHECKPOINT_BYTES, CHECKPOINT_MARK, RECORD_CHECKPOINT, RECORD_HEAD_BYTES } from './rtpj-format.ts'

const PIECE_BYTES = 1024 * 1024

export type TrackDamage = {
  readonly fromByte: number
  readonly toByte: number
  /** No checkpoint is wrong or out of its place: the file just ends too early. */
  readonly cutOff: boolean
}

/**
 * Narrows down where a track file was altered: the first stretch between two checkpoints whose running hash is wrong,
 * or the bytes after the last checkpoint. It looks for checkpoints by their own marks, not record by record, so a
 * changed length field does not hide the rest. Undefined when every checkpoint is right and the last one ends the file.
 */
export async function findDamage(source: ByteSource): Promise<TrackDamage | undefined> {
  const hash = createHash('sha256')
  let goodTo = 0
  let window = Buffer.alloc(0)
  let windowAt = 0
  /** Absolute offset up to which bytes went into the hash. */
  let hashedTo = 0
  /** A checkpoint that was written for another place: bytes before it were taken out or put in. */
  let displaced = false
  const feed = (to: number) => {
    hash.update(window.subarray(hashedTo - windowAt, to - windowAt))
    hashedTo = to
  }
  for (;;) {
    const piece = await source.read(windowAt + window.length, PIECE_BYTES)
    if (piece.length === 0) break
    window = Buffer.concat([window, piece])
    for (let mark = window.indexOf(CHECKPOINT_MARK); mark !== -1; mark = window.indexOf(CHECKPOINT_MARK, mark + 1)) {
      const start = mark - RECORD_HEAD_BYTES
      const end = start + CHECKPOINT_BYTES
      if (end > window.length) break
      if (start < hashedTo - windowAt || window[start] !== RECORD_CHECKPOINT) continue
      const body = window.subarray(mark, end)
      if (!isCheckpointBody(body, windowAt + start)) {
        displaced = true
        continue
      }
      feed(windowAt + start)
      const right = hash.copy().digest().equals(body.subarray(12))
      if (!right) return { fromByte: goodTo, toByte: windowAt + end, cutOff: false }
      goodTo = windowAt + end
    }
    // Keep what a checkpoint across the piece boundary may need.
    const keepFrom = Math.max(windowAt + window.length - CHECKPOINT_BYTES, hashedTo)
    feed(keepFrom)
    window = window.subarray(keepFrom - windowAt)
    windowAt = keepFrom
  }
  return goodTo === source.bytes ? undefined : { fromByte: goodTo, toByte: source.bytes, cutOff: !displaced }
}
