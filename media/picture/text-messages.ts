import type { DocumentKind, RecognisedText, Region } from '../../signaling/protocol/reading.ts'
import type { ReadDocument } from './documents/read-document.ts'

/** What the reader found; the owner adds which page it was. */
export type ReadText = Omit<RecognisedText, 'pageId'>
export type TextLine = ReadText['lines'][number]

/** Parent to text process; the pool adds a number. `document`: fields of that kind rather than text. */
export type TextJob = {
  readonly image: Uint8Array
  readonly region?: Region
  readonly document?: DocumentKind
}
export type TextResult =
  | { readonly kind: 'text'; readonly text: ReadText }
  | { readonly kind: 'document'; readonly document: ReadDocument }
