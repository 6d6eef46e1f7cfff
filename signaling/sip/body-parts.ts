import type { SrfMessage } from './srf-facade.ts'

export type BodyPart = { readonly type: string; readonly content: string }

const MAX_PARTS = 16

/**
 * What a message carries, part by part (RFC 2046 section 5.1.1). drachtio-srf splits bodies too, but leaves the closing
 * delimiter in the last part and tolerates no parameter after the boundary.
 */
export function bodyParts(message: Pick<SrfMessage, 'body' | 'get'>): readonly BodyPart[] {
  const body = message.body ?? ''
  if (body.trim() === '') return []
  const type = message.get('Content-Type')?.trim() ?? ''
  if (!/^multipart\//i.test(type)) return [{ type, content: body }]
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) return []
  const parts: BodyPart[] = []
  // The line break before a delimiter belongs to it.
  for (const piece of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1)) {
    if (piece.startsWith('--') || parts.length >= MAX_PARTS) break
    const start = piece.indexOf('\r\n')
    const end = piece.indexOf('\r\n\r\n', start)
    if (start < 0 || end < 0) continue
    const header = /^content-type:\s*(.+)$/im.exec(piece.slice(start, end))?.[1]
    parts.push({ type: header?.trim() ?? 'text/plain', content: piece.slice(end + 4) })
  }
  return parts
}
