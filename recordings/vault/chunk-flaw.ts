import type { ArchiveProblem } from '../../signaling/protocol/archive.ts'
import { CallId } from '../../signaling/protocol/ids.ts'
import type { ByteSource } from './byte-source.ts'
import { isSafePath } from './safe-path.ts'
import { CHUNK_BYTES, FIXED_HEAD_BYTES, MAX_HEAD_BYTES, readHead, TAG_BYTES } from './vault-format.ts'
import { MARK_BYTES, markOf, type VaultFileRecord } from './vault-list.ts'

const STORED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES

/** What is wrong with a stored file that is not the listed one, told by the marks of its head and chunks. */
export async function chunkFlaw(
  source: ByteSource,
  record: VaultFileRecord,
  callId: string,
): Promise<ArchiveProblem[]> {
  const file = record.path
  const headBytes = FIXED_HEAD_BYTES + Buffer.byteLength(callId) + Buffer.byteLength(file)
  const marks = split(Buffer.from(record.marks, 'base64'))
  const listed = marks.slice(1)
  const found = await marksOf(source, headBytes)
  const foundHead = found.shift() ?? ''
  const wrong = found.flatMap((mark, index) => (mark === listed[index] ? [] : [index]))
  const missingBytes = record.storedBytes - source.bytes

  const head = readHead(await source.read(0, MAX_HEAD_BYTES))
  if (foundHead !== marks[0]) {
    if (source.bytes < headBytes) return [{ kind: 'tail-removed', file, fromByte: source.bytes, missingBytes }]
    // When the chunks are the listed ones, only the head was altered, whatever it says now.
    const bodyIsOurs = wrong.length < Math.max(1, found.length)
    if (!bodyIsOurs && head !== undefined && head.callId !== callId && CallId.safeParse(head.callId).success)
      return [{ kind: 'call-swapped', file, callId: head.callId }]
    if (!bodyIsOurs && head?.callId === callId && head.path !== file && isSafePath(head.path))
      return [{ kind: 'file-swapped', file, with: head.path }]
    return [{ kind: 'file-head-wrong', file }]
  }
  // Only what was cut in two may differ, and it is the last there is.
  if (missingBytes > 0 && wrong.every(index => index === found.length - 1))
    return [{ kind: 'tail-removed', file, fromByte: source.bytes, missingBytes }]
  const first = wrong[0]
  if (first === undefined) return []
  if (isPermutation(found, listed)) return [{ kind: 'chunks-reordered', file, chunk: first }]
  let last = first
  while (wrong.includes(last + 1)) last += 1
  const at = (chunk: number) => Math.min(source.bytes, headBytes + chunk * STORED_CHUNK_BYTES)
  return [{ kind: 'chunks-wrong', file, firstChunk: first, lastChunk: last, fromByte: at(first), toByte: at(last + 1) }]
}

async function marksOf(source: ByteSource, headBytes: number): Promise<string[]> {
  const marks = [markOf(await source.read(0, headBytes)).toString('hex')]
  for (let at = headBytes; at < source.bytes; at += STORED_CHUNK_BYTES)
    marks.push(markOf(await source.read(at, STORED_CHUNK_BYTES)).toString('hex'))
  return marks
}

function split(marks: Buffer): string[] {
  const count = Math.floor(marks.length / MARK_BYTES)
  return Array.from({ length: count }, (_, i) => marks.toString('hex', i * MARK_BYTES, (i + 1) * MARK_BYTES))
}

function isPermutation(found: readonly string[], listed: readonly string[]): boolean {
  return found.length === listed.length && [...found].sort().join() === [...listed].sort().join()
}
