import type { ParticipantId } from '../../../signaling/protocol/ids.ts'
import { type Ink, nextArrowNumber } from '../../../signaling/protocol/ink.ts'
import type { Mark, Point } from '../../../signaling/protocol/mark.ts'
import type { MarkColour } from '../../../signaling/protocol/mark-kinds.ts'
import { newId } from '../../../signaling/protocol/new-id.ts'
import type { Surface } from '../../../signaling/protocol/stage.ts'
import type { LocalInk } from './local-ink.ts'
import type { InkTool } from './tools.ts'

/** The mark that a tool begins at a place. `number` only for arrows that number themselves. */
export function newMark(
  tool: Exclude<InkTool, 'text' | 'pointer' | 'eraser'>,
  colour: MarkColour,
  first: Point,
  number: number | undefined,
): Mark {
  const common = { id: newId('mark'), colour, points: [first] }
  if (typeof tool === 'object') return { ...common, shape: 'stamp', stamp: tool.stamp }
  if (tool === 'shape') return { ...common, shape: 'pen' }
  if (tool === 'number') return { ...common, shape: 'arrow', number: number ?? 1 }
  return { ...common, shape: tool }
}

/** The server counts; this is what it will most likely say, with the arrows that it has not confirmed yet. */
export function predictedNumber(
  { ink, on }: { readonly ink: Ink; readonly on: Surface },
  locals: LocalInk,
  me: ParticipantId | undefined,
): number {
  const known = new Set(ink.marks.map(one => one.mark.id))
  const waiting = locals.marks.filter(
    one => one.on === on && !known.has(one.mark.id) && one.mark.shape === 'arrow' && one.mark.number !== undefined,
  )
  return (me === undefined ? 1 : nextArrowNumber(ink, me)) + waiting.length
}
