import type { PageId } from '../../signaling/protocol/ids.ts'
import { getJson, HttpRefusal } from '../shared/http.ts'

export type PushedDocument = { readonly documentId: string; readonly name: string; readonly pages: number }
export type PushedFile =
  | { readonly kind: 'page'; readonly pageId: PageId }
  | ({ readonly kind: 'document' } & PushedDocument)

/** 25 MB over a slow line of an office. */
const TIMEOUT_MS = 120_000
export const MAX_FILE_BYTES = 25 * 1024 * 1024

/** A refusal with the server's own reason (`encrypted`, `too-many-pixels`, …) where it gives one. */
export class FileRefused extends HttpRefusal {
  override name = 'FileRefused'
  readonly reason: string | undefined
  constructor(status: number, body: { code?: HttpRefusal['code']; message?: string; reason?: string }) {
    super(status, body.code ?? 'internal', body.message ?? `HTTP ${status}`)
    this.reason = body.reason
  }
}

/** Hands a picture or a PDF over as it is. @throws FileRefused, HttpRefusal `lost` */
export async function postFile(callId: string, file: File): Promise<PushedFile> {
  if (file.size > MAX_FILE_BYTES) throw new FileRefused(413, { code: 'bad-request', reason: 'too-large' })
  let response: Response
  try {
    response = await fetch(`/api/calls/${callId}/push`, {
      method: 'POST',
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        'content-type': /^image\/|^application\/pdf$/.test(file.type) ? file.type : 'application/octet-stream',
        'x-file-name': encodeURIComponent(file.name),
      },
      body: file,
    })
  } catch (cause) {
    throw new HttpRefusal(0, 'lost', 'the file did not get through', { cause })
  }
  const body: unknown = await response.json().catch(() => ({}))
  if (!response.ok) throw new FileRefused(response.status, body as object)
  return body as PushedFile
}

export async function documentsOf(callId: string): Promise<readonly PushedDocument[]> {
  return (await getJson<{ documents: PushedDocument[] }>(`/api/calls/${callId}/documents`)).documents
}

export const thumbnailAddress = (callId: string, documentId: string, page: number): string =>
  `/api/calls/${callId}/documents/${documentId}/${page}`

export const diagramAddress = (diagramId: string, version: number): string => `/api/library/${diagramId}/${version}`
