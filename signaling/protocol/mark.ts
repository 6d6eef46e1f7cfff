import * as z from 'zod'
import { MarkId, PageId } from './ids.ts'
import { MARK_COLOURS, STAMPS } from './mark-kinds.ts'

/** 0..1 of the picture as encoded, so that phone, workbench and replay agree whatever their pixel size. */
const unit = z.number().min(0).max(1)
export const Point = z.tuple([unit, unit])
export type Point = z.infer<typeof Point>

/** What is drawn on: the live picture, or a page. */
export const Surface = z.union([z.literal('live'), PageId])

const common = { id: MarkId, colour: z.enum(MARK_COLOURS) }
const points = z.array(Point).min(1).max(500)

/**
 * One drawing. All shapes grow by appended points, so that one message and one fold serve them all:
 * pen and highlighter are the line through their points; line, arrow, circle and box run from the first point to the
 * last one (circle and box fill that rectangle); a text stands with its left baseline, a stamp with its centre, at the
 * first point. A numbered arrow gets its number from the server: the next one free on its page.
 */
export const Mark = z.discriminatedUnion('shape', [
  z.object({ ...common, shape: z.literal('pen'), points }),
  z.object({ ...common, shape: z.literal('highlighter'), points }),
  z.object({ ...common, shape: z.literal('line'), points }),
  z.object({ ...common, shape: z.literal('arrow'), points, number: z.number().int().min(1).max(999).optional() }),
  z.object({ ...common, shape: z.literal('circle'), points }),
  z.object({ ...common, shape: z.literal('box'), points }),
  z.object({ ...common, shape: z.literal('text'), points, text: z.string().min(1).max(200) }),
  z.object({ ...common, shape: z.literal('stamp'), points, stamp: z.enum(STAMPS) }),
])
export type Mark = z.infer<typeof Mark>
export type MarkShape = Mark['shape']

/** Where a mark on live video was drawn: the frame the author saw, and what that frame looked like. */
export const Anchor = z.object({
  rtpTimestamp: z.number().int().nonnegative(),
  /** The encoded frame; its shape tells a turned phone apart. */
  widthPx: z.number().int().positive(),
  heightPx: z.number().int().positive(),
  /** Counts the turns of the phone (`camera.turned`). */
  epoch: z.number().int().nonnegative(),
  /** Features of the frame, base64 (see h5-client/shared/tracking/README.md): the phone finds the place again by them. */
  features: z.string().max(40_000).optional(),
})
export type Anchor = z.infer<typeof Anchor>

/** Where a live mark is now: maps the anchor frame (0..1) to the frame of `rtpTimestamp` (0..1), row by row. */
export const MarkPose = z.object({
  markId: MarkId,
  rtpTimestamp: z.number().int().nonnegative(),
  state: z.enum(['tracking', 'lost']),
  homography: z.array(z.number()).length(9).optional(),
})
export type MarkPose = z.infer<typeof MarkPose>
