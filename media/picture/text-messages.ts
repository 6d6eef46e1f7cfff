import type { RecognisedText, Region } from '../../signaling/protocol/reading.ts'

/** What the reader found; the owner adds which snapshot it was. */
export type ReadText = Omit<RecognisedText, 'pageId'>
export type TextLine = ReadText['lines'][number]

/** Parent to text process. */
export type TextJob = { readonly id: number; readonly image: Uint8Array; readonly region?: Region }

/** Text process to parent. */
export type TextAnswer =
  | { readonly kind: 'warm' }
  | { readonly kind: 'read'; readonly id: number; readonly result: ReadText }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: 'bad-picture' | 'engine' }
