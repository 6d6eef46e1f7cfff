import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { type CallFiles, NoSuchFile } from '../../recordings/vault/call-files.ts'
import { AppError } from '../../signaling/protocol/errors.ts'

/** Sends one file of a record, or the range the player asks for. @throws AppError `not-found` */
export async function serveCallFile(
  files: CallFiles,
  path: string,
  request: Request,
  response: Response,
): Promise<void> {
  const bytes = await sizeOf(files, path)
  response.type(extname(path) === '.rtpj' ? 'application/octet-stream' : extname(path))
  response.setHeader('Accept-Ranges', 'bytes')
  const range = rangeOf(request.headers.range, bytes)
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${bytes}`)
    response.status(416).end()
    return
  }
  const { from, to } = range ?? { from: 0, to: bytes }
  response.setHeader('Content-Length', to - from)
  if (range !== undefined) response.status(206).setHeader('Content-Range', `bytes ${from}-${to - 1}/${bytes}`)
  const stream = await files.stream(path, { from, to })
  try {
    await pipeline(stream, response)
  } catch (error) {
    // A player that stops reading is no error.
    if (!response.destroyed || !isEarlyClose(error)) throw error
  }
}

async function sizeOf(files: CallFiles, path: string): Promise<number> {
  try {
    const source = await files.open(path)
    await source.close()
    return source.bytes
  } catch (error) {
    if (error instanceof NoSuchFile) throw new AppError('not-found', 'no such file in this record')
    throw error
  }
}

/** One range of bytes, RFC 9110 section 14.1.2; several, or what cannot be read, count as none. `to` is exclusive. */
export function rangeOf(header: string | undefined, bytes: number) {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const to = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  return from >= to ? ('unsatisfiable' as const) : { from, to }
}

function isEarlyClose(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'EPIPE' || code === 'ECONNRESET'
}
