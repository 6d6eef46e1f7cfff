import * as z from 'zod'
import { PageId, ParticipantId } from './ids.ts'

/** Where the bytes of a picture came from: the reviewer sees it beside the picture. */
export const PictureSource = z.enum([
  /** The key frame the server cut from the live stream. */
  'server-key-frame',
  /** The phone's full-resolution photo (ImageCapture.takePhoto). */
  'phone-photo',
  /** The largest frame of the phone's camera, where it can take no photo. */
  'phone-frame',
  /** A still of the slow scan, sent because the network carries no video. */
  'slow-scan',
  'caller-file',
  'agent-file',
  'pdf-page',
  'library',
])
export type PictureSource = z.infer<typeof PictureSource>

/** One picture of the archive. What is kept is upright, without metadata; `received` says what came in. */
export const Picture = z.object({
  /** Path inside the archive folder. */
  file: z.string(),
  sha256: z.string(),
  type: z.enum(['image/webp', 'image/jpeg', 'image/png']),
  widthPx: z.number().int().positive(),
  heightPx: z.number().int().positive(),
  source: PictureSource,
  /** Of the frame the picture shows; only for pictures cut from the stream, or taken for such a frame. */
  rtpTimestamp: z.number().int().nonnegative().optional(),
  /** The bytes as they arrived, before they were turned upright and freed of metadata (place, device). */
  received: z.object({ sha256: z.string(), bytes: z.number().int(), type: z.string().max(80) }).optional(),
})
export type Picture = z.infer<typeof Picture>

const line = z.string().max(400)
/** One row of a text card: what it is, what it reads, and whether the phone offers to copy it. */
export const CardRow = z.object({ label: z.string().max(60), value: line, copy: z.boolean() })
export type CardRow = z.infer<typeof CardRow>

/** Text the ear is bad at, in large type with a copy button. */
export const Card = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('text'),
    /** What the words on the card are about; the pages choose icon and heading by it. */
    about: z.enum(['invoice', 'wifi', 'order', 'address', 'account', 'text']),
    title: z.string().max(80),
    rows: z.array(CardRow).min(1).max(12),
  }),
  /** Only to domains the operator allows. */
  z.object({ kind: z.literal('link'), title: z.string().max(80), url: z.url().max(1000), host: z.string().max(255) }),
])
export type Card = z.infer<typeof Card>

const common = { id: PageId, by: ParticipantId }
/** A page of the stage: something both sides can look at instead of the live camera, and draw on. */
export const Page = z.discriminatedUnion('kind', [
  /** The agent's shutter. A better picture of the same moment may follow (`page.bettered`). */
  z.object({ ...common, kind: z.literal('camera'), picture: Picture }),
  /** A photo of another shape than the frame it was taken for: a page of its own, so that marks stay where they were drawn. */
  z.object({ ...common, kind: z.literal('photo'), picture: Picture, of: PageId.optional() }),
  z.object({ ...common, kind: z.literal('upload'), picture: Picture, name: z.string().max(120) }),
  z.object({
    ...common,
    kind: z.literal('pushed'),
    picture: Picture,
    title: z.string().max(120),
    from: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('file') }),
      z.object({
        kind: z.literal('pdf'),
        documentId: z.string().max(40),
        page: z.number().int().positive(),
        pages: z.number().int(),
      }),
      /** The very version the customer saw. */
      z.object({
        kind: z.literal('library'),
        diagramId: z.string().max(80),
        version: z.number().int(),
        product: z.string().max(80),
        fault: z.string().max(80),
      }),
    ]),
  }),
  z.object({ ...common, kind: z.literal('card'), card: Card }),
])
export type Page = z.infer<typeof Page>
export type PicturePage = Exclude<Page, { kind: 'card' }>
