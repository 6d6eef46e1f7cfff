import * as z from 'zod'
import { MarkId } from './ids.ts'

/** 0..1 of the picture as encoded, so that phone, workbench and replay agree whatever their pixel size. */
const unit = z.number().min(0).max(1)
export const Point = z.tuple([unit, unit])
export type Point = z.infer<typeof Point>

export const MARK_COLOURS = ['red', 'yellow', 'green', 'blue', 'white'] as const
const common = { id: MarkId, colour: z.enum(MARK_COLOURS) }
const points = z.array(Point).min(1).max(500)

/**
 * One drawing. All shapes grow by appended points, so that one message and one fold serve them all:
 * a pen is the line through its points; arrow and circle run from the first point to the last one
 * (the circle is the ellipse inside that box); a text stands with its left baseline at the first point.
 */
export const Mark = z.discriminatedUnion('shape', [
  z.object({ ...common, shape: z.literal('pen'), points }),
  z.object({ ...common, shape: z.literal('arrow'), points }),
  z.object({ ...common, shape: z.literal('circle'), points }),
  z.object({ ...common, shape: z.literal('text'), points, text: z.string().min(1).max(200) }),
])
export type Mark = z.infer<typeof Mark>
