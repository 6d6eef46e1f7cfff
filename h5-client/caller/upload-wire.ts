import type { CallId, PageId, UploadId } from '../../signaling/protocol/ids.ts'

export type NewFile = {
  readonly name: string
  readonly type: string
  readonly sizeBytes: number
  readonly lastModifiedMs: number
}
export type Begun = { readonly uploadId: UploadId; readonly chunkBytes: number; readonly receivedBytes: number }
export type Received = { readonly receivedBytes: number; readonly pageId?: PageId; readonly refused?: string }

/**
 * What keeps a chunk from being taken. `lost`: the network, go on later; `wait`: the server, go on later; `offset`: go on
 * from somewhere else; `refused`: never, for a reason.
 */
export type UploadTrouble =
  | { readonly kind: 'lost' | 'wait' }
  | { readonly kind: 'offset'; readonly receivedBytes: number }
  | { readonly kind: 'refused'; readonly reason: string }

export class UploadStopped extends Error {
  override name = 'UploadStopped'
  readonly trouble: UploadTrouble
  constructor(trouble: UploadTrouble) {
    super(trouble.kind)
    this.trouble = trouble
  }
}

/** The three requests of a resumable upload (docs/SPEC.md, PIC). */
export type UploadWire = {
  /** @throws UploadStopped */
  begin(file: NewFile, signal: AbortSignal): Promise<Begun>
  /** @throws UploadStopped */
  state(uploadId: UploadId, signal: AbortSignal): Promise<Received>
  /** @throws UploadStopped */
  append(uploadId: UploadId, offset: number, chunk: Blob, signal: AbortSignal): Promise<Received>
}

/** A chunk of a quarter megabyte at 50 kbit/s; a dead connection is noticed no later. */
const TIMEOUT_MS = 50_000

export function uploadWire(callId: CallId): UploadWire {
  const base = `/api/calls/${callId}/uploads`
  return {
    begin: (file, signal) =>
      ask<Begun>(
        base,
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(file) },
        signal,
      ),
    state: (uploadId, signal) => ask<Received>(`${base}/${uploadId}`, {}, signal),
    append: (uploadId, offset, chunk, signal) =>
      ask<Received>(
        `${base}/${uploadId}?offset=${offset}`,
        { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: chunk },
        signal,
      ),
  }
}

async function ask<T>(path: string, init: RequestInit, signal: AbortSignal): Promise<T> {
  const abort = new AbortController()
  const stop = () => abort.abort()
  signal.addEventListener('abort', stop)
  const timer = setTimeout(stop, TIMEOUT_MS)
  try {
    const response = await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store', signal: abort.signal })
    const body = (await response.json().catch(() => ({}))) as T & { reason?: string; receivedBytes?: number }
    if (response.ok) return body
    throw new UploadStopped(troubleOf(response.status, body))
  } catch (error) {
    if (error instanceof UploadStopped) throw error
    throw new UploadStopped({ kind: 'lost' })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

/** Pure: what a status and its facts mean for the file. */
export function troubleOf(status: number, facts: { reason?: string; receivedBytes?: number }): UploadTrouble {
  const { reason, receivedBytes } = facts
  if (receivedBytes !== undefined) return { kind: 'offset', receivedBytes }
  if (reason === 'busy' || reason === 'timeout' || reason === 'crashed') return { kind: 'wait' }
  if (reason !== undefined) return { kind: 'refused', reason }
  if (status === 403) return { kind: 'refused', reason: 'no-upload' }
  // Not sent again by itself when the card shutter opens: it may show what was behind it.
  if (status === 423) return { kind: 'refused', reason: 'paused' }
  if (status === 410) return { kind: 'refused', reason: 'call-ended' }
  if (status === 429 || status >= 500 || status === 408) return { kind: 'wait' }
  return { kind: 'refused', reason: 'other' }
}
