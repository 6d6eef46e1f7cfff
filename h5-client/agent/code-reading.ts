import type { Point } from '../../signaling/protocol/mark.ts'
import type { Code } from '../../signaling/protocol/reading.ts'
import type { Size } from '../shared/picture-rect.ts'

/** zxing's names of what the protocol knows; variants (QR model 1, ISBN) are told by their family. */
const FORMATS: Readonly<Record<string, Code['format']>> = {
  QRCode: 'qr',
  QRCodeModel1: 'qr',
  QRCodeModel2: 'qr',
  DataMatrix: 'data-matrix',
  EAN13: 'ean-13',
  ISBN: 'ean-13',
  EAN8: 'ean-8',
  UPCA: 'upc-a',
  UPCE: 'upc-e',
  Code128: 'code-128',
  Code39: 'code-39',
  Code39Std: 'code-39',
  Code39Ext: 'code-39',
  PDF417: 'pdf417',
  CompactPDF417: 'pdf417',
  Aztec: 'aztec',
  AztecCode: 'aztec',
  ITF: 'itf',
  ITF14: 'itf',
  Codabar: 'codabar',
}

type Place = { readonly x: number; readonly y: number }
/** What the decoder says of one code, in pixels of the frame. */
export type ReadCode = {
  readonly format: string
  readonly text: string
  readonly position: {
    readonly topLeft: Place
    readonly topRight: Place
    readonly bottomRight: Place
    readonly bottomLeft: Place
  }
}

/** A decoder's result in the protocol's words; undefined for formats the protocol does not carry and for empty codes. */
export function asCode(read: ReadCode, frame: Size): Code | undefined {
  const format = FORMATS[read.format]
  if (format === undefined || read.text === '') return undefined
  const unit = (value: number) => Math.min(1, Math.max(0, value))
  const { topLeft, topRight, bottomRight, bottomLeft } = read.position
  const corners = [topLeft, topRight, bottomRight, bottomLeft].map(
    ({ x, y }): Point => [unit(x / frame.width), unit(y / frame.height)],
  )
  return { format, text: read.text.slice(0, 4_000), corners }
}

/** Two readings of one code are the same code, wherever the camera has moved. */
export function codeKey(code: Code): string {
  return `${code.format}:${code.text}`
}

/** What the worker is asked, and what it answers; both carry the number of the frame. */
export type CodeQuestion = { readonly frame: number; readonly bitmap: ImageBitmap }
export type CodeAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'read'; readonly frame: number; readonly codes: readonly Code[] }
  | { readonly kind: 'failed'; readonly reason: string }
